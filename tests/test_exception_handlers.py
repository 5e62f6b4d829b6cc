"""What an app answers to the errors that end a request."""

import json
from typing import Any
from unittest.mock import AsyncMock, Mock

import fastapi.exception_handlers as genuine
import pytest
from fastapi.exceptions import RequestValidationError as GenuineError

from martlet import exception_handlers as ours
from martlet.exceptions import HTTPException, RequestValidationError, WebSocketRequestValidationError

pytestmark = pytest.mark.anyio

REQUEST = Mock()


@pytest.mark.parametrize("status", [100, 200, 204, 304, 404, 422])
@pytest.mark.parametrize("detail", ["text", {"any": ["thing"]}, None])
@pytest.mark.parametrize("headers", [None, {"X-A": "b"}])
async def test_an_http_exception_is_answered_as_by_fastapi(
    status: int, detail: Any, headers: dict[str, str] | None
) -> None:
    error = HTTPException(status, detail, headers)
    mine, theirs = [await module.http_exception_handler(REQUEST, error) for module in (ours, genuine)]
    assert (mine.status_code, mine.body, mine.headers) == (theirs.status_code, theirs.body, theirs.headers)


@pytest.mark.parametrize(
    "errors",
    [
        [],
        [{"type": "missing", "loc": ("body", "a"), "msg": "Field required", "input": None}],
        [{"type": "value_error", "loc": ("query", 0), "ctx": {"error": ValueError("x")}, "input": {"a": b"text"}}],
    ],
)
async def test_a_validation_error_is_answered_as_by_fastapi(errors: list[Any]) -> None:
    mine = await ours.request_validation_exception_handler(REQUEST, RequestValidationError(errors))
    theirs = await genuine.request_validation_exception_handler(REQUEST, GenuineError(errors))
    assert (mine.status_code, mine.body, mine.headers) == (422, theirs.body, theirs.headers)


class Unspeakable:
    __slots__ = ()


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        (float("nan"), None),
        ({"a": [float("inf"), 1.5, "x", None, True, 7]}, {"a": [None, 1.5, "x", None, True, 7]}),
        ("\ud800", "\\ud800"),
        ({"\ud800": 1}, {"\\ud800": 1}),
        (b"\xff", "\\xff"),
        ([10**5000], ["..."]),
        (Unspeakable(), "<Unspeakable>"),
        ({float("nan")}, [None]),
    ],
    ids=["nan", "nested", "surrogate", "surrogate key", "bytes", "digits", "object", "set"],
)
async def test_an_input_that_json_cannot_carry_is_the_clients_mistake(value: Any, quoted: Any) -> None:
    """FastAPI answers 500."""
    errors = [{"type": "t", "loc": ("body",), "msg": "m", "input": value}]
    with pytest.raises((ValueError, TypeError)):
        await genuine.request_validation_exception_handler(REQUEST, GenuineError(errors))
    answer = await ours.request_validation_exception_handler(REQUEST, RequestValidationError(errors))
    assert answer.status_code == 422
    (error,) = json.loads(bytes(answer.body))["detail"]
    assert error == {"type": "t", "loc": ["body"], "msg": "m", "input": quoted}


async def test_an_input_nested_too_deeply_is_cut_short() -> None:
    errors = [{"type": "t", "loc": ("body",), "msg": "m", "input": nested(5000)}]
    answer = await ours.request_validation_exception_handler(REQUEST, RequestValidationError(errors))
    assert answer.status_code == 422
    assert b'"..."' in bytes(answer.body)


async def test_a_websocket_is_closed_with_1008() -> None:
    errors = [{"type": "missing", "loc": ("query", "a")}]
    sockets = [AsyncMock(), AsyncMock()]
    for module, socket in zip((ours, genuine), sockets, strict=True):
        handler: Any = module.websocket_request_validation_exception_handler
        await handler(socket, WebSocketRequestValidationError(errors))
    assert sockets[0].close.await_args == sockets[1].close.await_args
