"""Serving on uvicorn.

uvicorn stops well by itself: it closes idle connections, lets requests end, closes WebSockets with 1012. The deadline,
the signals and the lifespan are the worker's. It has no deadline for the head of a request: a look at all connections
now and then does that, which costs requests nothing.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from martlet.cli.servers.entrance import Health
from martlet.cli.servers.lifespan import Lifespan
from martlet.cli.servers.serving import HEAD_DEADLINE, Serving

# uvicorn ticks ten times a second; every second is often enough to look.
_SWEEP: Final = 10
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
        self._server.should_exit = True

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Return the tasks of requests and WebSockets."""
        return list(self._server.server_state.tasks)


def _waits_for_head(connection: Any) -> bool:
    """Return whether a connection is at no request, and not idle between two: then uvicorn has a timer for it."""
    cycle: Any = getattr(connection, "cycle", _TALKS)
    return cycle is not _TALKS and (cycle is None or cycle.response_complete) and not connection.timeout_keep_alive_task


class _Server(uvicorn.Server):
    """Leaves signals and the lifespan alone, and says when it accepts."""

    def __init__(self, config: uvicorn.Config, state: dict[str, Any]) -> None:
        super().__init__(config)
        self.state = state
        self.ready: Callable[[], None] = lambda: None
        self.waiting: dict[Any, float] = {}

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state.update(self.state)
        await super().startup(sockets)
        self.ready()

    async def on_tick(self, counter: int) -> bool:
        if counter % _SWEEP == 0:
            self._sweep(time.monotonic())
        return await super().on_tick(counter)

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
