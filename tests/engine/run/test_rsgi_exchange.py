"""The bridge: ASGI's messages on one side, RSGI's calls on the other."""

import asyncio
import time
from typing import Any

import pytest
from starlette.types import Message, Receive, Send

from martlet._engine.run import rsgi_exchange
from martlet._engine.run.rsgi_exchange import Bridge, Exchange
from martlet._engine.run.rsgi_pipe import Pipe
from martlet._engine.words.errors import InvalidAnswerError
from tests import rsgi
from tests.messages import body, start

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no pause of a busy machine look like an endpoint that blocks the loop."""
    monkeypatch.setattr(rsgi_exchange, "_LONGEST", 60)


CHUNKED = [("transfer-encoding", "chunked")]


def opened(*pieces: bytes, leaves: bool = False, headers: rsgi.Pairs = (), **said: Any) -> tuple[Exchange, rsgi.HTTP]:
    http = rsgi.HTTP(list(pieces), leaves=leaves)
    method = said.pop("method", "POST")
    return Exchange(rsgi.Scope(method, "/", headers, **said), http), http


def length(size: int) -> list[tuple[str, str]]:
    return [("content-length", str(size))]


def told(content: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


GONE: Message = {"type": "http.disconnect"}


async def test_no_body() -> None:
    exchange, http = opened()
    assert await exchange.receive() == told(b"")
    http.leave()
    assert await exchange.receive() == GONE
    assert await exchange.receive() == GONE


async def test_a_body_of_known_size_comes_at_once() -> None:
    exchange, _ = opened(b"one", b"two", headers=length(6))
    assert await exchange.receive() == told(b"onetwo")


@pytest.mark.parametrize(
    ("headers", "said"),
    [(CHUNKED, {}), (length(2 << 20), {}), ([], {"http_version": "2"}), ([("content-length", "x")], {})],
)
async def test_other_bodies_come_piece_by_piece(headers: rsgi.Pairs, said: dict[str, Any]) -> None:
    pieces = [b"x" * (1 << 20)] * 2
    exchange, _ = opened(*pieces, headers=headers, **said)
    assert [await exchange.receive() for _ in range(3)] == [*(told(piece, more=True) for piece in pieces), told(b"")]


@pytest.mark.parametrize("headers", [CHUNKED, length(6), length(2 << 20)])
async def test_a_client_that_leaves_before_its_body_is_complete(headers: rsgi.Pairs) -> None:
    exchange, _ = opened(b"abc", leaves=True, headers=headers)
    messages = [await exchange.receive()]
    if messages != [GONE]:
        messages.append(await exchange.receive())
        assert messages == [told(b"abc", more=True), GONE]
    assert await exchange.receive() == GONE


async def test_who_waits_for_the_client_is_told_when_the_answer_is_complete() -> None:
    exchange, _ = opened()
    await exchange.receive()
    waiting = asyncio.ensure_future(exchange.receive())
    again = asyncio.ensure_future(exchange.receive())
    await asyncio.sleep(0)
    await exchange.send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
    await exchange.send({"type": "http.response.body"})
    assert (await waiting, await again, await exchange.receive()) == (GONE, GONE, GONE)


FOUR = (b"content-length", b"4")


async def answered(*messages: Message, method: str = "GET") -> rsgi.HTTP:
    exchange, http = opened(method=method)
    try:
        for message in messages:
            await exchange.send(message)
    finally:
        exchange.close()
        if http.reading is not None:
            await http.reading
    return http


@pytest.mark.parametrize(
    "messages",
    [
        (start(FOUR), body(b"four")),
        (start(FOUR), body(b"four", more=True), body(b"")),
        (start(FOUR), body(b"fo", more=True), body(b"ur", more=True), body(b"")),
        (start(), body(b"four")),
        (start(), body(b"", more=True), body(b"four", more=True), body(b"")),
        ({"type": "http.response.start", "status": 200}, body(b"four")),
    ],
)
async def test_answers(messages: tuple[Message, ...]) -> None:
    http = await answered(*messages)
    assert (http.status, http.body, http.complete) == (200, b"four", True)


@pytest.mark.parametrize(
    ("messages", "method"),
    [
        ((start(status=204), body(b"")), "GET"),
        ((start(FOUR, status=304), body(b"")), "GET"),
        ((start(FOUR), body(b"four")), "HEAD"),
        ((start(), body(b"four", more=True), body(b"more")), "HEAD"),
    ],
)
async def test_answers_without_a_body(messages: tuple[Message, ...], method: str) -> None:
    http = await answered(*messages, method=method)
    assert (http.status, http.body, http.complete) == (messages[0]["status"], b"", True)


@pytest.mark.parametrize(
    "messages",
    [
        (start(status=1000),),
        (start(status=199),),
        (start((b"a b", b"")),),
        (start((b"a", b"\n")),),
        (start(FOUR), body(b"five!")),
        (start(FOUR, status=204), body(b"")),
        (start(FOUR), body(b"two")),
    ],
)
async def test_nothing_leaves_of_an_answer_against_http(messages: tuple[Message, ...]) -> None:
    *first, last = messages
    exchange, http = opened()
    for message in first:
        await exchange.send(message)
    with pytest.raises(InvalidAnswerError):
        await exchange.send(last)
    exchange.close()
    assert http.status is None


@pytest.mark.parametrize("messages", [(body(b""),), (start(), body(b""), start()), ({"type": "http.unknown"},)])
async def test_messages_out_of_turn(messages: tuple[Message, ...]) -> None:
    with pytest.raises(RuntimeError, match="Unexpected ASGI message"):
        await answered(*messages)


@pytest.mark.parametrize("first", [(start((b"x-a", b"1")),), (start(), body(b"half", more=True)), (start(FOUR),)])
async def test_an_answer_may_begin_anew_until_something_of_it_was_sent(first: tuple[Message, ...]) -> None:
    exchange, http = opened()
    for message in (*first, start(status=500), body(b"sorry")):
        assert not exchange.has_begun
        await exchange.send(message)
    assert exchange.has_begun
    await asyncio.sleep(0)
    assert (http.status, bytes(http.body)) == (500, b"sorry")
    assert "x-a" not in dict(http.headers)


@pytest.mark.parametrize("sent", [(), (start(),), (start(), body(b"half", more=True)), (start(FOUR),)])
async def test_an_app_that_returns_too_early_has_failed(
    sent: tuple[Message, ...], caplog: pytest.LogCaptureFixture
) -> None:
    async def serve(_: Any, receive: Receive, send: Send) -> None:
        for message in sent:
            await send(message)

    _, http = opened()
    await Bridge(None).serve(serve, rsgi.Scope("GET", "/"), http)
    await asyncio.sleep(0)
    assert http.status is None
    what = "completing" if sent else "starting"
    assert caplog.messages == [f"ASGI callable returned without {what} response."]


@pytest.mark.parametrize("goes_to_server", [True, False])
async def test_what_the_server_does_not_tell_is_logged(goes_to_server: bool, caplog: pytest.LogCaptureFixture) -> None:
    cause, group = ValueError("outer"), ExceptionGroup("parts", [LookupError("inner")])
    cause.__cause__ = LookupError("inner")
    context, alone, hidden = ValueError("outer"), ValueError("alone"), ValueError("outer")
    context.__context__ = hidden.__context__ = LookupError("inner")
    hidden.__suppress_context__ = True
    for error, has_more in ((cause, True), (group, True), (context, True), (alone, False), (hidden, False)):

        async def serve(*_: Any, error: Exception = error) -> None:
            raise error

        caplog.clear()
        with pytest.raises(type(error)):
            await Bridge(None).serve(serve, rsgi.Scope("GET", "/"), opened()[1], goes_to_server=goes_to_server)
        assert ("inner" in caplog.text) is (has_more and goes_to_server)


async def test_a_stream_goes_on_after_the_length_that_it_has_announced() -> None:
    exchange, http = opened()
    await exchange.receive()
    await exchange.send(start(FOUR))
    await exchange.send(body(b"four", more=True))
    assert bytes(http.body) == b"four"
    listening = asyncio.ensure_future(exchange.receive())
    await asyncio.sleep(0.01)
    assert not listening.done()
    await exchange.send(body(b""))
    assert await listening == GONE


async def test_of_a_stream_that_fails_at_once_nothing_is_sent() -> None:
    async def serve(_: Any, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"half", more=True))
        raise LookupError

    _, http = opened()
    with pytest.raises(LookupError):
        await Bridge(None).serve(serve, rsgi.Scope("GET", "/"), http)
    await asyncio.sleep(0)
    assert http.status is None


async def test_a_client_that_leaves_ends_a_stream() -> None:
    exchange, http = opened()
    await exchange.send(start())
    await exchange.send(body(b"first", more=True))
    while not http.body:  # noqa: ASYNC110 - until the driver has opened the pipe, of which it tells nobody
        await asyncio.sleep(0.001)
    http.leave()
    await asyncio.sleep(0.01)
    await exchange.send(body(b"second", more=True))
    assert await exchange.receive() == told(b"")
    assert await exchange.receive() == GONE
    await exchange.send(body(b""))
    assert http.reading is not None
    await http.reading
    assert http.body == b"first"


async def test_a_client_that_stops_reading_ends_a_stream() -> None:
    http = rsgi.HTTP(reads=1)
    exchange = Exchange(rsgi.Scope("GET", "/"), http)
    await exchange.receive()
    await exchange.send(start())
    for _ in range(100):
        await exchange.send(body(b"x" * 100_000, more=True))
    assert await asyncio.wait_for(exchange.receive(), 5) == GONE
    exchange.close()


async def test_a_stream_for_a_client_that_has_left_is_not_begun() -> None:
    exchange, http = opened(b"abc", leaves=True, headers=CHUNKED)
    await exchange.receive()
    assert await exchange.receive() == GONE
    await exchange.send(start())
    await exchange.send(body(b"first", more=True))
    exchange.close()
    assert http.status is None


async def test_a_small_stream_that_waits_for_nothing_goes_out_in_one_call() -> None:
    http = await answered(start(), *[body(b"part", more=True)] * 10, body(b""))
    assert (http.reading, http.body, http.complete) == (None, b"part" * 10, True)


async def test_what_is_kept_of_a_stream_leaves_with_the_loop_s_next_turn() -> None:
    exchange, http = opened()
    await exchange.send(start())
    await exchange.send(body(b"first", more=True))
    at_once = http.status
    await asyncio.sleep(0)
    assert (at_once, http.status) == (None, 200)
    await exchange.send(body(b"second"))
    assert http.reading is not None
    await http.reading
    assert (http.body, http.complete) == (b"firstsecond", True)


async def test_the_parts_of_a_stream_that_blocks_the_loop_leave_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsgi_exchange, "_LONGEST", 0.001)
    exchange, http = opened()
    await exchange.send(start())
    time.sleep(0.002)  # noqa: ASYNC251 - as the endpoint does
    await exchange.send(body(b"first", more=True))
    assert http.status == 200
    await exchange.send(body(b""))
    assert http.reading is not None
    await http.reading
    assert (http.body, http.complete) == (b"first", True)


@pytest.mark.parametrize("size", [1, 4096, 4097, 300_000])
async def test_no_size_of_the_parts_of_a_stream_loses_any(size: int) -> None:
    http = await answered(start(), *[body(b"x" * size, more=True)] * 2, body(b"end"))
    assert (http.body, http.complete) == (b"x" * 2 * size + b"end", True)
    assert (http.reading is None) == (size == 1)


async def test_of_a_stream_that_breaks_off_at_once_there_is_what_was_sent() -> None:
    http = await answered(start(), body(b"first", more=True))
    assert (http.status, http.body) == (200, b"first")


async def test_too_many_streams_at_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(Pipe, "open_now", 480)
        http = await answered(start(), body(b"x" * 5000, more=True), body(b""))
    assert (http.status, dict(http.headers)["retry-after"]) == (503, "1")
    assert "--runtime-blocking-threads" in caplog.text


async def test_where_there_are_no_pipes_a_channel_takes_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsgi_exchange, "CAN_PIPE", False)
    monkeypatch.setattr(rsgi_exchange, "AT_ONCE", 0)
    http = await answered(start(), body(b"first", more=True), body(b"second"))
    assert (http.reading, http.body, http.complete) == (None, b"firstsecond", True)
