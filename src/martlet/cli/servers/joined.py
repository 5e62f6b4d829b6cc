"""uvicorn's HTTP protocol, with the head of an answer written together with what follows it.

uvicorn writes the head when ASGI's first message comes and the body with the second: two system calls and two packets
for nearly every answer. Here the head is kept until the body comes, at most until the loop's next turn.

PERF: `bench json` with `martlet-run`, beside `martlet`.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_HEAD: Final = b"HTTP/1.1 "


class JoinedTransport:
    """What answers are written to: as much of a transport as uvicorn asks of it for that.

    Args:
        transport: the connection's.
        loop: the loop that it belongs to.
    """

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def write(self, data: bytes) -> None:
        """Write, or keep what looks like a head: were it part of a body, it would be written a turn later."""
        if self._head:
            head, self._head = self._head, b""
            self._transport.writelines((head, data))
        elif data.startswith(_HEAD):
            self._head = data
            self._loop.call_soon(self._flush)
        else:
            self._transport.write(data)

    def _flush(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)

    def close(self) -> None:
        """Close the connection when all is written."""
        self._flush()
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
