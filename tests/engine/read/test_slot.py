"""A slot says what FastAPI's ModelField says, and finds a value under the same names."""

from typing import Annotated, Any

import fastapi._compat as genuine_compat
import fastapi.dependencies.utils as genuine_utils
import fastapi.params as genuine_params
import pytest
from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, Json
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from martlet._engine.read.slot import Slot, expanded, missing, model_slots, wire_names
from martlet._engine.words import markers
from tests.engine.read.reading import Filters, Item, Tagged
from tests.ids import shown


class Shown(BaseModel):
    a: int = Field(default=1, serialization_alias="A")
    b: str | None = None
    c: list[int] = []


def test_a_slot_has_its_own_name_until_it_is_given_others() -> None:
    plain = Slot(FieldInfo(annotation=int), "x")
    named = Slot(FieldInfo(annotation=int, alias="A", validation_alias="V", serialization_alias="S"), "x")

    assert (plain.alias, plain.validation_alias, plain.serialization_alias, plain.wire_alias) == ("x", None, None, "x")
    assert (named.alias, named.validation_alias, named.serialization_alias, named.wire_alias) == ("A", "V", "S", "V")


def test_of_several_names_none_is_the_one() -> None:
    slot = Slot(FieldInfo(annotation=int, alias="A", validation_alias=AliasChoices("V", "W")), "x")

    assert slot.validation_alias is None
    assert slot.wire_alias == "A"


def test_a_default_is_made_anew_by_its_factory() -> None:
    made = Slot(FieldInfo(annotation=list, default_factory=list), "x")

    assert made.default == []
    assert made.default is not made.default
    assert not made.required


def test_what_is_required_has_no_default() -> None:
    slot = Slot(FieldInfo(annotation=int), "x")

    assert slot.required
    assert slot.default is PydanticUndefined is slot.get_default()


def test_slots_are_told_apart_by_what_they_are() -> None:
    info = FieldInfo(annotation=int)

    assert Slot(info, "x") != Slot(info, "x")
    assert len({Slot(info, "x"), Slot(info, "x")}) == 2


def test_validation_returns_the_value_or_errors_with_their_place() -> None:
    slot = Slot(FieldInfo(annotation=list[int]), "x")

    assert slot.validate(["1"], {}, loc=("query", "x")) == ([1], [])
    value, [error] = slot.validate(["1", "b"], loc=("query", "x"))
    assert value is None
    assert error["loc"] == ("query", "x", 1)
    assert "url" not in error


def test_validation_takes_objects_with_attributes() -> None:
    class Row:
        name, price = "n", 2.0

    assert Slot(FieldInfo(annotation=Item), "x").validate(Row()) == (Item(name="n", price=2.0), [])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"by_alias": False},
        {"include": {"a"}},
        {"exclude": {"a"}},
        {"exclude_unset": True},
        {"exclude_defaults": True},
        {"exclude_none": True},
    ],
    ids=shown,
)
def test_serialising_is_fastapis(options: dict[str, Any]) -> None:
    value, info = Shown(b=None), FieldInfo(annotation=Shown)
    ours, theirs = Slot(info, "x", "serialization"), genuine_compat.ModelField(info, "x", "serialization")

    assert ours.serialize(value, **options) == theirs.serialize(value, **options)
    assert ours.serialize(value, mode="python", **options) == theirs.serialize(value, mode="python", **options)
    assert ours.serialize_json(value, **options) == theirs.serialize_json(value, **options)


def test_a_missing_value_is_told_as_by_fastapi() -> None:
    assert missing(("query", "x")) == genuine_compat.get_missing_field_error(("query", "x"))


@pytest.mark.parametrize(
    ("annotation", "expected"), [(list[int], True), (list[int] | None, True), (int, False), (Json[list[int]], True)]
)
def test_sequences_take_a_name_several_times(annotation: Any, expected: bool) -> None:
    assert Slot(FieldInfo.from_annotation(annotation), "x").many is expected


def test_json_is_text_that_is_parsed() -> None:
    assert Slot(FieldInfo.from_annotation(Json[Item]), "x").json
    noted: Any = Annotated[Item, "a note"]
    assert not Slot(FieldInfo.from_annotation(noted), "x").json


@pytest.mark.parametrize("annotation", [Item, Item | None, Item | Tagged, Json[Item], dict, int, list[Item]], ids=shown)
@pytest.mark.parametrize("place", ["Query", "Header", "Cookie", "Path", "Form", "Body"])
def test_a_slot_is_a_parameter_model_where_fastapi_has_one(place: str, annotation: Any) -> None:
    def slot(made: Any, params: Any) -> Any:
        info = getattr(params, place)(annotation=annotation)
        info.metadata = FieldInfo.from_annotation(annotation).metadata
        info.annotation = FieldInfo.from_annotation(annotation).annotation
        return made(info, "x")

    theirs = genuine_utils._get_param_model(slot(genuine_compat.ModelField, genuine_params))
    assert slot(Slot, markers).model is theirs


def test_the_fields_of_a_model_are_slots() -> None:
    slots = {slot.name: slot for slot in model_slots(Filters)}

    assert list(slots) == ["limit", "tag_names", "by"]
    assert slots["by"].wire_alias == "order-by"
    assert all(slot.config is Filters.model_config for slot in slots.values())
    assert model_slots(Filters) is model_slots(Filters)


def test_a_field_with_a_configuration_of_its_own_is_not_given_its_owners() -> None:
    @pydantic_dataclass
    class Inner:
        x: int

    class Owner(BaseModel):
        model_config = ConfigDict(str_to_upper=True)
        item: Item
        data: Inner
        table: dict[str, str]
        rows: dict  # type: ignore[type-arg]  # a bare one is what is tested
        text: str

    configured = {slot.name: slot.config is not None for slot in model_slots(Owner)}
    assert configured == {"item": False, "data": False, "table": True, "rows": False, "text": True}


def test_parameter_models_stand_for_their_fields() -> None:
    plain = Slot(markers.Query(annotation=int), "x")
    model = Slot(markers.Query(annotation=Filters), "filters")

    assert [slot.name for slot in expanded([plain, model])] == ["x", "limit", "tag_names", "by"]


CONFIGURATIONS = (
    None,
    ConfigDict(),
    ConfigDict(populate_by_name=True),
    ConfigDict(validate_by_name=True, validate_by_alias=True),
    ConfigDict(validate_by_name=True, validate_by_alias=False),
    ConfigDict(validate_by_name=False, populate_by_name=True),
)
NAMES: tuple[dict[str, Any], ...] = (
    {},
    {"alias": "a_b"},
    {"alias": "own_name"},
    {"validation_alias": "v_a"},
    {"alias": "a_b", "validation_alias": AliasChoices("c_d", "e", "own_name")},
    {"validation_alias": AliasChoices("c_d", "e")},
    {"validation_alias": AliasChoices("c", AliasPath("e", 0))},
    {"alias": "a", "validation_alias": AliasPath("e", 0)},
)


@pytest.mark.parametrize("config", CONFIGURATIONS, ids=shown)
@pytest.mark.parametrize("names", NAMES, ids=shown)
@pytest.mark.parametrize("place", ["Query", "Path"])
@pytest.mark.parametrize("hyphens", [False, True])
def test_a_value_may_come_under_fastapis_names(
    place: str, names: dict[str, Any], config: ConfigDict | None, hyphens: bool
) -> None:
    def slot(made: Any, params: Any) -> Any:
        return made(getattr(params, place)(annotation=int, **names), "own_name", config=config)

    theirs = genuine_utils._get_param_aliases(
        slot(genuine_compat.ModelField, genuine_params), convert_underscores=hyphens
    )
    assert wire_names(slot(Slot, markers), path=place == "Path", hyphens=hyphens) == theirs
