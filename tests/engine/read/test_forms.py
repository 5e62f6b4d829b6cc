"""Form models: which slots are some, and how each model of a union reads a form."""

from typing import Annotated, Any, Union

import fastapi._compat as genuine_compat
import fastapi.dependencies.utils as genuine
import fastapi.params as genuine_params
import pytest
from pydantic import AliasChoices, BaseModel, Discriminator, Field, Tag

from martlet._engine.read.body import read_body
from martlet._engine.read.forms import form_models, form_union_models, has_nullable_model, with_form_union_validators
from martlet._engine.read.signature import read_dependant
from martlet._engine.read.slot import Slot
from martlet._engine.words.markers import Body, Form
from tests.engine.read.reading import FASTAPI, MARTLET, Item, Tagged, defined, read
from tests.ids import shown

FORMS = (
    *("Annotated[Item, Form()]", "Annotated[Item | None, Form()]", "Annotated[Item | Tagged, Form()]"),
    *("Annotated[Item | Tagged | None, Form()]", "Annotated[Item | int, Form()]", "Annotated[Json[Item], Form()]"),
    *("Annotated[Item, Body()]", "Annotated[dict, Form()]", "Annotated[list[Item], Form()]", "Annotated[Item, File()]"),
    "Annotated[int, Form()]",
)


@pytest.mark.parametrize("annotation", FORMS)
def test_a_slot_becomes_fastapis_models(annotation: str) -> None:
    ours, theirs = (
        read(framework, defined(framework, f"def endpoint(q: {annotation}): ...")).body_params[0]
        for framework in (MARTLET, FASTAPI)
    )

    assert form_models(ours) == genuine._get_form_models(theirs)
    expected = bool(form_models(ours)) and type(None) in getattr(ours.field_info.annotation, "__args__", ())
    assert has_nullable_model([ours]) is expected


def test_a_form_model_that_is_a_key_is_none() -> None:
    info = Form(annotation=Item)
    info.embed = True

    assert form_models(Slot(info, "x")) == []
    assert form_models(Slot(Body(annotation=Item), "x")) == []


@pytest.mark.parametrize(
    "annotation",
    [Item, Item | None, Item | Tagged, Union[Annotated[Item, 1], Tagged, None], Item | int, int | None, list[Item]],
    ids=shown,
)
def test_a_union_of_models_is_fastapis(annotation: Any) -> None:
    assert form_union_models(annotation) == genuine._get_form_union_models(annotation)


class Text(BaseModel):
    kind: str
    value: str = "default"


class Numbers(BaseModel):
    model_config = {"extra": "forbid"}
    numbers: list[int]
    size: int = Field(default=0, validation_alias=AliasChoices("size", "Size"))


class Loose(BaseModel):
    model_config = {"extra": "allow"}
    x: int


UNIONS = (Text | Numbers, Numbers | Text, Text | Loose | None, Loose | Numbers)
VALUES: tuple[Any, ...] = (
    {"kind": "a", "value": ""},
    {"kind": ["a", "b"]},
    {"kind": ""},
    {"numbers": "1"},
    {"numbers": ["1", "2"], "Size": "3"},
    {"numbers": ["1"], "more": "x"},
    {"numbers": []},
    {"kind": None},
    {"x": "1", "y": ["2", "3"]},
    {},
    Text(kind="a"),
    Numbers(numbers=[1]),
    "text",
    None,
)


@pytest.mark.parametrize("union", UNIONS, ids=shown)
@pytest.mark.parametrize("value", VALUES, ids=shown)
def test_each_model_of_a_union_reads_the_form_in_its_own_way(union: Any, value: Any) -> None:
    ours = Slot(Form(annotation=with_form_union_validators(union)), "x")
    info = genuine_params.Form(annotation=genuine._add_form_union_validators(union))
    theirs = genuine_compat.ModelField(info, "x")

    assert ours.validate(value, {}, loc=("body",)) == theirs.validate(value, {}, loc=("body",))


def test_tags_of_a_discriminator_are_kept() -> None:
    def kind(value: Any) -> str:
        return "text" if "kind" in value else "numbers"

    union = Annotated[Text, Tag("text")] | Annotated[Numbers, "a note", Tag("numbers")]
    for module in (genuine._add_form_union_validators, with_form_union_validators):
        made = module(union)
        slot = Slot(Form(annotation=made, discriminator=Discriminator(kind)), "x")
        assert slot.validate({"kind": "a"})[0] == Text(kind="a")
        assert slot.validate({"numbers": "1"})[0] == Numbers(numbers=[1])
        assert slot.validate({"numbers": "a"}, loc=("body",))[1][0]["loc"] == ("body", "numbers", "numbers", 0)


def test_the_models_own_schemas_stay_as_they_were() -> None:
    before = Numbers.model_json_schema()

    def endpoint(q: Annotated[Numbers, Form()], r: Annotated[Text | None, Form()] = None) -> None: ...

    plan = read_body(read_dependant("/", endpoint), "id")

    assert plan is not None
    assert plan.field.adapter.json_schema()["allOf"]
    assert Numbers.model_json_schema() == before
