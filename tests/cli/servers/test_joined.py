"""Heads and bodies of answers, written together where they come together."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from martlet.cli.discover import Target
from martlet.cli.servers import on_uvicorn
from martlet.cli.servers.joined import JoinedProtocol, JoinedTransport
from martlet.cli.servers.on_uvicorn import UvicornSite
from martlet.cli.servers.serving import Serving

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
Written = list[bytes]


def joined(written: Written) -> JoinedTransport:
    """Return a transport of which the calls are noted, each as what it writes."""
    transport: Any = SimpleNamespace(
        write=written.append,
        writelines=lambda parts: written.append(b"".join(parts)),
        close=lambda: written.append(b"closed"),
        is_closing=lambda: b"closed" in written,
    )
    return JoinedTransport(transport, asyncio.get_running_loop())


@pytest.mark.anyio
async def test_a_head_waits_for_what_follows_it(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    assert written == []
    transport.write(b"body")
    transport.write(b"more")
    await asyncio.sleep(0)
    assert written == [HEAD + b"body", b"more"]


@pytest.mark.anyio
async def test_a_head_that_nothing_follows_is_written_in_the_next_turn(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    await asyncio.sleep(0)
    assert written == [HEAD]
    transport.write(b"body")
    assert written == [HEAD, b"body"]


@pytest.mark.anyio
async def test_nothing_is_lost_when_the_connection_is_closed(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    assert not transport.is_closing()
    transport.close()
    await asyncio.sleep(0)
    assert written == [HEAD, b"closed"]
    assert transport.is_closing()


pytestmark = pytest.mark.parametrize("anyio_backend", ["asyncio"])


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer at once, or with a moment between head and body; refuse WebSockets."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    if scope["path"] == "/slow":
        await asyncio.sleep(0.05)
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.mark.parametrize(("path", "packets"), [("/", 1), ("/slow", 2)])
def test_an_answer_that_is_there_comes_in_one_packet(path: str, packets: int, anyio_backend: str) -> None:
    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        seen: list[bytes] = []
        for _ in range(2):  # on one connection
            writer.write(b"GET %s HTTP/1.1\r\nhost: a\r\n\r\n" % path.encode())
            answer = b""
            while not answer.endswith(b"hello"):
                part = await reader.read(65536)
                assert part
                seen.append(part)
                answer += part
        writer.close()
        return seen

    assert len(_served(app, ask)) == 2 * packets


def test_websockets_are_uvicorn_s(anyio_backend: str) -> None:
    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
        writer.write(head + b"sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        said = await reader.readline()
        writer.close()
        return [said]

    assert b" 403 " in _served(app, ask)[0]


def _served(served: Any, ask: Callable[[int], Awaitable[list[bytes]]]) -> list[bytes]:
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

    return asyncio.run(main())


def test_uvicorn_chooses_where_the_parser_is_missing(monkeypatch: pytest.MonkeyPatch, anyio_backend: str) -> None:
    assert on_uvicorn._http() is JoinedProtocol
    monkeypatch.setattr(on_uvicorn, "find_spec", lambda _: None)
    assert on_uvicorn._http() == "auto"
