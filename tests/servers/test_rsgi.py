"""RSGI under Granian: streams that nobody reads, answers against HTTP, and whether `tests/rsgi.py` is like Granian."""

import asyncio
import json
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests import rsgi
from tests.servers import rsgi_app
from tests.serving import ROOT, Served, free_port, serving


def granian(app: str, folder: Path) -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--port", str(port), app]
    with serving(command, port, folder / "log", {"PYTHONPATH": str(ROOT)}) as served:
        yield served


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from granian("tests.servers.rsgi_app:app", tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from granian("tests.servers.streaming_app:app", tmp_path_factory.mktemp("streaming"))


def port_of(served: Served) -> int:
    return int(served.url.rpartition(":")[2])


def talk(served: Served, request: bytes) -> socket.socket:
    """Send bytes, and return the connection."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port_of(served)))
    connection.sendall(request)
    return connection


def state(served: Served) -> dict[str, int]:
    found: dict[str, int] = httpx2.get(f"{served.url}/health").json()
    return found


def test_a_stream_that_is_never_read_is_never_made(streaming: Served) -> None:
    before = state(streaming)
    with talk(streaming, b"GET /endless HTTP/1.1\r\nhost: x\r\n\r\n"):
        time.sleep(1)
        stalled = state(streaming)
        time.sleep(2)
        later = state(streaming)
    assert 0 < stalled["sent"] < 20_000_000
    assert later["sent"] == stalled["sent"]
    assert later["resident"] - before["resident"] < 30_000_000
    assert later["ended"] == 0
    # It ends when the client has gone.
    until = time.monotonic() + 10
    while not state(streaming)["ended"] and time.monotonic() < until:
        time.sleep(0.1)
    assert state(streaming)["ended"] == 1


def left_after_the_first_piece(served: Served) -> None:
    with talk(served, b"GET /silent HTTP/1.1\r\nhost: x\r\n\r\n") as connection:
        while b"first" not in connection.recv(4096):
            pass
        time.sleep(0.2)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux says which connections there are")
def test_a_silent_stream_ends_when_its_client_has_gone(streaming: Served) -> None:
    before = state(streaming)["ended"]
    for _ in range(3):
        left_after_the_first_piece(streaming)
    until = time.monotonic() + 10
    while state(streaming)["ended"] < before + 3 and time.monotonic() < until:
        time.sleep(0.1)
    assert state(streaming)["ended"] == before + 3


def run_on_granian(folder: Path) -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, "-m", "martlet", "run", "tests.servers.streaming_app:app", "--server", "granian"]
    with serving(
        [*command, "--port", str(port), "--drain", "60"], port, folder / "log", {"PYTHONPATH": str(ROOT)}
    ) as served:
        yield served


@pytest.mark.skipif(sys.platform != "linux", reason="Linux says which connections there are")
def test_a_silent_stream_that_nobody_hears_does_not_keep_the_process(tmp_path: Path) -> None:
    for served in run_on_granian(tmp_path):
        left_after_the_first_piece(served)
        began = time.monotonic()
        assert served.end() == 0
        assert time.monotonic() - began < 20


def test_of_a_stream_that_fails_at_once_the_whole_error_is_told(tmp_path: Path) -> None:
    for served in run_on_granian(tmp_path):
        assert httpx2.get(f"{served.url}/failing").status_code == 500
        served.end()
        assert "the first of two" in served.printed
        assert "the second of two" in served.printed


def test_a_stream_that_is_read_goes_on(streaming: Served) -> None:
    with httpx2.stream("GET", f"{streaming.url}/endless") as answer:
        read = 0
        for piece in answer.iter_raw():
            read += len(piece)
            if read > 50_000_000:
                break
    assert read > 50_000_000


def test_bodies_without_a_length_are_read_to_their_end(streaming: Served) -> None:
    for count in (0, 1, 3):
        answer = httpx2.post(f"{streaming.url}/take", content=iter([b"x" * 1000] * count))
        assert (answer.status_code, answer.text) == (200, str(1000 * count))


HEADERS = [("x-one", "1"), ("x-two", "2"), ("x-two", "3")]


async def in_process(method: str, target: str, headers: rsgi.Pairs = (), *pieces: bytes) -> rsgi.HTTP:
    class App:
        __rsgi__ = staticmethod(rsgi_app.app)

    http = rsgi.HTTP(list(pieces))
    await rsgi.serve(App, rsgi.Scope(method, target, headers), http)
    return http


@pytest.mark.parametrize("target", ["/head", "/head/%20a/%C3%A4%ff/b%2Fc//?x=%20y&z", "/head?", "/head/ä"])
def test_heads_are_alike(bare: Served, target: str) -> None:
    raw = target.encode()
    lines = [b"GET " + raw + b" HTTP/1.1", b"host: x", b"x-one: 1", b"x-two: 2", b"x-two: 3", b"x-odd: \xe4", b"", b""]
    with talk(bare, b"\r\n".join(lines)) as connection:
        found = connection.recv(65536)
    http = asyncio.run(in_process("GET", target, [*HEADERS, ("x-odd", "ä")]))
    assert json.loads(found.partition(b"\r\n\r\n")[2]) == json.loads(http.body)


@pytest.mark.parametrize("path", ["/body", "/pieces"])
def test_bodies_are_alike(bare: Served, path: str) -> None:
    found = httpx2.post(f"{bare.url}{path}", content=iter([b"one", b"two"]))
    expected = asyncio.run(in_process("POST", path, [("transfer-encoding", "chunked")], b"one", b"two"))
    assert found.json() == json.loads(expected.body)


def test_only_the_first_answer_counts(bare: Served) -> None:
    found = httpx2.get(f"{bare.url}/twice")
    expected = asyncio.run(in_process("GET", "/twice"))
    assert (found.status_code, found.content) == (expected.status, expected.body) == (202, b"")
    ours = ("server", "date")
    assert sorted(pair for pair in found.headers.multi_items() if pair[0] not in ours) == sorted(expected.headers)


def test_clients_leave_alike(bare: Served) -> None:
    talk(bare, b"POST /gone HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nabc").close()
    until = time.monotonic() + 10
    while "gone: " not in bare.printed and time.monotonic() < until:
        time.sleep(0.1)
    assert "gone: RSGIProtocolClosed" in bare.printed

    async def leave() -> Any:
        http = rsgi.HTTP([b"abc"], leaves=True)
        with pytest.raises(rsgi.RSGIProtocolClosed):
            await http()

    asyncio.run(leave())


def test_exceptions_are_a_500(bare: Served) -> None:
    assert httpx2.get(f"{bare.url}/raise").status_code == 500
    with pytest.raises(ValueError, match="/raise"):
        asyncio.run(in_process("GET", "/raise"))
