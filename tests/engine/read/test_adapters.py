"""Adapters are shared by slots that mean the same, and by no others."""

import typing
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Any, ForwardRef, Literal

import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.fields import FieldInfo

from martlet._engine.read import adapters
from martlet._engine.read.adapters import adapter_of, is_complete
from martlet._engine.words.markers import Body, Header, Query
from tests.engine.read.reading import Color, Data, Item, Own, Page, Plain, Tagged
from tests.ids import shown


@pytest.fixture(autouse=True)
def _nothing_shared_before() -> Iterator[None]:
    before = dict(adapters._shared)
    adapters._shared.clear()
    yield
    adapters._shared.clear()
    adapters._shared.update(before)


def info(annotation: Any, **said: Any) -> FieldInfo:
    return FieldInfo(annotation=annotation, **said)


ALIKE = (
    *(
        int,
        str,
        Any,
        type(None),
        Item,
        Color,
        Page[Item],
        int | None,
        list[int],
        dict[str, list[Item]],
        tuple[int, ...],
    ),
    *(Item | Tagged | None, Literal["a", 1, True], list, Decimal),
)


@pytest.mark.parametrize("annotation", ALIKE, ids=shown)
def test_plain_types_share_an_adapter_whatever_they_are_called(annotation: Any) -> None:
    first = adapter_of(Query(annotation=annotation, alias="one", include_in_schema=False))

    assert adapter_of(Header(annotation=annotation, convert_underscores=False)) is first
    assert adapter_of(info(annotation, default=...)) is first


@pytest.mark.parametrize(
    "said",
    [{"default": None}, {"default": 3}, {"ge": 1, "le": 10}, {"min_length": 2}, {"title": "T", "description": "D"}],
    ids=shown,
)
def test_bounds_texts_and_plain_defaults_are_shared_too(said: dict[str, Any]) -> None:
    assert adapter_of(Query(annotation=int, **said)) is adapter_of(Body(annotation=int, **said))


def one() -> int:
    return 1


DIFFERENT = (
    *(info(int), info(str), info(int | str), info(str | int), info(int | None), info(list[int]), info(set[int])),
    *(info(Literal[1]), info(Literal[True]), info(Item), info(Tagged), info(list[Item]), info(tuple[int, str])),
    *(info(tuple), info(tuple[()])),
    *(info(int, default=1), info(int, default=True), info(int, default="1"), info(int, default=None)),
    *(info(int, ge=1), info(int, ge=1.0), info(int, gt=1), info(int, ge=2), info(int, ge=1, le=2)),
    *(info(int, title="T"), info(int, description="T")),
)


def test_what_differs_is_not_shared() -> None:
    made = [adapter_of(each) for each in DIFFERENT]

    assert len(set(map(id, made))) == len(DIFFERENT)


CHECKED: Any = Annotated[int, AfterValidator(abs)]
ALONE = (
    *(info(int, examples=[1]), info(int, json_schema_extra={"x": 1}), info(int, deprecated=True)),
    *(info(int, default=1.5), info(list[int], default=[]), info(Color, default=Color.RED)),
    *(info(list, default_factory=list), info(str, default="a", validate_default=False)),
    *(info(int, validate_default=True), info(str, pattern="a"), info(Decimal, ge=Decimal(1)), info(Data), info(Own)),
    *(info(list[Annotated[int, "a note"]]), info(CHECKED), info(list["Item"]), info(typing.Tuple)),  # noqa: UP006
    FieldInfo.from_annotation(CHECKED),
)  # fmt: skip


@pytest.mark.parametrize("alone", ALONE, ids=shown)
def test_what_may_mean_several_things_is_not_shared(alone: FieldInfo) -> None:
    assert adapter_of(alone) is not adapter_of(alone)
    assert not adapters._shared


def test_a_field_of_a_model_has_the_configuration_of_its_model() -> None:
    config = ConfigDict(str_to_lower=True)
    adapter = adapter_of(info(str), config)

    assert adapter.validate_python("ABC") == "abc"
    assert adapter_of(info(str)).validate_python("ABC") == "ABC"
    assert adapter_of(info(str), config) is not adapter


def test_a_model_that_is_rebuilt_is_read_anew() -> None:
    class Grows(BaseModel):
        x: int

    before = adapter_of(info(Grows))
    Grows.model_fields["x"].annotation = str  # as packages that version models do
    Grows.model_rebuild(force=True)

    assert before.validate_python({"x": 1}).x == 1
    assert adapter_of(info(Grows)) is not before
    assert adapter_of(info(Grows)).validate_python({"x": "text"}).x == "text"


def test_an_adapter_is_complete_once_all_names_are_there() -> None:
    assert is_complete(adapter_of(info(int)))
    assert not is_complete(adapter_of(info(ForwardRef("NoSuchName"))))


def test_an_adapter_that_waits_for_a_name_is_not_shared() -> None:
    class Waits(BaseModel):
        later: "Undefined"  # type: ignore[name-defined]  # noqa: F821 - that is the point

    adapter = adapter_of(info(Waits))

    assert not adapter.pydantic_complete
    assert not adapters._shared


def test_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters, "_MOST", 2)
    for annotation in (int, str, bytes):
        adapter_of(info(annotation))

    assert len(adapters._shared) == 1


def test_aliases_inside_an_annotation_raise_no_warning() -> None:
    inside = Annotated[int, Field(alias="x")] | str
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        adapter_of(info(inside))


def test_an_impossible_type_is_pydantics_to_refuse() -> None:
    with pytest.raises(TypeError):
        adapter_of(info(int, default=1, default_factory=one))
    with pytest.raises(Exception, match="Unable to generate pydantic-core schema"):
        adapter_of(info(Plain))
    assert isinstance(adapter_of(info(int)), TypeAdapter)
