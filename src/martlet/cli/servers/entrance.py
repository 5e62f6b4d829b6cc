"""What Granian calls in the place of the app, and what answers the health path under both servers.

Requests are handed on by a plain call. Of WebSockets it keeps a list, since Granian drops them when it stops, without a
word to the client: they are closed ahead of that with 1012. The endpoint then finds its client gone, and its `finally`
blocks run.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet.cli.servers.serving import SERVICE_RESTART

# How long a client that does not read may keep its socket's close frame from being sent.
_PATIENCE: Final = 1.0
_HEALTHY: Final = b'{"status":"ok"}'
_GONE: Final[Message] = {"type": "websocket.disconnect", "code": SERVICE_RESTART, "reason": ""}


class Health:
    """Answers a path without asking the app.

    Args:
        app: answers everything else.
        path: the path.
    """

    def __init__(self, app: ASGIApp, path: str) -> None:
        self.app = app
        self.path = path

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer."""
        if scope["type"] == "http" and scope["path"] == self.path:
            return self._answer(send)
        return self.app(scope, receive, send)

    async def _answer(self, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_HEALTHY))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _HEALTHY})


class Socket:
    """A WebSocket that can be closed from outside.

    Args:
        receive: the server's.
        send: the server's.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._waiting: asyncio.Future[Message] | None = None
        self._is_accepted = False
        self._is_closed = asyncio.Event()
        self._has_said_so = asyncio.Event()

    async def receive(self) -> Message:
        """Return the next message; once the socket was closed from outside, that the client is gone."""
        if self._is_closed.is_set():
            return await self._gone()
        # Granian can send nothing as long as it waits for a message: closing has to be able to end the waiting alone.
        self._waiting = asyncio.ensure_future(self._receive())
        try:
            return await self._waiting
        except asyncio.CancelledError:
            if self._is_closed.is_set():
                return await self._gone()
            raise
        finally:
            self._waiting = None

    async def send(self, message: Message) -> None:
        """Send a message.

        Raises:
            OSError: the socket was closed from outside.
        """
        if self._is_closed.is_set():
            await self._gone()
            raise OSError("The server stops: it has closed the WebSocket.")
        self._is_accepted = self._is_accepted or message["type"] == "websocket.accept"
        await self._send(message)

    async def close(self) -> None:
        """Tell the client that the service restarts."""
        if self._is_closed.is_set():
            return
        self._is_closed.set()
        try:
            if self._waiting is not None:
                self._waiting.cancel()
                await asyncio.wait([self._waiting])
            if self._is_accepted:
                await self._send({"type": "websocket.close", "code": SERVICE_RESTART, "reason": ""})
        finally:
            self._has_said_so.set()

    async def _gone(self) -> Message:
        """Return that the client is gone, once it has been told: an endpoint that ends sooner would cut it short."""
        await self._has_said_so.wait()
        return _GONE


class Entrance:
    """What Granian calls over ASGI.

    Args:
        app: the app.
        state: what the app's lifespan has left for requests.
        root_path: what a proxy in front takes off the paths.
    """

    def __init__(self, app: ASGIApp, state: dict[str, Any], root_path: str = "") -> None:
        self._app: ASGIApp = _Behind(app, root_path) if root_path else app
        self._state = state
        self._sockets: set[Socket] = set()
        self._is_draining = False

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Hand a request on."""
        if scope["type"] == "http":
            return self._app(scope, receive, send)
        if scope["type"] == "websocket":
            return self._talk(scope, receive, send)
        return self._live(scope, receive, send)

    async def drain(self) -> None:
        """Close all WebSockets, and from now on those that come."""
        self._is_draining = True
        closing = [asyncio.ensure_future(socket.close()) for socket in self._sockets]
        if closing:
            await asyncio.wait(closing, timeout=_PATIENCE)

    async def _talk(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._is_draining:
            await send({"type": "websocket.close", "code": SERVICE_RESTART})
            return
        socket = Socket(receive, send)
        self._sockets.add(socket)
        try:
            await self._app(scope, socket.receive, socket.send)
        finally:
            self._sockets.discard(socket)

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer for the app, which the worker starts and ends; Granian wants its state."""
        await receive()
        scope["state"].update(self._state)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


class _Behind:
    """Puts before the paths what a proxy has taken off them, as uvicorn does."""

    def __init__(self, app: ASGIApp, root_path: str) -> None:
        self._app = app
        self._root_path = root_path
        self._raw = root_path.encode()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        scope["root_path"] = self._root_path
        scope["path"] = self._root_path + scope["path"]
        scope["raw_path"] = self._raw + scope["raw_path"]
        return self._app(scope, receive, send)
