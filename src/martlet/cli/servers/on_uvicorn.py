"""Serving on uvicorn.

uvicorn stops well by itself: it closes idle connections, lets requests end, closes WebSockets with 1012. The deadline,
the signals and the lifespan are the worker's. What it lacks is done by looking at all connections now and then, which
costs requests nothing: a deadline for the head of a request, an end of heads that are too large, and a moment before
idle connections are closed, in which who is just asking gets an answer that says `Connection: close`. Without it, a
proxy that keeps its connections has to answer some requests by 502, as it may not send a POST again.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet.cli.servers.entrance import Health
from martlet.cli.servers.lifespan import Lifespan
from martlet.cli.servers.serving import HEAD_DEADLINE, Serving

# uvicorn ticks ten times a second; every second is often enough to look.
_SWEEP: Final = 10
# A head that is still coming may not have more than this; Python needs twenty times the memory of what was sent.
_MOST_HEADERS: Final = 1000
_LONGEST_URL: Final = 131_072
_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
# How long connections may end by themselves before those that are still idle are closed, in seconds; and at most which
# part of what there is for the drain.
_LINGER: Final = 1.0
_LINGER_SHARE: Final = 0.2
# (in the place of a request, for a WebSocket)
_TALKS: Final = object()


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
        config = uvicorn.Config(
            Health(app, serving.health) if serving.health else app,
            interface="asgi3",
            http=_http(),
            lifespan="off",
            log_config=None,
            access_log=serving.access_log,
            root_path=serving.root_path,
            proxy_headers=serving.proxy_headers,
            forwarded_allow_ips=serving.forwarded_allow_ips,
            timeout_keep_alive=serving.keep_alive,
            # What a request sets in its context is nobody else's business, on the same connection neither.
            reset_contextvars=True,
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


def _http() -> Any:
    """Return what serves HTTP: uvicorn decides where the parser that is written in C is missing."""
    if find_spec("httptools") is None:
        return "auto"
    from martlet.cli.servers.joined import JoinedProtocol  # noqa: PLC0415 - it imports the parser

    return JoinedProtocol


class LastAnswers:
    """Says with each answer that no other follows it on its connection.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; a WebSocket is none of this."""

        async def send_last(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        await self.app(scope, receive, send_last if scope["type"] == "http" else send)


def _waits_for_head(connection: Any) -> bool:
    """Return whether a connection is at no request, and not idle between two: then uvicorn has a timer for it."""
    cycle: Any = getattr(connection, "cycle", _TALKS)
    return cycle is not _TALKS and (cycle is None or cycle.response_complete) and not connection.timeout_keep_alive_task


def _has_too_large_a_head(connection: Any) -> bool:
    """Return whether the head that a connection is sending is too large already; h11 looks after that itself."""
    headers, url = getattr(connection, "headers", None) or (), getattr(connection, "url", b"")
    if len(headers) <= _MOST_HEADERS and len(url) <= _LONGEST_URL:
        return False
    # One that has come to its end belongs to a request by now.
    return connection.cycle is None or connection.cycle.scope is not connection.scope


def _answer_once_more(connection: Any) -> None:
    """Have what is answered next on a connection be the last; an answer that has begun has said that it is not."""
    if not isinstance(connection.app, LastAnswers):
        connection.app = LastAnswers(connection.app)
        if connection.cycle is not None and not connection.cycle.response_started:
            connection.cycle.keep_alive = False


class _Server(uvicorn.Server):
    """Leaves signals and the lifespan alone, and says when it accepts."""

    def __init__(self, config: uvicorn.Config, state: dict[str, Any]) -> None:
        super().__init__(config)
        self.state = state
        self.ready: Callable[[], None] = lambda: None
        self.waiting: dict[Any, float] = {}
        self.leaves_by: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state.update(self.state)
        await super().startup(sockets)
        self.ready()

    async def on_tick(self, counter: int) -> bool:
        self._refuse_large_heads()
        if counter % _SWEEP == 0:
            self._sweep(time.monotonic())
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
        asking = [each for each in self.server_state.connections if getattr(each, "cycle", _TALKS) is not _TALKS]
        for connection in asking:
            _answer_once_more(connection)
        return bool(asking)

    def _refuse_large_heads(self) -> None:
        for connection in list(self.server_state.connections):
            if _has_too_large_a_head(connection):
                connection.transport.write(_TOO_LARGE)
                connection.transport.close()

    def _sweep(self, now: float) -> None:
        """Close the connections that have been waiting for the head of a request for too long."""
        since, self.waiting = self.waiting, {}
        for connection in list(self.server_state.connections):
            if not _waits_for_head(connection):
                continue
            self.waiting[connection] = since.get(connection, now)
            if now - self.waiting[connection] > HEAD_DEADLINE:
                connection.transport.close()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
