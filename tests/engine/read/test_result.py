"""What a declaration says of its answers: genuine FastAPI's route is the oracle."""

from http import HTTPStatus
from inspect import isfunction
from typing import Any

import pytest
from fastapi.datastructures import Default as GenuineDefault
from fastapi.responses import EventSourceResponse as GenuineEvents
from fastapi.responses import JSONResponse as GenuineJSON
from fastapi.routing import APIRoute as GenuineRoute
from fastapi.sse import ServerSentEvent as GenuineEvent
from starlette.responses import JSONResponse, PlainTextResponse

from martlet._engine.read.result import Answers, read_answers
from martlet._engine.words.errors import InvalidFieldTypeError, InvalidResponseError
from martlet._engine.words.unset import UNSET, Default
from martlet.sse import EventSourceResponse, ServerSentEvent
from tests.engine.read.reading import Item, Plain
from tests.ids import shown

OURS = {"Event": ServerSentEvent, "Item": Item}
THEIRS = {"Event": GenuineEvent, "Item": Item}

PLAIN = Default(JSONResponse)


def answers(endpoint: Any, **said: Any) -> Answers:
    given: dict[str, Any] = {"response_model": UNSET, "response_class": PLAIN, "status_code": None, "responses": {}}
    return read_answers(endpoint=endpoint, unique_id="id", **{**given, **said})


def endpoints(names: dict[str, Any]) -> dict[str, Any]:
    """Return endpoints of every kind, with a framework's own types."""
    source = """
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Iterable, Iterator
from starlette.responses import Response, StreamingResponse
from typing import Any
def nothing(): ...
def none() -> None: ...
def model() -> Item: ...
def optional() -> Item | None: ...
async def listed() -> list[Item]: ...
def anything() -> Any: ...
def response() -> Response: ...
def streaming() -> StreamingResponse: ...
def iterable() -> Iterable[int]: ...
def generator():
    yield 1
def items() -> Iterator[Item]:
    yield
def bare() -> Iterable:
    yield
def generated() -> Generator[int, None, None]:
    yield
async def async_items() -> AsyncIterable[Item]:
    yield
async def async_generated() -> AsyncGenerator[int, None]:
    yield
async def events() -> AsyncIterator[Event]:
    yield
def odd() -> int:
    yield
def gives_a_response() -> Response:
    yield
"""
    space = {**names, "__name__": "made"}
    exec(source, space)
    return {name: value for name, value in space.items() if isfunction(value)}


MINE, GENUINE = endpoints(OURS), endpoints(THEIRS)
CLASSES: dict[str, tuple[Any, Any]] = {
    "default": (PLAIN, GenuineDefault(GenuineJSON)),
    "JSON": (JSONResponse, GenuineJSON),
    "text": (PlainTextResponse, PlainTextResponse),
    "events": (EventSourceResponse, GenuineEvents),
}


def told(made: Any) -> dict[str, Any]:
    """Return what was read, of either framework."""
    if isinstance(made, Answers):
        stream = made.stream
        model, item, field, item_field = made.model, made.item_type, made.field, made.item_field
    else:
        generates = made.is_sse_stream or made.is_json_stream
        stream = ("sse" if made.is_sse_stream else "jsonl") if generates else None
        model, item, field, item_field = (
            made.response_model,
            made.stream_item_type,
            made.response_field,
            made.stream_item_field,
        )
    return {
        "stream": None if stream == "raw" else stream,
        "types": (model, item),
        "fields": [each and (each.name, each.mode, each.field_info.annotation) for each in (field, item_field)],
    }


@pytest.mark.parametrize("name", MINE)
@pytest.mark.parametrize("chosen", CLASSES.values(), ids=CLASSES)
def test_types_and_streams_are_fastapis(name: str, chosen: tuple[Any, Any]) -> None:
    ours = answers(MINE[name], response_class=chosen[0])
    theirs = GenuineRoute("/", GENUINE[name], response_class=chosen[1], operation_id="id")

    assert told(ours) == told(theirs)


@pytest.mark.parametrize("model", [None, Item, list[Item], Item | None, dict[str, int]], ids=shown)
def test_a_model_that_is_given_decides(model: Any) -> None:
    made = answers(MINE["listed"], response_model=model)
    theirs = GenuineRoute("/", GENUINE["listed"], response_model=model, operation_id="id")

    assert told(made) == told(theirs)


def test_a_generator_whose_class_was_chosen_sends_what_it_yields() -> None:
    assert answers(MINE["items"], response_class=PlainTextResponse).stream == "raw"


@pytest.mark.parametrize("status", [None, 200, HTTPStatus.CREATED, 404])
def test_a_status_is_a_number(status: Any) -> None:
    made = answers(MINE["model"], status_code=status).status_code

    assert made == status
    assert type(made) in (int, type(None))


@pytest.mark.parametrize("status", [100, 204, 205, 304, HTTPStatus.NO_CONTENT])
def test_a_status_without_content_has_no_type(status: int) -> None:
    with pytest.raises(
        InvalidResponseError, match=f"Status code {int(status)} must not have a response body"
    ) as refused:
        answers(MINE["model"], status_code=status)
    assert isinstance(refused.value, AssertionError)
    assert "in model" in str(refused.value)
    assert answers(MINE["nothing"], status_code=status).field is None
    assert answers(MINE["model"], status_code=status, response_model=None).field is None


def test_additional_responses_with_a_model_get_a_field() -> None:
    responses: dict[int | str, Any] = {404: {"model": Item}, "5XX": {"model": list[Item]}, 302: {"description": "d"}}

    fields = answers(MINE["nothing"], responses=responses).additional_fields

    assert {status: slot.name for status, slot in fields.items()} == {404: "Response_404_id", "5XX": "Response_5XX_id"}
    assert [slot.mode for slot in fields.values()] == ["serialization", "serialization"]


@pytest.mark.parametrize("responses", [{204: {"model": Item}}, {"304": {"model": Item}}])
def test_an_additional_response_without_content_has_no_model(responses: Any) -> None:
    with pytest.raises(InvalidResponseError, match="must not have a response body"):
        answers(MINE["nothing"], responses=responses)


def test_an_additional_response_is_a_dict() -> None:
    with pytest.raises(InvalidResponseError, match="An additional response must be a dict"):
        answers(MINE["nothing"], responses={404: Item})


def test_a_type_without_a_schema_is_refused_with_its_endpoint() -> None:
    def endpoint() -> Plain: ...  # type: ignore[empty-body]  # only its signature is read

    with pytest.raises(InvalidFieldTypeError, match="Invalid args for response field!") as refused:
        answers(endpoint)
    assert "<locals>.endpoint" in str(refused.value)
