"""uvicorn's HTTP protocol, with what an answer consists of written together where it comes together.

uvicorn writes the head when ASGI's first message comes, the body with the second, and each part of a stream by itself:
two system calls and two packets for nearly every answer, twelve for a stream of ten parts. Here they are kept until the
answer is complete, at most until the loop's next turn. An endpoint that blocks the loop between the parts of a stream
gives it none: its parts are written one by one.

PERF: `bench json`, `bench stack-stream` with `martlet-run`, beside `martlet`.
"""

import asyncio
from time import monotonic
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD: Final = b"HTTP/1.1 "
# What is kept at most, in bytes: as much as uvicorn lets a transport keep.
_MOST: Final = 65536
# Parts that are further apart than this do not come together, in seconds.
_LONGEST: Final = 0.001


class JoinedTransport:
    """What answers are written to: as much of a transport as uvicorn asks of it for that.

    Args:
        transport: the connection's.
        loop: the loop that it belongs to.
    """

    __slots__ = ("_begun", "_is_blocking", "_kept", "_loop", "_size", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: list[bytes] = []
        self._size = 0
        # When the first of what is kept came, and whether the answer's endpoint was seen to block the loop.
        self._begun = 0.0
        self._is_blocking = False

    def write(self, data: bytes) -> None:
        """Write in the loop's next turn or at the end of the answer, whichever comes first."""
        now = monotonic()
        if not self._kept:
            # (were this a part of a body, the next ones would be kept again)
            if data.startswith(_HEAD):
                self._is_blocking = False
            if self._is_blocking:
                self._transport.write(data)
                return
            self._begun = now
            self._loop.call_soon(self.flush)
        self._kept.append(data)
        self._size += len(data)
        if now - self._begun > _LONGEST:
            self._is_blocking = True
            self.flush()
        elif self._size > _MOST:
            self.flush()

    def flush(self) -> None:
        """Write what is kept."""
        if self._kept:
            kept, self._kept, self._size = self._kept, [], 0
            self._transport.writelines(kept)

    def close(self) -> None:
        """Close the connection when all is written."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Return whether it is closed or about to be."""
        return self._transport.is_closing()


class JoinedProtocol(HttpToolsProtocol):
    """Serves HTTP on one connection."""

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        super().connection_made(transport)
        self._joined: Any = JoinedTransport(transport, self.loop)

    def on_headers_complete(self) -> None:
        """Have the request answered; its task begins in the loop's next turn."""
        super().on_headers_complete()
        cycle: Any = self.cycle
        if cycle is not None:  # (a WebSocket has none)
            cycle.transport = self._joined

    def on_response_complete(self) -> None:
        """Write what is left of an answer."""
        self._joined.flush()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, after what was answered before."""
        self._joined.flush()
        super().send_400_response(msg)
