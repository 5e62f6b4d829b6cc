from typing import Any

import pytest
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse, Response

from martlet._engine.declare.route import APIRoute
from martlet._engine.describe.answers import leaves_refusal_open, responses, status_code
from martlet._engine.describe.operation import outline, slots_of
from martlet._engine.describe.schemas import schemas_of
from martlet._engine.read.result import Result
from martlet._engine.words.errors import InvalidStatusError


class Problem(BaseModel):
    title: str


def endpoint():  # type: ignore[no-untyped-def]  # an annotation would be the answer's type
    ...


def described(*, refuses_input: bool = False, **options: Any) -> dict[str, dict[str, Any]]:
    """Return the `responses` of a route that declares `options`."""
    plan = APIRoute("/", endpoint, **options).plan
    schemas = schemas_of(slots_of([outline(plan)]), separate=True)
    return responses(plan.result, schemas, refuses_input=refuses_input)


def result(**options: Any) -> Result:
    return APIRoute("/", endpoint, **options).plan.result


class Teapot(Response):
    def __init__(self, status_code: int = 418) -> None:
        super().__init__(status_code=status_code)


class Undecided(Response):
    def __init__(self, status_code: int | None = None) -> None:
        super().__init__(status_code=status_code or 299)


class Silent(Response):
    def __init__(self) -> None:
        super().__init__()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "200"),
        ({"status_code": 201}, "201"),
        ({"response_class": Teapot}, "418"),
        ({"response_class": Teapot, "status_code": 201}, "201"),
        ({"response_class": Undecided}, "200"),
        ({"response_class": Silent}, "200"),
    ],
)
def test_status_is_the_routes_or_the_classs(options: dict[str, Any], expected: str) -> None:
    assert status_code(result(**options)) == expected


def test_plain_answer_has_an_empty_schema() -> None:
    assert described() == {
        "200": {"description": "Successful Response", "content": {"application/json": {"schema": {}}}}
    }


@pytest.mark.parametrize(
    ("response_class", "content"),
    [
        (PlainTextResponse, {"text/plain": {"schema": {"type": "string"}}}),
        (JSONResponse, {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}),
        (Response, None),
    ],
)
def test_content_follows_the_response_class(response_class: type[Response], content: Any) -> None:
    answers = described(response_class=response_class, response_model=Problem)
    assert answers["200"].get("content") == content


def test_bodyless_status_has_no_content() -> None:
    assert described(status_code=204, response_model=None) == {"204": {"description": "Successful Response"}}


@pytest.mark.parametrize(
    ("status", "key", "description"),
    [
        (404, "404", "Not Found"),
        ("404", "404", "Not Found"),
        ("4xx", "4XX", "Client Error"),
        ("5XX", "5XX", "Server Error"),
        ("default", "default", "Default Response"),
        ("Default", "default", "Default Response"),
        (599, "599", "Additional Response"),
    ],
)
def test_answers_without_a_description_get_one(status: int | str, key: str, description: str) -> None:
    assert described(responses={status: {}})[key] == {"description": description}


def test_key_that_is_no_status_is_refused_with_advice() -> None:
    with pytest.raises(InvalidStatusError, match="invalid literal for int") as refused:
        described(responses={"hello": {"description": "Said"}})
    assert refused.value.advice == (
        "The keys of `responses` are status codes, ranges such as '4XX', or 'default', not 'hello'."
    )
    assert isinstance(refused.value, ValueError)


def test_model_goes_under_the_media_type_of_the_response_class() -> None:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    declared = {404: {"model": Problem}}
    assert described(responses=declared)["404"]["content"] == {"application/json": schema}
    assert described(responses=declared, response_class=PlainTextResponse)["404"]["content"] == {"text/plain": schema}
    assert described(responses=declared, response_class=Response)["404"]["content"] == {"application/json": schema}


def test_declared_answer_lies_on_top_of_the_own_one() -> None:
    declared: dict[int, Any] = {200: {"content": {"image/png": {}}}}
    assert described(responses=declared) == {
        "200": {
            "description": "Successful Response",
            "content": {"application/json": {"schema": {}}, "image/png": {}},
        }
    }
    assert declared == {200: {"content": {"image/png": {}}}}


@pytest.mark.parametrize("covering", [422, "422", "4XX", "4xx", "default", "DEFAULT"])
def test_automatic_422_gives_way_to_a_declared_answer(covering: int | str) -> None:
    assert not leaves_refusal_open(result(responses={covering: {"description": "Own"}}))
    answers = described(responses={covering: {}}, refuses_input=True)
    assert "Validation Error" not in [answer["description"] for answer in answers.values()]


def test_automatic_422_gives_way_to_the_own_status() -> None:
    assert not leaves_refusal_open(result(status_code=422))


def test_automatic_422_is_there_for_input_only() -> None:
    assert list(described(responses={404: {}}, refuses_input=True)) == ["200", "404", "422"]
    assert list(described(responses={404: {}})) == ["200", "404"]


def test_answers_that_are_alike_are_described_once() -> None:
    def one(*, refuses_input: bool) -> dict[str, dict[str, Any]]:
        return responses(plan.result, schemas, refuses_input=refuses_input)

    plan = APIRoute("/", endpoint, response_model=Problem).plan
    schemas = schemas_of(slots_of([outline(plan)]), separate=True)
    assert one(refuses_input=True) is one(refuses_input=True)
    assert set(one(refuses_input=False)) == {"200"}


def test_a_description_that_is_no_text_is_left_to_the_models() -> None:
    said: Any = ["no", "text"]
    assert described(response_description=said)["200"]["description"] == said
