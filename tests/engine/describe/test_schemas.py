"""Schemas: what is shared, what is named how, and what is computed."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, computed_field
from pydantic.fields import FieldInfo

from martlet._engine.describe.schemas import has_computed_fields, schemas_of
from martlet._engine.read.slot import Mode, Slot


def slot(annotation: Any, name: str = "value", mode: Mode = "validation", **said: Any) -> Slot:
    config = said.pop("config", None)
    return Slot(FieldInfo.from_annotated_attribute(annotation, Field(**said)), name=name, mode=mode, config=config)


class Color(Enum):
    """Red or blue.\fNot for the document."""

    red = "red"
    blue = "blue"


class Leaf(BaseModel):
    color: Color = Color.red


class Tree(BaseModel):
    """A tree.\fNot for the document."""

    leaves: list[Leaf]
    hidden: Leaf | None = Field(default=None, exclude=True)


class Computed(BaseModel):
    @computed_field  # type: ignore[prop-decorator]  # mypy's limit
    @property
    def twice(self) -> int:
        return 2


class Recursive(BaseModel):
    children: list["Recursive"]


@dataclass
class Area:
    side: int

    @computed_field  # type: ignore[prop-decorator]  # mypy's limit
    @property
    def area(self) -> int:
        return self.side**2


def test_an_inline_schema_is_titled_after_its_place() -> None:
    one = slot(int, "item_id")
    schemas = schemas_of([one], separate=True)
    assert schemas.of(one) == {"type": "integer", "title": "Item Id"}
    assert schemas.of(one, "x-token_id") == {"type": "integer", "title": "X-Token Id"}


def test_a_title_that_was_given_stays() -> None:
    one = slot(int, title="Own_title")
    assert schemas_of([one], separate=True).of(one, "other")["title"] == "Own_title"


@pytest.mark.parametrize(
    ("mode", "title"), [("validation", "Read"), ("serialization", "Written")], ids=["read", "written"]
)
def test_the_title_follows_the_alias_of_its_side(mode: Mode, title: str) -> None:
    one = slot(int, mode=mode, alias="plain", validation_alias="read", serialization_alias="written")
    assert schemas_of([one], separate=True).of(one)["title"] == title


def test_an_answer_without_an_alias_is_titled_by_its_name() -> None:
    one = slot(int, "Response_read", mode="serialization")
    assert schemas_of([one], separate=True).of(one)["title"] == "Response Read"


def test_a_reference_is_not_titled() -> None:
    one = slot(Leaf)
    assert schemas_of([one], separate=True).of(one) == {"$ref": "#/components/schemas/Leaf"}


def test_places_that_say_the_same_are_given_the_same() -> None:
    one, other, reference = slot(int), slot(int), slot(Leaf)
    schemas = schemas_of([one, other, reference], separate=True)
    assert schemas.of(one) is schemas.of(other)
    assert schemas.of(reference) is schemas.of(reference, "a name")
    assert schemas.of(one, "a_name") == {"type": "integer", "title": "A Name"}
    assert schemas.by_slot[one] == {"type": "integer"}


def test_definitions_are_cut_at_the_form_feed() -> None:
    definitions = schemas_of([slot(Tree)], separate=True).definitions
    assert definitions["Tree"]["description"] == "A tree."
    assert definitions["Color"]["description"] == "Red or blue."
    assert "description" not in definitions["Leaf"]


def test_a_model_that_nobody_refers_to_is_listed() -> None:
    class Hidden(BaseModel):
        x: int

    class Outer(BaseModel):
        hidden: Hidden = Field(exclude=True)

    definitions = schemas_of([slot(Outer, mode="serialization")], separate=True).definitions
    assert set(definitions) == {"Outer", "Hidden"}


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        (slot(int), slot(int, "other"), True),
        (slot(int, alias="a"), slot(int, alias="b"), True),
        (slot(int | None, default=None), slot(int | None, default=None), True),
        (slot(Annotated[int, Field(ge=1)]), slot(Annotated[int, Field(ge=1)]), True),
        (slot(list[Leaf]), slot(list[Leaf]), True),
        (slot(Literal["a", "b"]), slot(Literal["a", "b"]), True),
        (slot(int), slot(int, mode="serialization"), False),
        (slot(int | str), slot(str | int), False),
        (slot(Literal[1]), slot(Literal[True]), False),
        (slot(int, default=1), slot(int, default=True), False),
        (slot(int, default=1), slot(int, default=2), False),
        (slot(float, default=0.0), slot(float, default=-0.0), False),
        (slot(int, ge=1), slot(int, gt=1), False),
        (slot(int, description="a"), slot(int, description="b"), False),
        (slot(int, examples=[1]), slot(int, examples=[1]), False),
        (slot(bytes, config=ConfigDict(val_json_bytes="base64")), slot(bytes), False),
    ],
)
def test_only_slots_that_say_the_same_are_described_together(one: Slot, other: Slot, shared: bool) -> None:
    schemas = schemas_of([one, other], separate=True)
    assert (schemas.by_slot[one] is schemas.by_slot[other]) is shared


@pytest.mark.parametrize("mode", ["validation", "serialization"])
@pytest.mark.parametrize("base64", [True, False])
def test_bytes_are_binary_unless_the_model_says_base64(mode: Mode, base64: bool) -> None:
    class Data(BaseModel):
        model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64") if base64 else ConfigDict()

        data: bytes = Field(min_length=1)

    expected = {"type": "string", "contentMediaType": "application/octet-stream", "minLength": 1, "title": "Data"}
    if base64:
        expected["contentEncoding"] = "base64"
    definitions = schemas_of([slot(Data, mode=mode)], separate=True).definitions
    assert definitions["Data"]["properties"]["data"] == expected


@pytest.mark.parametrize(
    ("annotation", "computes"),
    [
        (int, False),
        (Leaf, False),
        (Recursive, False),
        (Computed, True),
        (list[Computed], True),
        (dict[str, list[Computed | None]], True),
        (Area, True),
        (list[Area], False),  # as FastAPI, which looks into models only
    ],
)
def test_computed_fields_are_found_inside(annotation: Any, computes: bool) -> None:
    assert has_computed_fields(slot(annotation)) is computes


def test_one_schema_for_both_sides_unless_fields_are_computed() -> None:
    sides: list[Mode] = ["validation", "serialization"]
    slots = [slot(annotation, mode=mode) for annotation in (Tree, Computed) for mode in sides]
    definitions = schemas_of(slots, separate=False).definitions
    assert set(definitions) == {"Tree", "Leaf", "Color", "Computed-Input", "Computed-Output"}


def test_like_named_local_classes_are_told_apart_in_the_order_of_the_slots() -> None:
    def local(type_: Any) -> type[BaseModel]:
        class Same(BaseModel):
            __annotations__ = {"x": type_}

        return Same

    slots = [slot(local(int)), slot(local(str))]
    schemas = schemas_of(slots, separate=True)
    names = [schemas.of(each)["$ref"].rpartition("/")[2] for each in slots]
    assert [name[-2:] for name in names] == ["_1", "_2"]
    assert [schemas.definitions[name]["properties"]["x"]["type"] for name in names] == ["integer", "string"]
