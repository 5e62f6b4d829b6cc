"""StreamingResponses sent without a task group: what is sent, how a client that leaves ends them, and what fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from starlette.background import BackgroundTask
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from martlet._engine.run.streaming import sending

HTTP: Scope = {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "method": "GET", "headers": []}
GONE: Message = {"type": "http.disconnect"}

pytestmark = pytest.mark.anyio


class Trouble(Exception):
    """What streams and clients of these tests raise."""


async def stays() -> Message:
    await anyio.sleep(5)
    raise Trouble("nobody waits so long")


async def leaves_later() -> Message:
    await anyio.sleep(0.001)
    return GONE


async def leaves_at_once() -> Message:
    return GONE


async def fails() -> Message:
    raise Trouble("the connection is lost")


async def chunks(log: list[str], count: int = 3, pause: float = 0) -> AsyncIterator[bytes]:
    try:
        for number in range(count):
            await anyio.sleep(pause)
            yield b"%d" % number
        log.append("all")
    except BaseException as error:
        log.append(type(error).__name__)
        raise


async def sent(
    response: Response, receive: Receive, log: list[str], scope: Scope = HTTP, send: Send | None = None
) -> list[Any]:
    """Send a response, and return its messages and what was raised."""
    messages: list[Any] = []

    async def keep(message: Message) -> None:
        messages.append(message)

    response.background = BackgroundTask(log.append, "background")
    try:
        with anyio.fail_after(3):
            await sending(response, scope, receive, send or keep)
    except Exception as error:
        messages.append(repr(error))
    return messages


def with_a_call_of_its_own(kind: Any) -> Any:
    """Return a subclass that Starlette serves."""

    async def call(self: Any, scope: Scope, receive: Receive, send: Send) -> None:
        await kind.__call__(self, scope, receive, send)

    return type("Own", (kind,), {"__call__": call})


Make = Callable[[list[str]], Response]
ENDLESS = 10**9


@pytest.mark.parametrize("receive", [stays, leaves_later, leaves_at_once, fails])
@pytest.mark.parametrize(
    "make",
    [
        lambda log: StreamingResponse(chunks(log)),
        lambda log: StreamingResponse(chunks(log, pause=0.0001), status_code=201, headers={"x-a": "1"}),
        lambda _: PlainTextResponse("whole"),
    ],
)
async def test_it_is_sent_as_starlette_does(receive: Receive, make: Make) -> None:
    logs: tuple[list[str], list[str]] = ([], [])
    theirs, ours = make(logs[0]), make(logs[1])

    theirs.__class__ = with_a_call_of_its_own(type(theirs))
    expected, found = await sent(theirs, receive, logs[0]), await sent(ours, receive, logs[1])
    assert found == expected or receive is leaves_later  # when that is heard of is a matter of turns
    assert logs[1][-1:] == logs[0][-1:]


async def test_a_client_that_leaves_ends_what_never_would() -> None:
    log: list[str] = []
    messages = await sent(StreamingResponse(chunks(log, ENDLESS, pause=0.0001)), leaves_later, log)
    assert messages[-1].get("more_body", True)
    assert log[-1] == "background"
    assert "all" not in log


def stays_until(ends: list[str]) -> Receive:
    """Return a client that stays, and notes when it is no longer listened to."""

    async def listened() -> Message:
        try:
            return await stays()
        finally:
            ends.append("listener")

    return listened


async def test_a_stream_that_fails_ends_the_listener() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"a"
        await anyio.sleep(0.001)
        raise Trouble("the stream")

    ends: list[str] = []

    log: list[str] = []
    messages = await sent(StreamingResponse(broken()), stays_until(ends), log)
    assert messages[-1] == repr(Trouble("the stream"))
    assert ends == ["listener"]
    assert log == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_nobody_listens_while_only_the_head_and_the_end_take_time() -> None:
    async def at_once() -> AsyncIterator[bytes]:
        yield b"a"
        yield b"b"

    messages: list[Message] = []

    async def slow(message: Message) -> None:
        if not message.get("more_body"):
            await anyio.sleep(0.001)
        messages.append(message)

    ends: list[str] = []
    assert await sent(StreamingResponse(at_once()), stays_until(ends), [], send=slow) == []
    assert [message.get("body") for message in messages] == [None, b"a", b"b", b""]
    assert ends == []


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_stream_that_never_waits_ends_when_its_client_has_left() -> None:
    """What is sent to a client that has left is dropped by the server, which only lets others have their turn."""
    made = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal made
        while made < 10_000:
            made += 1
            yield b"more"

    left = anyio.Event()

    async def drops(message: Message) -> None:
        if made == 3:
            left.set()
        await anyio.lowlevel.checkpoint()

    async def leaves() -> Message:
        await left.wait()
        return GONE

    await sent(StreamingResponse(flood()), leaves, [], send=drops)
    assert 3 <= made < 10


@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_a_listener_that_is_told_of_the_end_cancels_nothing_any_more() -> None:
    async def told() -> Message:
        try:
            return await stays()
        except asyncio.CancelledError:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.001)
            return GONE  # as behind an http middleware, whose answer is complete

    log: list[str] = []
    messages = await sent(StreamingResponse(chunks(log)), told, log)
    assert messages[-1]["body"] == b""
    assert log == ["all", "background"]


async def test_a_wait_that_is_cancelled_from_inside_is_the_stream_s() -> None:
    log: list[str] = []

    async def patient() -> AsyncIterator[bytes]:
        with anyio.move_on_after(0.001):
            await anyio.sleep(5)
        yield b"late"
        log.append("all")

    ends: list[str] = []
    messages = await sent(StreamingResponse(patient()), stays_until(ends), log)
    assert [message.get("body") for message in messages] == [None, b"late", b""]
    assert (log, ends) == (["all", "background"], ["listener"])


@pytest.mark.parametrize("pause", [0, 0.001])
async def test_a_listener_may_take_its_time_to_clean_up(pause: float) -> None:
    ends: list[str] = []

    async def slow() -> Message:
        try:
            return await stays()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.001)
            ends.append("listener")

    log: list[str] = []
    messages = await sent(StreamingResponse(chunks(log, pause=pause)), slow, log)
    assert [message.get("body") for message in messages] == [None, b"0", b"1", b"2", b""]
    assert ends == ["listener"]


async def test_a_cancelled_request_ends_both() -> None:
    ends: list[str] = []

    log: list[str] = []
    with anyio.move_on_after(0.01) as scope:
        await sent(StreamingResponse(chunks(log, ENDLESS, pause=0.0001)), stays_until(ends), log)
    assert scope.cancelled_caught
    assert ends == ["listener"]
    assert len(log) == 1


@pytest.mark.parametrize("scope", [{**HTTP, "asgi": {"version": "3.0", "spec_version": "2.4"}}, {**HTTP, "asgi": {}}])
async def test_servers_of_other_versions(scope: Scope) -> None:
    async def gone(message: Message) -> None:
        raise OSError

    log: list[str] = []
    messages = await sent(StreamingResponse(chunks(log)), stays, log, scope, gone)
    assert messages == ["ClientDisconnect()" if scope["asgi"] else "OSError()"]


async def test_a_denial_of_a_websocket_is_starlette_s() -> None:
    log: list[str] = []
    scope = {**HTTP, "type": "websocket", "extensions": {"websocket.http.response": {}}}
    messages = await sent(StreamingResponse(chunks(log)), stays, log, scope)
    assert messages[0]["type"] == "websocket.http.response.start"


def test_what_is_sent_is_awaited() -> None:
    waits: Awaitable[None] = sending(PlainTextResponse("whole"), HTTP, stays, _refuse)
    with pytest.raises(Trouble):
        asyncio.run(_wait(waits))


async def _refuse(message: Message) -> None:
    raise Trouble("nothing is sent")


async def _wait(waits: Awaitable[None]) -> None:
    await waits
