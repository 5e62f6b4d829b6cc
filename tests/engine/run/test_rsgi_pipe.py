"""Pipes: what is written arrives, a full pipe waits, and who goes away is noticed."""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest

from martlet._engine.run import rsgi_pipe
from martlet._engine.run.rsgi_pipe import Channel, Pipe, room_for_one
from tests import rsgi

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[None]:
    """Hold that no descriptor is left open."""
    before, open_now = len(os.listdir("/dev/fd")), Pipe.open_now  # noqa: PTH208 - faster, and names do
    yield
    assert (len(os.listdir("/dev/fd")), Pipe.open_now) == (before, open_now)  # noqa: PTH208 - likewise


async def test_what_is_written_arrives() -> None:
    http = rsgi.HTTP()
    pipe = Pipe(http, 200, [("x-a", "1")])
    assert Pipe.open_now == 1
    for _ in range(3):
        assert await pipe.write(b"x" * 100_000)
    pipe.close()
    pipe.close()
    assert http.reading is not None
    await http.reading
    assert (http.status, http.headers, http.body, http.complete) == (200, [("x-a", "1")], b"x" * 300_000, True)
    await asyncio.sleep(0.05)  # for the reading end


async def test_a_full_pipe_waits() -> None:
    class Slow:
        def response_file(self, _status: int, _headers: Any, file: str) -> None:
            self.descriptor = os.open(file, os.O_RDONLY)

    proto: Any = Slow()
    pipe = Pipe(proto, 200, [])
    writing = asyncio.ensure_future(pipe.write(b"x" * 1_000_000))
    await asyncio.sleep(0.05)
    assert not writing.done()
    read = len(os.read(proto.descriptor, 65536))
    await asyncio.sleep(0.05)
    assert not writing.done()
    # Now the other end alone holds the pipe open; without it there is nobody to write to.
    os.close(proto.descriptor)
    assert not await asyncio.wait_for(writing, 5)
    assert read > 0
    assert not await pipe.write(b"more")


async def test_who_waits_is_told_to_stop() -> None:
    class Nobody:
        def response_file(self, _status: int, _headers: Any, _file: str) -> None: ...

    proto: Any = Nobody()
    pipe = Pipe(proto, 200, [])
    writing = asyncio.ensure_future(pipe.write(b"x" * 1_000_000))
    await asyncio.sleep(0.01)
    pipe.abort()
    assert not await writing


async def test_a_server_that_never_reads_is_waited_for_no_longer_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    class Nobody:
        def response_file(self, _status: int, _headers: Any, _file: str) -> None: ...

    monkeypatch.setattr(rsgi_pipe, "_PATIENCE", 0.01)
    proto: Any = Nobody()
    pipe = Pipe(proto, 200, [])
    await asyncio.sleep(0.1)
    assert not await pipe.write(b"x")


async def read_nothing(pipe: Pipe, http: rsgi.HTTP) -> None:
    pipe.close()
    assert http.reading is not None
    await asyncio.wait_for(http.reading, 5)
    assert (http.body, http.complete) == (b"", True)


@pytest.mark.skipif(rsgi_pipe._DESCRIPTORS is None, reason="the system lists no descriptors")
async def test_an_empty_body_holds_no_descriptor_once_it_is_read() -> None:
    http = rsgi.HTTP()
    pipe = Pipe(http, 200, [])
    await read_nothing(pipe, http)
    assert (pipe._reading, pipe._writing) == (-1, -1)


@pytest.mark.skipif(rsgi_pipe._DESCRIPTORS is None, reason="the system lists no descriptors")
async def test_an_empty_body_waits_for_a_server_that_is_late() -> None:
    class Late:
        def response_file(self, _status: int, _headers: Any, file: str) -> None:
            self.file = file

    proto: Any = Late()
    pipe = Pipe(proto, 200, [])
    pipe.close()
    await asyncio.sleep(0.02)
    descriptor = os.open(proto.file, os.O_RDONLY)
    await asyncio.sleep(0.1)
    assert (pipe._reading, pipe._writing, os.read(descriptor, 1)) == (-1, -1, b"")
    os.close(descriptor)


async def test_where_descriptors_are_not_listed_an_empty_body_ends_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rsgi_pipe, "_DESCRIPTORS", None)
    monkeypatch.setattr(rsgi_pipe, "_PATIENCE", 0.05)
    http = rsgi.HTTP()
    pipe = Pipe(http, 200, [])
    await read_nothing(pipe, http)
    await asyncio.sleep(0.1)
    assert pipe._reading == -1


async def test_a_channel_where_there_are_no_pipes() -> None:
    http = rsgi.HTTP(reads=2)
    channel = Channel(http, 200, [])
    assert await channel.write(b"ab")
    assert not await channel.write(b"c")
    channel.close()
    assert (http.body, http.complete) == (b"ab", True)


@pytest.mark.parametrize(
    ("threads", "open_now", "room"), [("", 0, True), ("", 480, False), ("600", 480, True), ("1", 1, False)]
)
async def test_there_are_only_so_many(threads: str, open_now: int, room: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRANIAN_RUNTIME_BLOCKING_THREADS", threads)
    with monkeypatch.context() as patch:
        patch.setattr(Pipe, "open_now", open_now)
        assert room_for_one() is room
