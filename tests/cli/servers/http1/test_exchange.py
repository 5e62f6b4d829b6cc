"""What an app is given and what becomes of what it sends."""

import asyncio
import logging
import time
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from martlet import FastAPI, Request, Response
from martlet.cli.servers.http1 import exchange as exchanging
from martlet.middleware.gzip import GZipMiddleware
from martlet.responses import StreamingResponse
from tests.cli.servers.http1.talk import GET, Talk, echo, sending, turn
from tests.messages import body, start

pytestmark = pytest.mark.anyio

HEAD = b"HEAD / HTTP/1.1\r\nhost: a\r\n\r\n"
OLD = b"GET / HTTP/1.0\r\nhost: a\r\n\r\n"
FOUR = (b"content-length", b"4")
CHUNKED = b"transfer-encoding: chunked\r\n"
CLOSE = b"connection: close\r\n"
FAILED = b"Internal Server Error"


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no pause of a busy machine look like an endpoint that blocks the loop."""
    monkeypatch.setattr(exchanging, "_LONGEST", 60)


def answer(head: bytes, content: bytes = b"", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %b\r\n%bdate: today\r\n\r\n%b" % (status, head, content)


@pytest.mark.parametrize(
    ("request_", "messages", "expected"),
    [
        (GET, (start(FOUR), body(b"four")), answer(b"content-length: 4\r\n", b"four")),
        (GET, (start(FOUR), body(b"fo", more=True), body(b"ur")), answer(b"content-length: 4\r\n", b"four")),
        (GET, (start(FOUR), body(bytearray(b"four"))), answer(b"content-length: 4\r\n", b"four")),
        (GET, (start(), body(b"four")), answer(CHUNKED, b"4\r\nfour\r\n0\r\n\r\n")),
        (GET, (start(), body(b"", more=True), body(b"a")), answer(CHUNKED, b"1\r\na\r\n0\r\n\r\n")),
        (GET, (start(), body()), answer(CHUNKED, b"0\r\n\r\n")),
        (OLD, (start(), body(b"fo", more=True), body(b"ur")), answer(CLOSE, b"four")),
        (OLD, (start(FOUR), body(b"four")), answer(b"content-length: 4\r\n" + CLOSE, b"four")),
        (HEAD, (start(FOUR), body(b"four")), answer(b"content-length: 4\r\n")),
        (HEAD, (start(), body(b"fo", more=True), body(b"ur")), answer(b"")),
        (GET, (start(status=204), body(b"dropped")), answer(b"", status=b"204 No Content")),
        (GET, (start(FOUR, status=304), body()), answer(b"content-length: 4\r\n", status=b"304 Not Modified")),
        (GET, (start((b"connection", b"close")), body()), answer(CLOSE + CHUNKED, b"0\r\n\r\n")),
        # What has not left may be replaced.
        (
            GET,
            (start(), start(FOUR, status=404), body(b"four")),
            answer(b"content-length: 4\r\n", b"four", b"404 Not Found"),
        ),
    ],
)
async def test_an_answer_is_written_at_once(request_: bytes, messages: tuple[Message, ...], expected: bytes) -> None:
    talk = Talk(sending(*messages))
    assert await talk.say(request_) == expected
    assert len(talk.transport.writes) == 1
    assert talk.transport.closing == (CLOSE in expected)
    assert talk.state.total_requests == 1
    await talk.end()


@pytest.mark.parametrize("has_middleware", [False, True])
async def test_a_stream_that_fails_at_once_is_answered_by_the_app_s_handler(has_middleware: bool) -> None:
    app = FastAPI()

    @app.exception_handler(Exception)
    async def handle(request: Request, error: Exception) -> Response:
        return Response("handled", status_code=503)

    @app.get("/", response_class=StreamingResponse)
    async def stream() -> Any:
        yield b"half"
        raise LookupError

    if has_middleware:
        app.add_middleware(GZipMiddleware)
    talk = Talk(app)
    answered = await talk.say(GET)
    assert answered.startswith(b"HTTP/1.1 503 ")
    assert answered.endswith(b"\r\n\r\nhandled")
    await talk.end()


async def test_a_stream_is_written_in_the_next_turn_and_whole_at_its_end() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for part in (b"a", b"b"):
            await send(body(part, more=True))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        for part in (b"c", b"d"):
            await send(body(part, more=True))
        await send(body(b"e"))

    talk = Talk(app)
    await talk.say(GET)
    head = answer(CHUNKED)
    assert talk.transport.writes == [head + b"1\r\na\r\n1\r\nb\r\n", b"1\r\nc\r\n1\r\nd\r\n1\r\ne\r\n0\r\n\r\n"]
    await talk.end()


@pytest.mark.parametrize("headers", [(), ((b"content-length", b"8"),)])
async def test_a_head_that_nothing_follows(headers: tuple[tuple[bytes, bytes], ...]) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(*headers))
        await going.wait()
        await send(body(b"fo", more=True))
        await going_on.wait()
        await send(body(b"ur" if not headers else b"urfour"))

    going, going_on = asyncio.Event(), asyncio.Event()
    talk = Talk(app)
    # That of a stream leaves; one that announces a length waits for the body, as long as it may become a 500.
    assert await talk.say(GET) == (b"" if headers else answer(CHUNKED))
    going.set()
    assert b"fo" in await talk.say()
    going_on.set()
    assert b"ur" in await talk.say()
    await talk.end()


async def test_a_part_that_comes_late_is_written_at_once_and_the_loop_has_its_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"a", more=True))
        monkeypatch.setattr(exchanging, "_LONGEST", 0.001)
        time.sleep(0.002)  # noqa: ASYNC251 - as an endpoint that blocks the loop does
        asyncio.get_running_loop().call_soon(turns.append, None)
        await send(body(b"b", more=True))
        seen.extend([*talk.transport.writes, len(turns)])
        await send(body())

    seen: list[Any] = []
    turns: list[None] = []
    talk = Talk(app)
    await talk.say(GET)
    assert seen == [answer(CHUNKED) + b"1\r\na\r\n1\r\nb\r\n", 1]
    await talk.end()


@pytest.mark.parametrize("request_", [GET, HEAD])
async def test_a_stream_that_waits_for_nothing_leaves_the_loop_its_turns(
    request_: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        asyncio.get_running_loop().call_later(0.005, turns.append, None)
        await send(start())
        until = time.monotonic() + 5
        while not turns and time.monotonic() < until:
            await send(body(b"a", more=True))
        had_turns.append(bool(turns))
        await send(body())

    monkeypatch.setattr(exchanging, "_LONGEST", 0.001)
    turns: list[None] = []
    had_turns: list[bool] = []
    talk = Talk(app)
    talk.connection.data_received(request_)
    while talk.state.tasks:  # noqa: ASYNC110 - there is nothing else that says so
        await asyncio.sleep(0.001)
    assert had_turns == [True]
    await talk.end()


async def test_no_more_is_kept_than_a_transport_keeps() -> None:
    large = b"x" * 65_536
    talk = Talk(sending(start(), body(b"a", more=True), body(large, more=True), body(b"b", more=True), body()))
    await talk.say(GET)
    chunk = b"10000\r\n" + large + b"\r\n"
    assert talk.transport.writes == [answer(CHUNKED) + b"1\r\na\r\n", chunk, b"1\r\nb\r\n0\r\n\r\n"]
    await talk.end()


async def test_what_is_kept_does_not_change() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        buffer = bytearray(4)
        await send(start((b"content-length", b"8")))
        for number, kind in enumerate((bytes, memoryview)):
            buffer[:] = b"%d" % number * 4
            await send(body(kind(buffer), more=True))
        buffer[:] = b"xxxx"
        await send(body())

    talk = Talk(app)
    assert (await talk.say(GET)).endswith(b"00001111")
    await talk.end()


@pytest.mark.parametrize(
    ("messages", "logged"),
    [
        ((), "without starting"),
        ((start(FOUR),), "without completing"),
        ((start(), body(b"a", more=True)), "without completing"),
        ((start((b"a b", b"")),), "InvalidAnswerError"),
        ((start(FOUR), body(b"five!")), "InvalidAnswerError"),
        ((start(FOUR), body(b"two")), "InvalidAnswerError"),
        ((body(b"two"),), "RuntimeError: Unexpected ASGI message"),
        (({"type": "http.unknown"},), "RuntimeError: Unexpected ASGI message"),
    ],
)
async def test_an_answer_that_fails_before_anything_of_it_has_left_is_a_500(
    messages: tuple[Message, ...], logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    talk = Talk(sending(*messages))
    with caplog.at_level(logging.ERROR, "uvicorn.error"):
        said = await talk.say(GET)
    assert said.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert said.endswith(FAILED)
    assert CLOSE in said
    assert talk.transport.closing
    assert logged in caplog.text
    await talk.end()


async def test_an_answer_that_fails_later_is_broken_off(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"a", more=True))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await send(body(b"b", more=True))
        raise ValueError("in the middle")

    talk = Talk(app)
    assert await talk.say(GET) == answer(CHUNKED, b"1\r\na\r\n1\r\nb\r\n")
    assert talk.transport.closing
    assert "in the middle" in caplog.text
    await talk.end()


@pytest.mark.parametrize(
    ("version", "headers", "is_reset"),
    [(b"1.0", (), True), (b"1.0", ((b"content-length", b"9"),), False), (b"1.1", (), False)],
)
async def test_a_stream_that_fails_does_not_look_as_if_it_were_whole(
    version: bytes, headers: tuple[tuple[bytes, bytes], ...], is_reset: bool
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(*headers))
        await send(body(b"half", more=True))
        await going.wait()
        raise ValueError("in the middle")

    going = asyncio.Event()
    talks: list[Talk] = []

    def connect() -> Any:
        talks.append(Talk(app))
        return talks[-1].connection

    server = await asyncio.get_running_loop().create_server(connect, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
        writer.write(b"GET / HTTP/%b\r\nhost: a\r\n\r\n" % version)
        assert b"half" in await reader.readuntil(b"half")
        going.set()
        if is_reset:
            with pytest.raises(ConnectionResetError):
                await reader.read()
        else:
            assert b"0\r\n\r\n" not in await reader.read()
        writer.close()
        await asyncio.gather(writer.wait_closed(), return_exceptions=True)
    assert not talks[0].state.connections


async def test_a_head_request_stays_one_whatever_becomes_of_its_scope() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["method"] = "GET"
        await sending(start(FOUR), body(b"four"))(scope, receive, send)

    talk = Talk(app)
    assert await talk.say(HEAD) == answer(b"content-length: 4\r\n")
    await talk.end()


async def test_what_fails_or_comes_after_an_answer_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> Any:
        await send(start(FOUR))
        await send(body(b"four"))
        asked.append(1)
        if len(asked) == 1:
            await send(body(b"more"))
        return asked

    asked: list[int] = []
    talk = Talk(app)
    for expected in ("Unexpected ASGI message 'http.response.body'", "should return None, but returned '[1, 1]'"):
        assert await talk.say(GET) == answer(b"content-length: 4\r\n", b"four")
        assert expected in caplog.text
    assert not talk.transport.closing
    await talk.end()


async def test_a_task_that_is_cut_off_is_answered(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    talk = Talk(app)
    await talk.say(GET)
    (task,) = talk.state.tasks
    task.cancel("The server stops.")
    assert (await talk.say()).endswith(FAILED)
    assert "CancelledError: The server stops." in caplog.text
    await talk.end()


async def test_a_body_comes_as_it_is_sent_and_then_the_end_of_the_answer() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.extend([await receive() for _ in range(3)])
        waiting = asyncio.ensure_future(receive())
        await send(start(FOUR))
        await send(body(b"four"))
        seen.append(await waiting)
        seen.append(await receive())

    seen: list[Message] = []
    talk = Talk(app)
    await talk.say(b"POST / HTTP/1.1\r\ncontent-length: 6\r\n\r\n")
    await talk.say(b"ab")
    await talk.say(b"c", b"d", b"e")
    assert await talk.say(b"f")
    requests = [(message.get("body"), message.get("more_body")) for message in seen[:3]]
    assert requests == [(b"ab", True), (b"cde", True), (b"f", False)]
    assert [message["type"] for message in seen[3:]] == ["http.disconnect"] * 2
    await talk.end()


async def test_a_client_that_leaves_is_told_of_and_sent_nothing_more() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await send(body(b"a", more=True))
        seen.append(await receive())
        seen.append(await receive())
        asyncio.get_running_loop().call_soon(turns.append, None)
        await send(body(b"b", more=True))
        seen.append(len(turns))

    seen: list[Any] = []
    turns: list[None] = []
    talk = Talk(app)
    await talk.say(GET)
    talk.connection.connection_lost(None)
    assert await talk.say() == b""
    # Whoever streams without end gives the loop its turn.
    assert [seen[0]["type"], seen[1]["type"], seen[2]] == ["http.request", "http.disconnect", 1]
    await talk.end()


async def test_a_client_that_does_not_read_holds_up_the_app() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for _ in range(3):
            await asyncio.sleep(0)
            await send(body(b"a", more=True))
            sent.append(1)
        await send(body())

    sent: list[int] = []
    talk = Talk(app)
    talk.connection.pause_writing()
    await talk.say(GET)
    assert not sent
    talk.connection.resume_writing()
    await talk.say()
    assert len(sent) == 3
    # Who waits is not forgotten when the client has gone.
    talk.connection.pause_writing()
    await talk.say(GET)
    talk.connection.connection_lost(None)
    await talk.say()
    assert len(sent) == 6
    await talk.end()


async def test_what_is_kept_for_a_client_that_has_gone_is_forgotten() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await receive()
        await receive()

    talk = Talk(app)
    talk.connection.data_received(GET)
    await turn()
    talk.transport.closing = True  # (the transport fails a write on its own then)
    await turn(5)
    assert talk.transport.writes == []
    talk.connection.connection_lost(None)
    await talk.end()


@pytest.mark.parametrize(
    ("version", "answers", "stays"),
    [
        (b"1.1", [b"HTTP/1.1 100 Continue\r\n\r\n", b"four"], True),
        # A client of HTTP/1.0 knows nothing of it.
        (b"1.0", [b"four"], False),
    ],
)
async def test_a_client_that_waits_is_told_to_go_on_once(version: bytes, answers: list[bytes], stays: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        while message["more_body"]:
            message = await receive()
        await send(start(FOUR))
        await send(body(b"four"))

    talk = Talk(app)
    said = [await talk.say(b"POST / HTTP/%b\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n" % version)]
    said += [await talk.say(b"a"), await talk.say(b"b")]
    told = [each for each in said if each]
    assert [each[-len(end) :] for each, end in zip(told, answers, strict=True)] == answers
    assert talk.transport.closing != stays
    await talk.end()


@pytest.mark.parametrize(("content", "stays"), [(b"", False), (b"ab", True)])
async def test_a_connection_ends_where_nobody_knows_whether_the_body_comes(content: bytes, stays: bool) -> None:
    talk = Talk(sending(start(FOUR), body(b"four")))
    said = await talk.say(b"POST / HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: 2\r\n\r\n" + content)
    assert (CLOSE in said) != stays
    assert talk.transport.closing != stays
    await talk.end()


async def test_a_client_that_was_refused_is_not_told_to_go_on() -> None:
    talk = Talk(echo)
    said = await talk.say(b"POST / HTTP/1.1\r\nexpect: 100-continue\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n")
    assert said.startswith(b"HTTP/1.1 400")
    assert b"100 Continue" not in said
    await talk.end()


async def test_access_is_logged_with_what_was_answered(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk(echo)
    talk.connection.logs_access = True
    logger = logging.getLogger("uvicorn.access")
    with caplog.at_level(logging.INFO, "uvicorn.access"), monkeypatch.context() as patched:
        patched.setattr(logger, "handlers", [caplog.handler])
        await talk.say(b"GET /a%20b?c=d HTTP/1.1\r\nhost: a\r\n\r\n")
        await talk.say(b"GET /?stream HTTP/1.1\r\nhost: a\r\n\r\n")
        await talk.say(b"GET /?fail HTTP/1.1\r\nhost: a\r\n\r\n")
    assert [record.args for record in caplog.records if record.name == "uvicorn.access"] == [
        ("192.0.2.1:5000", "GET", "/a%20b?c=d", "1.1", 200),
        ("192.0.2.1:5000", "GET", "/?stream", "1.1", 200),
        ("192.0.2.1:5000", "GET", "/?fail", "1.1", 500),
    ]
    await talk.end()


async def test_what_an_app_makes_of_its_scope_may_not_be_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["client"] = "nobody"
        await sending(start(FOUR), body(b"four"))(scope, receive, send)

    talk = Talk(app)
    talk.connection.logs_access = True
    for _ in range(2):
        assert await talk.say(GET) == answer(b"content-length: 4\r\n", b"four")
    assert "A request cannot be logged." in caplog.text
    await talk.end()


async def test_what_is_not_written_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk(sending(start(FOUR), body(b"four")))
    talk.connection.logs_access = True
    with caplog.at_level(logging.INFO, "uvicorn.access"):
        said = await talk.say(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n")
    assert said.startswith(b"HTTP/1.1 400")
    assert b"four" not in said
    assert [record.name for record in caplog.records] == ["uvicorn.error"]
    await talk.end()
