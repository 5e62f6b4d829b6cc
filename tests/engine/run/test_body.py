"""Reading a body: whole, in pieces, broken off, and taken for what its Content-Type says."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message, Receive

from martlet._engine.run.body import NotJSONError, body_of, parse_body, read_body

pytestmark = pytest.mark.anyio


def receiving(*messages: Message | Exception) -> Receive:
    waiting = list(messages)

    async def receive() -> Message:
        message = waiting.pop(0)
        if isinstance(message, Exception):
            raise message
        return message

    return receive


def part(body: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


def request(*messages: Message | Exception, content_type: str | None = None) -> Request:
    headers = [(b"content-type", content_type.encode())] if content_type is not None else []
    return Request({"type": "http", "headers": headers}, receiving(*messages))


async def of_receive(*messages: Message | Exception) -> bytes:
    return await read_body(receiving(*messages))


async def of_request(*messages: Message | Exception) -> bytes:
    return await body_of(request(*messages))


both = pytest.mark.parametrize("read", [of_receive, of_request])
Read = Callable[..., Any]


@both
async def test_pieces_are_put_together(read: Read) -> None:
    assert await read(part(b"abc")) == b"abc"
    assert await read(part(b"a", more=True), part(b"", more=True), part(b"bc", more=True), part(b"d")) == b"abcd"
    assert await read({"type": "http.request"}) == b""


@both
@pytest.mark.parametrize("error", [GONE, RuntimeError("broken"), OSError("gone")])
@pytest.mark.parametrize("before", [(), (part(b"a", more=True),), (part(b"a", more=True), part(b"b", more=True))])
async def test_what_cannot_be_read_is_a_400(read: Read, error: Any, before: tuple[Message, ...]) -> None:
    with pytest.raises(HTTPException) as caught:
        await read(*before, error)
    assert (caught.value.status_code, caught.value.detail) == (400, "There was an error parsing the body")
    assert isinstance(caught.value.__cause__, type(error) if error is not GONE else ClientDisconnect)


@both
async def test_what_says_its_status_keeps_it(read: Read) -> None:
    with pytest.raises(HTTPException) as caught:
        await read(HTTPException(413))
    assert caught.value.status_code == 413


@pytest.mark.parametrize(
    ("body", "content_type", "strict", "parsed"),
    [
        (b"", "application/json", True, PydanticUndefined),
        (b'{"a": 1}', "application/json", True, {"a": 1}),
        (b'{"a": 1}', "application/x+json", True, {"a": 1}),
        (b'{"a": 1}', "text/plain", True, b'{"a": 1}'),
        (b'{"a": 1}', "text/plain", False, b'{"a": 1}'),
        (b'{"a": 1}', None, True, b'{"a": 1}'),
        (b'{"a": 1}', None, False, {"a": 1}),
        (b'{"a": 1}', "", False, {"a": 1}),
    ],
)
async def test_a_body_is_what_its_content_type_says(
    body: bytes, content_type: str | None, strict: bool, parsed: Any
) -> None:
    read = request(part(body), content_type=content_type)
    assert await parse_body(read, strict_content_type=strict) == parsed


async def test_what_says_it_is_json_and_is_not_tells_where() -> None:
    with pytest.raises(NotJSONError) as caught:
        await parse_body(request(part(b'{"a": '), content_type="application/json"), strict_content_type=True)
    assert caught.value.text == '{"a": '
    assert caught.value.error["loc"] == ("body", 6)
    assert str(caught.value) == caught.value.error["ctx"]["error"] == "Expecting value"


@pytest.mark.parametrize("body", [b"\xff", b"[" * 100_000])
async def test_what_cannot_be_parsed_at_all_is_a_400(body: bytes) -> None:
    with pytest.raises(HTTPException) as caught:
        await parse_body(request(part(body), content_type="application/json"), strict_content_type=True)
    assert caught.value.status_code == 400


async def test_parsing_keeps_a_status_that_reading_says() -> None:
    with pytest.raises(HTTPException) as caught:
        await parse_body(request(HTTPException(413)), strict_content_type=True)
    assert caught.value.status_code == 413
