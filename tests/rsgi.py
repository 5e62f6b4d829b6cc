"""Granian's side of RSGI, in process: gives an app what Granian gives it, and takes from it what Granian takes.

`tests/servers/test_rsgi.py` asks Granian and this the same, so that what is said here of Granian stays true.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

Pairs = Sequence[tuple[str, str]]


class RSGIProtocolClosed(RuntimeError):
    """What Granian raises when the client has gone."""


class RSGIProtocolError(RuntimeError):
    """What Granian raises for calls out of turn."""


class Headers:
    """The headers of a request: those whose value is ASCII, as Granian gives no others."""

    def __init__(self, pairs: Pairs) -> None:
        self._all = [(name.lower(), value) for name, value in pairs]
        self._pairs = [(name, value) for name, value in self._all if value.isascii()]

    def items(self) -> list[tuple[str, str]]:
        return list(self._pairs)

    def get(self, key: str, default: Any = None) -> Any:
        return next(iter(self.get_all(key)), default)

    def get_all(self, key: str) -> list[str]:
        return [value for name, value in self._pairs if name == key.lower()]

    def __contains__(self, key: str) -> bool:
        return any(name == key.lower() for name, _ in self._all)


@dataclass(frozen=True)
class Scope:
    """The head of a request.

    Args:
        method: the method.
        target: the raw path with its query.
        pairs: the headers.
    """

    method: str
    target: str
    pairs: Pairs = ()
    proto: str = "http"
    http_version: str = "1.1"
    rsgi_version: str = "1.6"
    scheme: str = "http"
    server: str = "server:80"
    client: str = "client:1234"
    authority: None = None

    @property
    def path(self) -> str:
        return unquote(self.target.partition("?")[0])

    @property
    def query_string(self) -> str:
        return self.target.partition("?")[2]

    @property
    def headers(self) -> Headers:
        return Headers(self.pairs)


@dataclass
class HTTP:
    """The body of a request, and what takes its answer.

    Args:
        pieces: the body.
        leaves: whether the client leaves instead of sending the rest of the body.
        reads: how many bytes of the answer the client reads before it leaves; None: all.
    """

    pieces: list[bytes] = field(default_factory=list)
    leaves: bool = False
    reads: int | None = None
    status: int | None = None
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    complete: bool = False
    on_head: Callable[[], None] = lambda: None
    on_end: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._is_taken = False
        self._ends = 2 if self.leaves else 1
        self._gone = asyncio.Event()
        self.reading: asyncio.Task[None] | None = None
        self.length_added = False

    # The request

    def _take(self) -> None:
        if self._is_taken:
            raise RSGIProtocolError("RSGI protocol error")
        self._is_taken = True

    async def __call__(self) -> bytes:
        self._take()
        await asyncio.sleep(0)
        if self.leaves:
            self._gone.set()
            raise RSGIProtocolClosed("RSGI transport is closed")
        return b"".join(self.pieces)

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._take()
        return self

    def __anext__(self) -> Awaitable[bytes]:
        # Granian's says at once that it is over, not when it is awaited.
        if not self.pieces and not self._ends:
            raise StopAsyncIteration
        return self._next()

    async def _next(self) -> bytes:
        await asyncio.sleep(0)
        if self.pieces:
            return self.pieces.pop(0)
        self._ends -= 1
        if self.leaves:
            self._gone.set()
        return b""

    def client_disconnect(self) -> Awaitable[Any]:
        return self._gone.wait()

    def leave(self) -> None:
        """Have the client leave."""
        self._gone.set()

    # The answer

    def _begin(self, status: int, headers: Any) -> bool:
        if self.status is not None:
            return False
        if not 0 <= status < 65536:
            raise OverflowError("out of range integral type conversion attempted")
        if not 100 <= status <= 999:
            raise SystemExit("InvalidStatusCode")  # ends Granian's worker
        for pair in headers:
            if not all(isinstance(each, str) for each in pair):
                raise TypeError("not an instance of 'str'")
        self.status = status
        self.headers = [(name.lower(), value) for name, value in headers]
        self.on_head()
        return True

    def _end(self) -> None:
        self.complete = True
        self.on_end()

    def response_empty(self, status: int, headers: Pairs) -> None:
        self.response_bytes(status, headers, b"")

    def response_str(self, status: int, headers: Pairs, body: str) -> None:
        self.response_bytes(status, headers, body.encode())

    def response_bytes(self, status: int, headers: Pairs, body: bytes) -> None:
        if not any(name.lower() == "content-length" for name, _ in headers) and status not in (204, 304):
            self.length_added = True
            headers = [("content-length", str(len(body))), *headers]  # (Granian has it last)
        if self._begin(status, headers):
            self.body = body
            self._end()

    def response_stream(self, status: int, headers: Pairs) -> "Stream":
        if not self._begin(status, headers):
            raise RSGIProtocolError("RSGI protocol error")
        return Stream(self)

    def response_file(self, status: int, headers: Pairs, file: str) -> None:
        if self._begin(status, headers):
            self.reading = asyncio.get_running_loop().create_task(self._read(file))

    async def _read(self, file: str) -> None:
        descriptor = await asyncio.to_thread(os.open, file, os.O_RDONLY)
        try:
            while self.reads is None or len(self.body) < self.reads:
                piece = await asyncio.to_thread(os.read, descriptor, 131_072)
                if not piece:
                    self._end()
                    return
                self.body += piece
            self.leave()
        finally:
            os.close(descriptor)


class Stream:
    """Granian's own stream, which takes everything; its end is when nobody has it any more."""

    def __init__(self, http: HTTP) -> None:
        self._http = http

    async def send_bytes(self, data: bytes) -> None:
        if self._http.reads is not None and len(self._http.body) >= self._http.reads:
            raise RSGIProtocolClosed("RSGI transport is closed")
        self._http.body += data

    async def send_str(self, data: str) -> None:
        await self.send_bytes(data.encode())

    def __del__(self) -> None:
        self._http._end()


@dataclass(frozen=True)
class Message:
    """What a client says over a WebSocket: `kind` is 0 when it leaves, 1 for bytes, 2 for text."""

    kind: int
    data: Any = None


class Socket:
    """A WebSocket.

    Args:
        said: what the client says; then it leaves.
    """

    def __init__(self, said: Sequence[str | bytes] = ()) -> None:
        self._said = list(said)
        self.heard: list[str | bytes] = []
        self.accepted = False
        self.closed: list[int | None] = []
        self._is_busy = False
        self.is_lost = False

    async def accept(self) -> "Socket":
        self.accepted = True
        return self

    def close(self, status: int | None = None) -> None:
        self.closed.append(status)

    async def receive(self) -> Message:
        await asyncio.sleep(0)
        if self.is_lost:
            raise RSGIProtocolClosed("RSGI transport is closed")
        if not self._said:
            return Message(0)
        said = self._said.pop(0)
        return Message(2 if isinstance(said, str) else 1, said)

    async def send_str(self, data: str) -> None:
        await self._hear(data)

    async def send_bytes(self, data: bytes) -> None:
        await self._hear(data)

    async def _hear(self, data: str | bytes) -> None:
        if self._is_busy:
            raise RSGIProtocolError("RSGI protocol error")
        if self.is_lost:
            raise RSGIProtocolClosed("RSGI transport is closed")
        self._is_busy = True
        await asyncio.sleep(0)
        self._is_busy = False
        self.heard.append(data)


async def serve(app: Any, scope: Scope, http: HTTP) -> None:
    """Have an app answer, as Granian does, and wait until the answer was read."""
    try:
        await app.__rsgi__(scope, http)
    finally:
        if http.reading is not None:
            await http.reading
