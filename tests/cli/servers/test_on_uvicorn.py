import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from martlet import FastAPI
from martlet.cli.discover import Target
from martlet.cli.servers.http1.connection import Connection
from martlet.cli.servers.on_uvicorn import UvicornSite
from martlet.cli.servers.serving import Serving
from martlet.cli.servers.site import loop_factory


def server_of(site: UvicornSite) -> Any:
    """Return uvicorn's server, with connections that are not connected."""
    server: Any = site._server
    server.server_state.connections = {Noted(), Noted(), object()}  # the last one is a WebSocket
    return server


class Noted(Connection):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.is_last = False
        self.seconds = 0

    def sweep(self) -> None:
        self.seconds += 1


def site() -> UvicornSite:
    return UvicornSite(Serving(Target("main", Path())), FastAPI(), [])


def test_connections_are_told_of_each_second() -> None:
    async def ticks() -> None:
        for counter in range(31):
            assert not await server.on_tick(counter)

    server = server_of(site())
    noted = [each for each in server.server_state.connections if isinstance(each, Noted)]
    asyncio.run(ticks())
    assert [each.seconds for each in noted] == [4, 4]


def test_connections_take_leave_before_the_server_stops() -> None:
    closed: list[bool] = []
    server = server_of(site())
    noted = [each for each in server.server_state.connections if isinstance(each, Noted)]
    server.started, server.servers = True, [SimpleNamespace(close=lambda: closed.append(True))]
    assert not server._has_left(0)
    server.leave(10)
    assert closed == [True]
    assert not server._has_left(9)
    assert all(each.is_last for each in noted)
    assert server._has_left(10)
    server.server_state.connections = {object()}
    assert server._has_left(9), "a WebSocket is told by uvicorn"


def test_a_server_that_has_not_begun_leaves_at_once() -> None:
    server: Any = site()._server
    server.leave(10)
    assert server._has_left(0)


# ------------------------------------------------------------------------------------------------------- over a network


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, or with a moment between head and body; refuse WebSockets."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
        return
    headers = [] if scope["path"] == "/slow" else [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if scope["path"] == "/slow":
        await asyncio.sleep(0.05)
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.mark.parametrize(("path", "end", "packets"), [(b"/", b"hello", 1), (b"/slow", b"0\r\n\r\n", 2)])
def test_an_answer_that_is_there_comes_in_one_packet(path: bytes, end: bytes, packets: int) -> None:
    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        seen: list[bytes] = []
        for _ in range(2):  # on one connection
            writer.write(b"GET %b HTTP/1.1\r\nhost: a\r\n\r\n" % path)
            answer = b""
            while not answer.endswith(end):
                part = await reader.read(65536)
                assert part
                seen.append(part)
                answer += part
        writer.close()
        return seen

    assert len(_served(app, ask)) == 2 * packets


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_a_client_that_never_reads_holds_up_the_app(loop: str) -> None:
    sent: list[int] = [0]

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 100_000, "more_body": True})
            sent[0] += 1

    async def ask(port: int) -> list[bytes]:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        await asyncio.sleep(0.5)
        seen = sent[0]
        writer.close()
        return [b"%d" % seen]

    (seen,) = _served(stream, ask, loop_factory() if loop == "uvloop" else asyncio.new_event_loop)
    assert 0 < int(seen) < 500


def test_a_stream_that_waits_for_nothing_ends_when_its_client_leaves() -> None:
    ended: list[bool] = []

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        async def endless() -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})

        sending = asyncio.ensure_future(endless())
        while (await receive())["type"] != "http.disconnect":
            pass
        ended.append(sending.cancel())

    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        said = await reader.read(1000)
        writer.close()
        while not ended:  # noqa: ASYNC110 - there is nothing else that says so
            await asyncio.sleep(0.01)
        return [said]

    assert _served(stream, ask)[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert ended == [True]


def test_websockets_are_uvicorn_s() -> None:
    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        writer.write(head + b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        said = await reader.readline()
        writer.close()
        return [said]

    assert b" 403 " in _served(app, ask)[0]


def _served(
    served: Any, ask: Callable[[int], Awaitable[list[bytes]]], loop: Callable[[], Any] | None = None
) -> list[bytes]:
    async def main() -> list[bytes]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            site = UvicornSite(Serving(Target("main", Path())), served, [listening])
            ready = asyncio.Event()
            serving = asyncio.ensure_future(site.serve(ready.set))
            await ready.wait()
            said = await ask(listening.getsockname()[1])
            site._server.should_exit = True
            await serving
            return said

    with asyncio.Runner(loop_factory=loop) as runner:
        return runner.run(main())
