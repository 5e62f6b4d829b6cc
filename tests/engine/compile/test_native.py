"""Plain models are written by orjson as pydantic would write them; whatever is not plain is pydantic's to write."""

from datetime import UTC, datetime
from enum import Enum
from functools import cached_property
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    RootModel,
    TypeAdapter,
    computed_field,
    field_serializer,
    model_serializer,
)

from martlet._engine.compile import native
from martlet._engine.compile.native import native_classes, native_writers


class Tag(BaseModel):
    name: str
    weight: float | None = None


class Item(BaseModel):
    id: int
    title: str
    price: float
    ready: bool
    nothing: None = None
    tags: list[Tag] = []
    counts: dict[str, int] = {}
    said: Annotated[str, Field(validation_alias=AliasChoices("said", "told"))] = ""


class Aliased(BaseModel):
    name: Annotated[str, Field(alias="n")]


class Excluding(BaseModel):
    name: Annotated[str, Field(exclude=True)]


class Computing(BaseModel):
    name: str

    @computed_field
    def upper(self) -> str:
        return self.name.upper()


class Caching(BaseModel):
    name: str

    @cached_property
    def upper(self) -> str:
        return self.name.upper()


class Serializing(BaseModel):
    name: str

    @model_serializer
    def dumped(self) -> str:
        return self.name


class FieldSerializing(BaseModel):
    name: str

    @field_serializer("name")
    def dumped(self, name: str) -> str:
        return name.upper()


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")


class Infinite(BaseModel):
    model_config = ConfigDict(ser_json_inf_nan="strings")
    x: float


class Dated(BaseModel):
    at: datetime


class Listing(RootModel[list[int]]):
    pass


def writer_of(type_: Any) -> tuple[native.ToJSON, TypeAdapter[Any]]:
    adapter: TypeAdapter[Any] = TypeAdapter(type_)
    classes = native_classes(adapter.core_schema)
    assert classes is not None
    writers = native_writers(classes, adapter.serializer.to_json)
    assert writers is not None
    return writers[0], adapter


def items_writer_of(type_: Any) -> tuple[native.ToJSON, TypeAdapter[Any]]:
    adapter: TypeAdapter[Any] = TypeAdapter(type_)
    classes = native_classes(adapter.core_schema)
    assert classes is not None
    writers = native_writers(classes, adapter.serializer.to_json)
    assert writers is not None
    return writers[1], adapter


@pytest.mark.parametrize(
    ("type_", "classes"),
    [(Item, {Item, Tag}), (list[Tag], {Tag}), (dict[str, Tag | None], {Tag}), (list[int], set()), (str, set())],
)
def test_plain_types_are_known(type_: Any, classes: set[type[Any]]) -> None:
    assert native_classes(TypeAdapter(type_).core_schema) == frozenset(classes)


@pytest.mark.parametrize(
    "type_",
    [
        Aliased,
        Excluding,
        Computing,
        Caching,
        Serializing,
        FieldSerializing,
        Extra,
        Infinite,
        Dated,
        Listing,
        list[Aliased],
        dict[int, str],
        Annotated[str, PlainSerializer(str.upper)],
        int | str,
        list,
        dict,
        Enum("Colour", "RED"),
    ],
)
def test_what_says_more_is_not_plain(type_: Any) -> None:
    assert native_classes(TypeAdapter(type_).core_schema) is None


tags = st.builds(Tag, name=st.text(), weight=st.none() | st.floats())
items = st.builds(
    Item,
    id=st.integers(),
    title=st.text(),
    price=st.floats(),
    ready=st.booleans(),
    tags=st.lists(tags, max_size=3),
    counts=st.dictionaries(st.text(), st.integers(), max_size=3),
)


@given(items)
def test_a_model_is_written_as_pydantic_writes_it(item: Item) -> None:
    write, adapter = writer_of(Item)
    assert write(item) == adapter.dump_json(item, by_alias=True)


@given(st.lists(tags))
def test_a_list_of_models_is_written_as_pydantic_writes_it(listed: list[Tag]) -> None:
    write, adapter = writer_of(list[Tag])
    assert write(listed) == adapter.dump_json(listed, by_alias=True)


@given(st.lists(items, max_size=3))
def test_exact_items_are_written_as_pydantic_writes_them(listed: list[Item]) -> None:
    write, adapter = items_writer_of(list[Item])
    assert write(listed) == adapter.dump_json(listed, by_alias=True)


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
def test_items_that_are_not_as_declared_are_left_to_pydantic() -> None:
    write, adapter = items_writer_of(list[Tag])
    listed = [Tag(name="a"), Tag.model_construct(name=b"bytes")]
    assert write(listed) == adapter.dump_json(listed, by_alias=True)


class Heavier(Tag):
    tons: int = 1


@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")
@pytest.mark.parametrize(
    "tag",
    [
        Heavier(name="anvil"),
        Tag.model_construct(name="late", weight=datetime(2026, 1, 1, tzinfo=UTC)),
        Tag.model_construct(name=b"bytes"),
        Tag.model_construct(),
    ],
)
def test_what_is_not_as_declared_is_left_to_pydantic(tag: Tag) -> None:
    write, adapter = writer_of(Tag)
    assert write(tag) == adapter.dump_json(tag, by_alias=True)


def test_pydantic_writes_everything_where_orjson_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "orjson", None)
    assert native_writers(frozenset({Tag}), TypeAdapter(Tag).serializer.to_json) is None
