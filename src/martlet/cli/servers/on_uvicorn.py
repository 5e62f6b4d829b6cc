"""Serving on uvicorn.

uvicorn stops well by itself: it closes idle connections, lets requests end, closes WebSockets with 1012. The deadline,
the signals and the lifespan are the worker's, and HTTP is spoken by connections of our own (`http1`). They are told of
each second that passes, and have a moment before they are closed, in which who is just asking gets an answer that says
`Connection: close`. Without it, a proxy that keeps its connections has to answer some requests by 502, as it may not
send a POST again.
"""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from martlet.cli.servers.entrance import Health
from martlet.cli.servers.http1.connection import Connection
from martlet.cli.servers.lifespan import Lifespan
from martlet.cli.servers.serving import Serving

# uvicorn ticks ten times a second.
_TICKS: Final = 10
# How long connections may end by themselves before those that are still idle are closed, in seconds; and at most which
# part of what there is for the drain.
_LINGER: Final = 1.0
_LINGER_SHARE: Final = 0.2
_FORWARDED: Final = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})


class UvicornSite:
    """An app on uvicorn.

    Args:
        serving: what was asked for.
        app: the app.
        sockets: what listens already.
    """

    protocol = "ASGI"

    def __init__(self, serving: Serving, app: Any, sockets: Sequence[socket.socket]) -> None:
        self._sockets = list(sockets)
        self._lifespan = Lifespan(app)
        entrance = Health(app, serving.health) if serving.health else app
        config = uvicorn.Config(
            _Proxied(entrance, serving.forwarded_allow_ips) if serving.proxy_headers else entrance,
            interface="asgi3",
            http=Connection,
            lifespan="off",
            log_config=None,
            access_log=serving.access_log,
            root_path=serving.root_path,
            proxy_headers=False,
            timeout_keep_alive=serving.keep_alive,
            # It tells who looks for weaknesses what to try.
            server_header=False,
            ws_max_size=serving.ws_max_size,
        )
        self._linger = min(_LINGER, serving.patience * _LINGER_SHARE)
        self._server = _Server(config, self._lifespan.state)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the app."""
        loop.run_until_complete(self._lifespan.start())

    def end(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the app."""
        loop.run_until_complete(self._lifespan.end())

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve until `stop`."""
        self._server.ready = ready
        await self._server.serve(self._sockets)

    async def stop(self) -> None:
        """Accept no more."""
        self._server.leave(time.monotonic() + self._linger)

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Return the tasks of requests and WebSockets."""
        return list(self._server.server_state.tasks)


class _Proxied:
    """An app behind proxies. Who asks is compared with whom to believe only where a proxy says something."""

    def __init__(self, app: Any, trusted: str) -> None:
        self._app: ASGIApp = app
        told: Any = ProxyHeadersMiddleware(app, trusted)  # (uvicorn has a type for each message)
        self._told: ASGIApp = told

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        for name, _ in scope["headers"]:
            if name in _FORWARDED:
                return self._told(scope, receive, send)
        return self._app(scope, receive, send)


class _Server(uvicorn.Server):
    """Leaves signals and the lifespan alone, and says when it accepts."""

    def __init__(self, config: uvicorn.Config, state: dict[str, Any]) -> None:
        super().__init__(config)
        self.state = state
        self.ready: Callable[[], None] = lambda: None
        self.leaves_by: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state.update(self.state)
        await super().startup(sockets)
        self.ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS == 0:
            for connection in self._connections():
                connection.sweep()
        return self._has_left(time.monotonic()) or await super().on_tick(counter)

    def leave(self, moment: float) -> None:
        """Accept no more; stop when no connection is left but WebSockets, or at a moment."""
        self.leaves_by = moment
        if self.started:
            for server in self.servers:
                server.close()
        self._take_leave()

    def _has_left(self, now: float) -> bool:
        return self.leaves_by is not None and (not self._take_leave() or now >= self.leaves_by)

    def _take_leave(self) -> bool:
        """Have what is answered next on each connection be the last, and return whether there are any."""
        asking = self._connections()
        for connection in asking:
            connection.is_last = True
        return bool(asking)

    def _connections(self) -> list[Connection]:
        """Return those that are no WebSockets."""
        return [each for each in self.server_state.connections if isinstance(each, Connection)]

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
