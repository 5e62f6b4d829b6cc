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
from martlet.cli.servers.site import loop_factory

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
        close=lambda: written.append(b"closed"),
        is_closing=lambda: b"closed" in written,
    )
    return JoinedTransport(transport, asyncio.get_running_loop())


@pytest.mark.anyio
async def test_a_head_waits_for_what_follows_it_and_later_parts_for_each_other(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    assert written == []
    transport.write(b"first")
    assert written == [HEAD + b"first"]
    for part in (b"second", b"", b"third"):
        transport.write(part)
    assert len(written) == 1
    await asyncio.sleep(0)
    transport.write(b"last")
    assert written[1:] == [b"secondthird"]
    transport.flush()
    transport.flush()
    await asyncio.sleep(0)
    assert written[2:] == [b"last"]


@pytest.mark.anyio
async def test_a_head_that_nothing_follows_is_written_in_the_next_turn(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    await asyncio.sleep(0)
    assert written == [HEAD]
    transport.write(b"first")
    await asyncio.sleep(0)
    assert written == [HEAD, b"first"]


@pytest.mark.anyio
async def test_no_more_is_kept_than_uvicorn_lets_a_transport_keep(anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    for part in (HEAD, b"first", b"x", b"y" * 65536, b"z"):
        transport.write(part)
    assert written == [HEAD + b"first", b"x", b"y" * 65536]
    await asyncio.sleep(0)
    assert written[3:] == [b"z"]


@pytest.mark.anyio
async def test_a_part_that_comes_late_is_written_at_once(monkeypatch: pytest.MonkeyPatch, anyio_backend: str) -> None:
    written: Written = []
    transport = joined(written)
    for part in (HEAD, b"first"):
        transport.write(part)
    monkeypatch.setattr(joining, "_LONGEST", 0.001)
    time.sleep(0.002)  # noqa: ASYNC251 - as an endpoint that blocks the loop does
    transport.write(b"second")
    assert written == [HEAD + b"first", b"second"]


@pytest.mark.anyio
async def test_what_is_kept_does_not_change(anyio_backend: str) -> None:
    buffer = bytearray(4)
    kinds: list[Any] = [lambda same: same, memoryview, memoryview]
    written: Written = []
    transport = joined(written)
    transport.write(HEAD)
    for number in range(3):
        buffer[:] = b"%d" % number * 4
        transport.write(kinds[number](buffer))
    transport.flush()
    assert b"".join(written) == HEAD + b"000011112222"


@pytest.mark.anyio
async def test_what_is_kept_for_a_client_that_has_gone_is_forgotten(anyio_backend: str) -> None:
    written: Written = [b"closed"]
    transport = joined(written)
    transport.write(HEAD)
    await asyncio.sleep(0)
    assert written == [b"closed"]


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


def test_a_stream_of_many_parts_comes_in_two_packets_where_it_waits_for_nothing(anyio_backend: str) -> None:
    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(10):
            await send({"type": "http.response.body", "body": b"part", "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def ask(port: int) -> list[bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        seen: list[bytes] = []
        while not b"".join(seen).endswith(b"0\r\n\r\n"):
            seen.append(await reader.read(65536))
        writer.close()
        return seen

    seen = _served(stream, ask)
    assert b"".join(seen).count(b"4\r\npart\r\n") == 10
    assert len(seen) <= 2


@pytest.mark.parametrize("loop", ["uvloop", "asyncio"])
def test_a_client_that_never_reads_holds_up_the_app(loop: str, anyio_backend: str) -> None:
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


def test_uvicorn_chooses_where_the_parser_is_missing(monkeypatch: pytest.MonkeyPatch, anyio_backend: str) -> None:
    assert on_uvicorn._http() is JoinedProtocol
    monkeypatch.setattr(on_uvicorn, "find_spec", lambda _: None)
    assert on_uvicorn._http() == "auto"
