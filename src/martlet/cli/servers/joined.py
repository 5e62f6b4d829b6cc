"""uvicorn's HTTP protocol, with what an answer consists of written together where it comes together.

uvicorn writes the head when ASGI's first message comes, the body with the second, and each part of a stream by itself:
two system calls and two packets for nearly every answer, twelve for a stream of ten parts. Here the head is kept until
the first part of the body comes, and later parts until the answer is complete; at most until the loop's next turn. An
endpoint that blocks the loop between the parts gives it none: a part that comes late is written at once.

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

    __slots__ = ("_kept", "_last", "_loop", "_size", "_transport", "_waits_for_body")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: list[bytes] = []
        self._size = 0
        # Whether what is kept is a head, and when the last part of a body came.
        self._waits_for_body = False
        self._last = 0.0

    def write(self, data: bytes) -> None:
        """Write at once or at the end of the answer, and in the loop's next turn at the latest.

        What looks like a head is taken for one: were it part of a body, it would be written with the next.
        """
        if type(data) is not bytes:
            data = bytes(data)  # parts of a body may be of other kinds, which their owner may fill anew
        if not data:
            return
        is_head = data.startswith(_HEAD)
        is_late = False
        if not is_head:
            now = monotonic()
            is_late, self._last = now - self._last > _LONGEST, now
        if not self._kept:
            self._loop.call_soon(self.flush)
        self._kept.append(data)
        self._size += len(data)
        if self._waits_for_body or is_late or self._size > _MOST:
            self.flush()
        self._waits_for_body = is_head

    def flush(self) -> None:
        """Write what is kept."""
        kept = self._kept
        if not kept:
            return
        if self._size <= _MOST:
            kept = [b"".join(kept)]
        self._kept, self._size, self._waits_for_body = [], 0, False
        if not self._transport.is_closing():
            # COMPAT: not `writelines`: asyncio's own, on Python 3.12 and 3.13, knows neither flow control nor resets.
            for data in kept:
                self._transport.write(data)

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

    def connection_lost(self, exc: Exception | None) -> None:
        """End; what nobody will read is forgotten."""
        self._joined.flush()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Write what is left of an answer."""
        self._joined.flush()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, after what was answered before."""
        self._joined.flush()
        super().send_400_response(msg)
