"""A WebSocket over RSGI as ASGI's `receive` and `send`.

Granian's protocol says less than ASGI does, and what it does not say is lost: the subprotocol that is chosen, headers
that are added to the handshake, the codes and reasons of closing on both sides. A refused handshake is a 403, as under
ASGI.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from starlette.types import Message

_TEXT, _BYTES = 2, 1


class RSGITransport(Protocol):
    """An accepted WebSocket."""

    def receive(self) -> Awaitable[Any]: ...

    def send_bytes(self, data: bytes, /) -> Awaitable[None]: ...

    def send_str(self, data: str, /) -> Awaitable[None]: ...


class RSGISocket(Protocol):
    """A WebSocket that may be accepted."""

    def accept(self) -> Awaitable[RSGITransport]: ...

    def close(self, status: int | None = None, /) -> Any: ...


class Talk:
    """What ASGI's `receive` and `send` are for one WebSocket.

    Args:
        proto: the socket.
    """

    def __init__(self, proto: RSGISocket) -> None:
        self._proto = proto
        self._transport: RSGITransport | None = None
        self._is_announced = False
        self._is_closed = False
        # Granian refuses a message while another one is on its way.
        self._sending = asyncio.Lock()

    async def receive(self) -> Message:
        """Return the handshake, then what the client says, then that it has left."""
        if not self._is_announced:
            self._is_announced = True
            return {"type": "websocket.connect"}
        if self._transport is None or self._is_closed:
            return {"type": "websocket.disconnect", "code": 1006}
        try:
            message = await self._transport.receive()
        except Exception:  # noqa: BLE001 - the server's own class: the connection is lost
            self._is_closed = True
            return {"type": "websocket.disconnect", "code": 1006}
        if message.kind == _TEXT:
            return {"type": "websocket.receive", "text": message.data}
        if message.kind == _BYTES:
            return {"type": "websocket.receive", "bytes": message.data}
        self._is_closed = True
        return {"type": "websocket.disconnect", "code": 1005}

    async def send(self, message: Message) -> None:
        """Accept, say something, or close.

        Raises:
            RuntimeError: the socket is closed, or not accepted yet.
        """
        kind = message["type"]
        if self._is_closed:
            raise RuntimeError(f"Unexpected ASGI message {kind!r}, after the WebSocket was closed.")
        if kind == "websocket.accept" and self._transport is None:
            self._transport = await self._proto.accept()
        elif kind == "websocket.send" and self._transport is not None:
            await self._say(self._transport, message)
        elif kind == "websocket.close":
            self.close()
        else:
            raise RuntimeError(f"Unexpected ASGI message {kind!r} at this point of a WebSocket.")

    async def _say(self, transport: RSGITransport, message: Message) -> None:
        text = message.get("text")
        async with self._sending:
            try:
                await (transport.send_bytes(message["bytes"]) if text is None else transport.send_str(text))
            except Exception as error:
                # What ASGI says to one who speaks to a client that has left.
                self._is_closed = True
                raise OSError("The client has left.") from error

    def close(self) -> None:
        """Close the socket, or refuse it if it was not accepted; does nothing to one that is closed."""
        if not self._is_closed:
            self._is_closed = True
            self._proto.close(None if self._transport is not None else 403)
