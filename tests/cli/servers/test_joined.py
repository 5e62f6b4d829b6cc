"""Heads and bodies of answers, written together where they come together."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from martlet.cli.discover import Target
from martlet.cli.servers import joined as joining
from martlet.cli.servers import on_uvicorn
from martlet.cli.servers.joined import JoinedProtocol, JoinedTransport
from martlet.cli.servers.on_uvicorn import UvicornSite
from martlet.cli.servers.serving import Serving

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
Written = list[bytes]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no pause of a busy machine look like an endpoint that blocks the loop."""
    monkeypatch.setattr(joining, "_LONGEST", 60)


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
async def test_what_comes_in_one_turn_is_written_together(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    for part in (HEAD, b"body", b"more"):
        transport.write(part)
    assert written == []
    await asyncio.sleep(0)
    transport.write(b"last")
    assert written == [HEAD + b"bodymore"]
    transport.flush()
    transport.flush()
    await asyncio.sleep(0)
    assert written == [HEAD + b"bodymore", b"last"]


@pytest.mark.anyio
async def test_no_more_is_kept_than_uvicorn_lets_a_transport_keep(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    transport.write(b"x" * 65536)
    assert [len(each) for each in written] == [len(HEAD) + 65536]
    transport.write(b"more")
    assert len(written) == 1
    await asyncio.sleep(0)
    assert written[1:] == [b"more"]


@pytest.mark.anyio
async def test_the_parts_of_an_answer_that_blocks_the_loop_are_written_as_they_come(
    monkeypatch: pytest.MonkeyPatch, anyio_backend: str
) -> None:
    monkeypatch.setattr(joining, "_LONGEST", 0.001)
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    for part in (b"one", b"two"):
        time.sleep(0.002)  # noqa: ASYNC251 - as the endpoint does
        transport.write(part)
    assert written == [HEAD + b"one", b"two"]
    monkeypatch.setattr(joining, "_LONGEST", 60)
    # The next answer on the connection is another one's.
    transport.write(HEAD)
    transport.write(b"body")
    assert len(written) == 2
    transport.close()


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


def test_a_stream_of_many_parts_comes_in_one_packet_where_it_waits_for_nothing(anyio_backend: str) -> None:
    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(10):
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        said = await reader.read(65536)
        writer.close()
        return [said]

    (said,) = _served(stream, ask)
    assert said.count(b"4\r\npart\r\n") == 10
    assert said.endswith(b"0\r\n\r\n")


def test_what_is_no_http_is_refused_after_what_was_answered_before(anyio_backend: str) -> None:
    async def begin(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        protocols[0].send_400_response("no HTTP")

    class Noted(JoinedProtocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            protocols.append(self)

    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        said = await reader.read()
        writer.close()
        return [said]

    protocols: list[JoinedProtocol] = []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(on_uvicorn, "_http", lambda: Noted)
        (said,) = _served(begin, ask)
    assert 0 <= said.find(b"HTTP/1.1 200") < said.find(b"HTTP/1.1 400")


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
