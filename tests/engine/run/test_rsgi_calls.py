"""What handlers over RSGI call: headers and bodies of requests."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from martlet._engine.run.rsgi_calls import (
    cookie_texts,
    header_texts,
    is_larger,
    read_body,
    read_within,
    send_response,
)
from martlet._engine.run.rsgi_exchange import Bridge
from martlet._engine.words.errors import InvalidAnswerError
from tests import rsgi
from tests.asking import App, Framework, ask, get


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_headers() -> None:
    headers = rsgi.Headers([("x-a", "1"), ("x-b", "2"), ("x-b", "3")])
    assert header_texts(headers, {"x-a": "a", "x-b": "b", "x-c": "c"}) == {"a": "1", "b": "2"}
    assert header_texts(headers, {"x-b": "b", "x-c": "c"}, frozenset({"b", "c"})) == {"b": ["2", "3"]}


def test_cookies() -> None:
    headers = rsgi.Headers([("cookie", "a=1; b=2"), ("cookie", "c=3")])
    assert cookie_texts(headers, {"a": "first", "c": "c", "d": "d"}) == {"first": "1", "c": "3"}


@pytest.mark.parametrize(("length", "larger"), [("5", False), ("6", True), ("x", False), (None, False)])
def test_announced_lengths(length: str | None, larger: bool) -> None:
    headers = rsgi.Headers([("content-length", length)] if length is not None else [])
    assert is_larger(headers, 5) is larger


@pytest.mark.anyio
async def test_bodies() -> None:
    assert await read_body(rsgi.HTTP([b"one", b"two"])) == b"onetwo"
    assert await read_within(rsgi.HTTP([b"one", b"two"]), rsgi.Scope("POST", "/"), 6) == b"onetwo"
    told = rsgi.Scope("POST", "/", [("content-length", "6")])
    assert await read_within(rsgi.HTTP([b"one", b"two"]), told, 6) == b"onetwo"


@pytest.mark.anyio
async def test_bodies_that_cannot_be_read() -> None:
    gone = rsgi.HTTP([b"one"], leaves=True)
    with pytest.raises(HTTPException) as refused:
        await read_body(gone)
    assert refused.value.status_code == 400
    with pytest.raises(HTTPException) as refused:
        await read_within(rsgi.HTTP([b"one"], leaves=True), rsgi.Scope("POST", "/"), 6)
    assert refused.value.status_code == 400
    with pytest.raises(HTTPException) as refused:
        await read_within(rsgi.HTTP([b"one", b"two"]), rsgi.Scope("POST", "/"), 5)
    assert refused.value.status_code == 413


@pytest.mark.anyio
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_response_goes_out_in_one_call(method: str) -> None:
    done: list[str] = []
    http = rsgi.HTTP()
    response = PlainTextResponse("four", background=BackgroundTask(done.append, "task"))
    await send_response(response, Bridge(None), rsgi.Scope(method, "/"), http)
    assert (http.status, http.body, done) == (200, b"four" if method == "GET" else b"", ["task"])


class MineError(Exception):
    """Answered by a handler for its class."""


def failing() -> App:
    app = Framework("martlet", "direct, RSGI").app()

    def fail() -> None:
        raise MineError

    async def pieces() -> AsyncIterator[str]:
        yield "first"
        await asyncio.sleep(0.01)
        raise MineError

    @app.get("/after")
    async def after() -> Any:
        return PlainTextResponse("all", background=BackgroundTask(fail))

    @app.get("/amid")
    async def amid() -> Any:
        return StreamingResponse(pieces())

    @app.get("/before")
    async def before() -> Any:
        raise MineError

    @app.exception_handler(MineError)
    async def mine(_: Any, error: Exception) -> Response:
        return PlainTextResponse(type(error).__name__, 418)

    return app


@pytest.mark.anyio
@pytest.mark.parametrize(("path", "begun"), [("/after", "all"), ("/amid", "first"), ("/before", "")])
async def test_an_exception_after_an_answer_has_begun_is_not_answered(path: str, begun: str) -> None:
    answer = await ask(failing(), get(path))
    if begun:
        assert (answer.status, answer.body.decode()) == (200, begun)
        assert answer.error == ("RuntimeError", "Caught handled exception, but response already started.")
    else:
        assert (answer.status, answer.body, answer.error) == (418, b"MineError", None)


@pytest.mark.anyio
async def test_a_response_has_to_be_legal() -> None:
    http = rsgi.HTTP()
    for response in (
        Response("four", headers={"content-length": "5"}),
        Response("four", headers={"x-a": "a\nb"}),
        Response("four", status_code=99),
    ):
        with pytest.raises(InvalidAnswerError):
            await send_response(response, Bridge(None), rsgi.Scope("GET", "/"), http)
    assert http.status is None
    await send_response(Response(status_code=304), Bridge(None), rsgi.Scope("GET", "/"), http)
    assert http.status == 304
