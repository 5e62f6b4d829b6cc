"""Limits on bodies and forms, and the ASGI app that holds a body to its size."""

from typing import Any

import anyio
import pytest
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import body_limit
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.run.limits import (
    AppBodyLimitMiddleware,
    check_form_limits,
    check_max_body_size,
    limit_error,
    with_body_limit,
)
from martlet._engine.words.errors import InvalidLimitError

TOO_LARGE = body_limit._RequestBodyTooLarge
ANSWERED = body_limit._RequestBodyLimitResponseSent


@pytest.mark.parametrize("limit", [None, 0, 1])
def test_a_limit_is_a_number_of_bytes_or_none(limit: Any) -> None:
    check_max_body_size(limit)


@pytest.mark.parametrize("limit", [-1, True, False, 1.5, "5"])
def test_other_limits_are_refused(limit: Any) -> None:
    with pytest.raises(InvalidLimitError, match=r"^max_body_size must be a non-negative integer or None"):
        check_max_body_size(limit)


def test_limits_on_forms_are_copied() -> None:
    given: Any = {"max_files": 1}
    checked = check_form_limits(given)
    assert checked == given
    assert checked is not given
    assert check_form_limits(None) == {}


@pytest.mark.parametrize("limits", [{"max_files": -1}, {"max_files": "1"}, {"max_parts": 1}])
def test_other_limits_on_forms_are_refused(limits: Any) -> None:
    with pytest.raises(ValidationError):
        check_form_limits(limits)


def test_no_limit_leaves_the_app_as_it_is() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None: ...

    assert with_body_limit(app, None) is app


async def reading(scope: Scope, receive: Receive, send: Send) -> None:
    size = 0
    while (message := await receive())["type"] == "http.request":
        size += len(message["body"])
        if not message["more_body"]:
            break
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


def serve(app: ASGIApp, chunks: list[bytes], scope: dict[str, Any] | None = None) -> list[Message]:
    sent: list[Message] = []
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]
    waiting[-1]["more_body"] = False

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    async def main() -> None:
        await app({"type": "http", "headers": [], **(scope or {})}, receive, send)

    anyio.run(main)
    return sent


def test_bytes_are_counted() -> None:
    app = with_body_limit(reading, 5)
    assert serve(app, [b"123", b"45"])[-1]["body"] == b"5"
    assert serve(app, [b"123", b"456"])[0]["status"] == 413


def test_a_group_of_the_limits_errors_is_the_limits_error() -> None:
    async def grouped(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await reading(scope, receive, send)
        except HTTPException as error:
            raise ExceptionGroup("tasks", [error]) from error

    assert serve(with_body_limit(grouped, 5), [b"123456"])[0]["status"] == 413


def test_other_groups_are_not_touched() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ExceptionGroup("tasks", [ValueError()])

    with pytest.raises(ExceptionGroup):
        serve(with_body_limit(failing, 5), [b""])


def test_groups_of_a_websocket_are_not_looked_into() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ExceptionGroup("tasks", [TOO_LARGE()])

    with pytest.raises(ExceptionGroup):
        serve(with_body_limit(failing, 5), [b""], {"type": "websocket"})


@pytest.mark.parametrize(
    ("error", "signal"),
    [
        (TOO_LARGE(), TOO_LARGE),
        (ANSWERED(), ANSWERED),
        (ValueError(), None),
        (HTTPException(413), None),
        (ExceptionGroup("g", [TOO_LARGE()]), TOO_LARGE),
        (ExceptionGroup("g", [TOO_LARGE(), ExceptionGroup("h", [ANSWERED()])]), ANSWERED),
        (ExceptionGroup("g", [TOO_LARGE(), ValueError()]), None),
        (ExceptionGroup("g", [ValueError()]), None),
    ],
)
def test_signals_are_found_in_groups_that_hold_nothing_else(error: Exception, signal: type[Exception] | None) -> None:
    found = limit_error(error)
    assert found is None if signal is None else isinstance(found, signal)


def mounted(app: ASGIApp) -> ASGIApp:
    """Have an app share the counter of another one around it."""
    return with_body_limit(AppBodyLimitMiddleware(app, None), 5)


def test_a_mounted_app_answers_413_itself() -> None:
    seen: list[int] = []

    async def watching(scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            seen.append(message.get("status", 0))
            await send(message)

        await AppBodyLimitMiddleware(reading, None)(scope, receive, noting)

    assert serve(with_body_limit(watching, 5), [b"123456"])[0]["status"] == 413
    assert seen[0] == 413


def test_a_mounted_app_without_too_large_a_body_is_not_disturbed() -> None:
    assert serve(mounted(reading), [b"1"])[-1]["body"] == b"1"


def test_an_app_of_its_own_is_not_disturbed() -> None:
    assert serve(AppBodyLimitMiddleware(reading, 5), [b"1"])[-1]["body"] == b"1"
    assert serve(AppBodyLimitMiddleware(reading, 5), [b"123456"])[0]["status"] == 413


def test_errors_of_a_mounted_app_go_on_up() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        serve(mounted(failing), [b""])


def test_a_mounted_app_that_has_begun_to_answer_cannot_answer_again() -> None:
    async def hasty(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await receive()

    with pytest.raises(HTTPException):
        serve(mounted(hasty), [b"123456"])
