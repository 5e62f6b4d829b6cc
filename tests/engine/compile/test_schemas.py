"""What core schemas let the compiler do, and that it holds: text or parsed, the values are the same."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal, NamedTuple, Optional, Union
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    Json,
    PlainValidator,
    Strict,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    WrapValidator,
    field_validator,
    model_validator,
)
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypedDict

from martlet._engine.compile.schemas import calls_python, same_from_json, trusted_class, trusted_item_class


def adapter_of(type_: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type_)


def schema(type_: Any) -> Any:
    return adapter_of(type_).core_schema


class Color(Enum):
    red = "red"
    one = 1


class Size(IntEnum):
    small = 1


class Plain(BaseModel):
    name: str
    count: int = 0


class Tool(BaseModel):
    """A model whose defaults look like core schemas."""

    call: dict[str, str] = {"type": "function-call"}
    kinds: list[dict[str, str]] = [{"type": "bytes"}]


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Strictly(BaseModel, strict=True):
    day: date


class Revalidated(BaseModel, revalidate_instances="always"):
    name: str


class Coerced(BaseModel, coerce_numbers_to_str=True):
    name: str


class Base64(BaseModel, val_json_bytes="base64"):
    data: bytes


class Checked(BaseModel):
    name: str

    @field_validator("name")
    @classmethod
    def check(cls, value: str) -> str:
        return value


class WholeChecked(BaseModel):
    name: str

    @model_validator(mode="after")
    def check(self) -> "WholeChecked":
        return self


class WithInit(BaseModel):
    name: str

    def __init__(self, **data: Any) -> None:
        super().__init__(**data)


class PostInit(BaseModel):
    name: str

    def model_post_init(self, context: Any) -> None: ...


class MadeAnew(BaseModel):
    tags: list[str] = Field(default_factory=list)


class Typed(TypedDict):
    name: str


class Pair(NamedTuple):
    left: int
    right: int


@dataclass
class Data:
    name: str
    count: int = 0


@dataclass
class DataMadeAnew:
    tags: list[str] = field(default_factory=list)


@pydantic_dataclass
class DataPostInit:
    name: str

    def __post_init__(self) -> None: ...


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


def same(value: Any) -> Any:
    return value


def told(value: Any, info: ValidationInfo) -> Any:
    return info.mode


@pytest.mark.parametrize(
    "type_",
    [
        *(int, str, list[Plain], Plain, Tool, Tree, Typed, Data, Pair, Pet, Color, Optional[int], Any, Json[list[int]]),
        *(dict[str, Plain], tuple[int, ...], Annotated[int, Field(gt=1)], Literal["a", 1], datetime, UUID, Decimal),
    ],
)
def test_these_are_validated_without_the_users_code(type_: Any) -> None:
    assert not calls_python(schema(type_))


@pytest.mark.parametrize(
    "type_",
    [
        *(Checked, WholeChecked, WithInit, PostInit, MadeAnew, DataMadeAnew, DataPostInit, list[Checked]),
        *(Annotated[int, AfterValidator(same)], Annotated[int, BeforeValidator(same)]),
        *(Annotated[int, PlainValidator(same)], Annotated[int, WrapValidator(lambda value, handler: handler(value))]),
        *(Callable[[], None], dict[str, list[Annotated[int, AfterValidator(same)]]]),
    ],
)
def test_these_call_the_users_code(type_: Any) -> None:
    assert calls_python(schema(type_))


@pytest.mark.parametrize(
    "type_",
    [
        *(int, str, float, bool, None, Any, list[int], dict[str, int], Plain, Tool, Tree, Typed, Data, Pet),
        *(
            Optional[int],
            date,
            datetime,
            time,
            timedelta,
            UUID,
            Color,
            Size,
            Literal["a"],
            set[int],
            frozenset[str],
            tuple[int, str],
        ),
        *(int | str, list[Plain] | None, MadeAnew, Annotated[int, AfterValidator(same)], Checked, list[Any]),
    ],
)
def test_these_may_be_read_from_text(type_: Any) -> None:
    assert same_from_json(schema(type_))


@pytest.mark.parametrize(
    "type_",
    [
        # A smart union tries its choices strictly: from JSON, a date's text is a date even then.
        *(date | str, Union[UUID, str], list[date | int], dict[str, Color | str]),
        *(Strictly, Annotated[date, Strict()], Coerced, Base64, bytes, Decimal, Json[int], dict[int, str], Pair),
        *(Annotated[int, AfterValidator(told)], Callable[[], None]),
    ],
)
def test_these_are_parsed_first(type_: Any) -> None:
    assert not same_from_json(schema(type_))


# A field's validators ran when the instance was made, and do not run again.
@pytest.mark.parametrize("model", [Plain, Tree, Checked, WithInit, PostInit, MadeAnew])
def test_instances_of_these_are_left_alone(model: Any) -> None:
    assert trusted_class(schema(model)) is model


@pytest.mark.parametrize("type_", [Revalidated, WholeChecked, list[Plain], Optional[Plain], Data, int, Any])
def test_instances_of_these_are_validated_again(type_: Any) -> None:
    assert trusted_class(schema(type_)) is None


@pytest.mark.parametrize("model", [Plain, Tree, Checked, WholeChecked, Revalidated, WithInit, PostInit])
def test_validation_gives_a_trusted_instance_back(model: Any) -> None:
    instance = model(name="x") if model is not Tree else Tree(value=1)
    adapter = adapter_of(model)
    found = adapter.validate_python(instance, from_attributes=True)
    if trusted_class(adapter.core_schema) is model:
        assert found is instance


def test_only_plain_lists_of_such_models_are_trusted() -> None:
    assert trusted_item_class(schema(list[Plain])) is Plain
    assert trusted_item_class(schema(list[Tree])) is Tree
    short = Annotated[list[Plain], Field(max_length=1)]
    for type_ in (short, list[Revalidated], tuple[Plain, ...], list, list[Plain | None]):
        assert trusted_item_class(schema(type_)) is None


JSON_TEXTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "a", "cat", "red", "1", " 1 ", "1.0", "true", "2024-02-29", "2024-02-29T12:00:00Z", "12:00", "P1D", "1e3"]
    )
    | st.sampled_from([0, 1, 1.0, -1, 2**63, 10**20, 1e300, 86400, 1709210000]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "count", "value", "children", "kind", "tags", "1"]), inner, max_size=3
        )
    ),
    max_leaves=6,
).map(json.dumps)

TYPES: list[Any] = [
    *(int, str, float, bool, None, Any, Plain, Tree, Typed, Data, Pet, Color, Size, Literal["a", 1, True]),
    *(
        date,
        datetime,
        time,
        timedelta,
        UUID,
        MadeAnew,
        Annotated[int, Field(gt=0)],
        Annotated[str, Field(max_length=2)],
    ),
    *(Annotated[float, Field(multiple_of=0.5)], Annotated[str, Field(pattern="^[a-z]+$")]),
]
ADAPTERS: st.SearchStrategy[TypeAdapter[Any]] = st.recursive(
    st.sampled_from(TYPES),
    lambda inner: st.one_of(
        inner.map(lambda each: list[each]),  # type: ignore[valid-type]  # made at run time
        inner.map(lambda each: dict[str, each]),  # type: ignore[valid-type]
        inner.map(lambda each: tuple[each, ...]),  # type: ignore[valid-type]
        inner.map(lambda each: Optional[each]),
        st.tuples(inner, inner).map(lambda each: Union[each[0], each[1]]),
    ),
    max_leaves=4,
).map(adapter_of)


@given(adapter=ADAPTERS, text=JSON_TEXTS)
def test_text_gives_what_parsed_data_gives(adapter: TypeAdapter[Any], text: str) -> None:
    """Where the text validates, the parsed data does, to the same; where it does not, the careful way decides."""
    if not same_from_json(adapter.core_schema):
        return
    try:
        from_text = adapter.validate_json(text)
    except ValidationError:
        return
    parsed = adapter.validate_python(json.loads(text))
    assert (type(from_text), from_text) == (type(parsed), parsed)
    assert repr(from_text) == repr(parsed)
