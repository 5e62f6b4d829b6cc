"""How body slots share a body, and the one slot that describes it: genuine FastAPI's fields are the oracle."""

from typing import Any

import fastapi.dependencies.utils as genuine
import pytest

import martlet
from martlet._engine.read.body import BodyPlan, body_model, embeds, read_body
from martlet._engine.read.dependant import flat_body_slots
from martlet._engine.read.signature import read_dependant
from martlet._engine.words.markers import Body, File, Form
from tests.engine.read.reading import FASTAPI, MARTLET, defined, plain, read

SIGNATURES = {
    "one model": "item: Item",
    "one model, embedded": "item: Item = Body(embed=True)",
    "one value": "q: int = Body()",
    "optional": "item: Item | None = None",
    "several": "item: Item, tagged: Tagged, q: int = Body(3)",
    "several, none required": "item: Item | None = None, q: int = Body(3)",
    "several media types": "item: Item = Body(media_type='a/b'), q: int = Body()",
    "one media type": "item: Item = Body(media_type='a/b'), q: int = Body(media_type='a/b')",
    "aliases": "item: Item = Body(alias='Item-1'), q: int = Body(validation_alias='v')",
    "form field": "q: int = Form()",
    "form fields": "q: int = Form(), r: str = Form('x')",
    "form field and another media type": "q: int = Form(media_type='multipart/form-data'), r: str = Form()",
    "form field beside a body": "q: int = Form(), item: Item = Body()",
    "file": "q: UploadFile",
    "file and fields": "q: UploadFile, r: str = Form(), s: bytes | None = File(None)",
    "form model": "q: Annotated[Item, Form()]",
    "form model, embedded": "q: Annotated[Item, Body(embed=True)], r: Annotated[Tagged, Form()]",
    "optional form model": "q: Annotated[Item | None, Form()] = None",
    "nullable form model that is required": "q: Annotated[Item | None, Form()]",
    "nullable form model that says more": "q: Annotated[Item | None, Form(title='T', min_length=1)] = None",
    "form models": "q: Annotated[Item, Form()], r: Annotated[Tagged, Form()]",
    "form models, one of them optional": "q: Annotated[Item, Form()], r: Annotated[Tagged | None, Form()] = None",
    "form models that forbid more": "q: Annotated[Tagged | None, Form()] = None, r: Filters | None = Form(None)",
    "form model and field": "q: Annotated[Item, Form()], r: str = Form(), s: str = Form('x')",
    "form model and a field of its name": "q: Annotated[Item, Form()], name: int = Form(alias='name')",
    "form model with other names": "q: Annotated[Named, Form()], r: int = Form()",
    "form model by choices": "q: Annotated[Choices, Form()], r: int = Form(1)",
    "form model by its own names": "q: Annotated[ByName, Form()], r: int = Form(1)",
    "form model and fields of one name": "q: Item = Form(), a: str = Form(alias='x'), b: int = Form(alias='x')",
    "union of form models": "q: Annotated[Item | Tagged, Form()]",
    "optional union of form models": "q: Annotated[Item | Tagged | None, Form()] = None",
    "nullable union that is required": "q: Annotated[Item | Tagged | None, Form()]",
    "tagged union": "q: Annotated[Item | Tagged, Form()], r: str = Form()",
    "optional model without fields": "q: Annotated[Nothing | None, Form()] = None",
    "JSON in a form": "q: Annotated[Json[Item], Form()]",
    "of dependencies": "q: Annotated[int, Body()], low=Depends(low)",
    "the same of dependencies": "item: Item, low=Depends(low)",
    "one name, two form models": "q: Annotated[Item, Form()], low=Depends(other)",
    "one name, one form model": "q: Annotated[Item, Form()], low=Depends(form)",
    "one name, a form model and a field": "q: Annotated[Item, Form()], low=Depends(field)",
}

PREAMBLE = """
class Named(pydantic.BaseModel):
    one: int = Field(alias='a-b')
    two: str = Field(validation_alias='c')
class Choices(pydantic.BaseModel):
    zero: int
    one: int = Field(validation_alias=AliasChoices('a', 'b'))
    two: int = Field(2, validation_alias=AliasChoices('c', AliasPath('d', 0)))
    three: int = Field(3, validation_alias=AliasPath('e', 0))
class ByName(pydantic.BaseModel):
    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True, extra='allow')
    one: int = Field(alias='a')
    two: int = Field(2, alias='b')
class Nothing(pydantic.BaseModel):
    pass
def low(item: Item): ...
def other(q: Annotated[Tagged, Form()]): ...
def form(q: Annotated[Item, Form()]): ...
def field(q: Annotated[str, Form()]): ...
def endpoint({}): ...
"""


def slots(framework: Any, signature: str) -> Any:
    tree = read(framework, defined(framework, PREAMBLE.format(signature)))
    return tree, genuine._get_flat_body_params(tree)


def described(field: Any) -> dict[str, Any]:
    """Return what a document says of a body field."""
    info = field.field_info
    schema = field._type_adapter.json_schema(mode="validation", ref_template="{model}")
    return {
        "name": field.name,
        "marker": type(info).__name__,
        "alias": info.alias,
        "default": plain(info.default),
        "media_type": info.media_type,
        "schema": schema,
    }


@pytest.mark.parametrize("signature", SIGNATURES.values(), ids=SIGNATURES)
def test_a_body_is_shared_and_described_as_by_fastapi(signature: str) -> None:
    _, found = slots(FASTAPI, signature)
    embed = genuine._should_embed_body_fields(found)
    field: Any = genuine._get_body_field(body_params=found, name="id", embed_body_fields=embed)
    ours, flat = slots(MARTLET, signature)
    plan = read_body(ours, "id")

    assert plan is not None
    assert plan.slots == tuple(flat)
    assert plan.embed is embed
    assert plan.form is isinstance(field.field_info, FASTAPI.module("params").Form)
    assert described(plan.field) == described(field)


def test_there_is_no_body_without_slots() -> None:
    tree, found = slots(MARTLET, "q: int")

    assert found == []
    assert not embeds(found)
    assert read_body(tree, "id") is None


def test_a_plan_says_whether_the_content_type_must_be_given() -> None:
    tree, _ = slots(MARTLET, "item: Item")

    for strict in (True, False):
        plan = read_body(tree, "id", strict_content_type=strict)
        assert plan is not None
        assert plan.strict_content_type is strict


def test_fields_are_described_once_and_only_where_someone_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    tree, _ = slots(MARTLET, "q: int = Body(), r: int = Body()")
    plan = read_body(tree, "id")

    assert plan is not None
    assert "field" not in vars(plan)
    assert plan.field is plan.field


def test_a_model_is_made_of_slots() -> None:
    def endpoint(a: int = martlet.Body(gt=1), b: str = martlet.Body("b")) -> None: ...

    made: Any = body_model(flat_body_slots(read_dependant("/", endpoint)), "Made", {"extra": "forbid"})

    assert made.__name__ == "Made"
    assert made(a=2).b == "b"
    with pytest.raises(ValueError, match="2 validation errors"):
        made(a=1, c=2)


@pytest.mark.parametrize(("kinds", "expected"), [((Body,), Body), ((Body, Form), Form), ((Form, File, Body), File)])
def test_the_whole_is_what_needs_most(kinds: tuple[type[Any], ...], expected: type[Any]) -> None:
    names = ", ".join(f"p{index}: int = {kind.__name__}()" for index, kind in enumerate(kinds))
    _, found = slots(MARTLET, names)

    assert type(BodyPlan(tuple(found), True, "id", True).field.field_info) is expected
