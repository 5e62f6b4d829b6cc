"""Serving on Granian, embedded in the worker's loop.

Over RSGI where the app has it and nothing is lost: Granian's RSGI has no close codes, subprotocols or headers of the
handshake, so an app with WebSockets is served over ASGI, and so is one with a root path or a health path.
"""

import asyncio
import socket
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from granian import net
from granian.constants import Interfaces
from granian.http import HTTP1Settings, HTTP2Settings
from granian.log import LogLevels
from granian.server.embed import Server
from granian.utils.proxies import wrap_asgi_with_proxy_headers
from starlette.routing import Host, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from martlet._engine.run.rsgi_clients import looking
from martlet.cli.servers.entrance import Entrance, Health
from martlet.cli.servers.lifespan import Lifespan
from martlet.cli.servers.logs import GRANIAN_ACCESS
from martlet.cli.servers.proxied import Proxied
from martlet.cli.servers.scheduling import native_threads, schedule_as_batch
from martlet.cli.servers.serving import HEAD_DEADLINE, Serving

# (what Granian tells type checkers of it has no arguments)
_SocketHolder: Final[Any] = vars(net)["SocketHolder"]
# The name of the coroutine that each request is to Granian.
_REQUEST: Final = "future_watcher"
# Granian configures logging anew for each server, which would close the handlers of the app's; this changes nothing.
_LOGGING: Final[dict[str, Any]] = {"version": 1, "incremental": True, "formatters": {}, "handlers": {}, "loggers": {}}


class GranianSite:
    """An app on Granian.

    Args:
        serving: what was asked for.
        app: the app.
        sockets: what listens already.
    """

    def __init__(self, serving: Serving, app: Any, sockets: Sequence[socket.socket]) -> None:
        self._app = app
        self._lifespan = Lifespan(app)
        self._entrance = Entrance(
            Health(app, serving.health) if serving.health else app, self._lifespan.state, serving.root_path
        )
        self.is_rsgi: bool = wants_rsgi(serving, app)
        self.protocol = "RSGI" if self.is_rsgi else "ASGI"
        target = _for_rsgi(serving, app) if self.is_rsgi else _for_asgi(serving, self._entrance)
        self._servers: list[Any] = [_Server(serving, target, sock, is_rsgi=self.is_rsgi) for sock in sockets]

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the app."""
        if self.is_rsgi:
            # (an RSGI app of another kind need not have it)
            getattr(self._app, "__rsgi_init__", _ignore)(loop)
        else:
            loop.run_until_complete(self._lifespan.start())

    def end(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the app."""
        if self.is_rsgi:
            getattr(self._app, "__rsgi_del__", _ignore)(loop)
        else:
            loop.run_until_complete(self._lifespan.end())

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve until `stop`."""
        known = native_threads()

        def begun() -> None:
            schedule_as_batch(native_threads() - known)
            ready()

        # The sockets listen already, and nothing is slow between here and Granian's accepting from them.
        asyncio.get_running_loop().call_later(0.02, begun)
        await asyncio.gather(*(server.serve() for server in self._servers))

    async def stop(self) -> None:
        """Close WebSockets and accept no more."""
        await self._entrance.drain()
        # Granian waits for its threads, and one that reads a stream for the app: what nobody hears has to end before.
        await looking(asyncio.get_running_loop()).look()
        for server in self._servers:
            server.stop()

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Return the tasks of requests and WebSockets."""
        return [task for task in asyncio.all_tasks() if getattr(task.get_coro(), "__name__", "") == _REQUEST]


def _ignore(_loop: asyncio.AbstractEventLoop) -> None:
    pass


def wants_rsgi(serving: Serving, app: Any) -> bool:
    """Return whether an app is served over RSGI."""
    if serving.interface != "auto":
        return serving.interface == "rsgi"
    can = hasattr(app, "__rsgi__") and not (serving.root_path or serving.health)
    return can and not _may_talk(getattr(app, "routes", ()))


def _may_talk(routes: Iterable[Any]) -> bool:
    """Return whether there are WebSockets among the routes, or an app of which nobody can tell."""
    for route in routes:
        if isinstance(route, WebSocketRoute):
            return True
        if isinstance(route, Mount | Host):
            if not isinstance(route.app, StaticFiles) and (not route.routes or _may_talk(route.routes)):
                return True
        elif not isinstance(route, Route):
            return True
    return False


def _for_asgi(serving: Serving, entrance: Entrance) -> Any:
    if not serving.proxy_headers:
        return entrance
    return wrap_asgi_with_proxy_headers(entrance, _hosts(serving))


def _for_rsgi(serving: Serving, app: Any) -> Any:
    return Proxied(app.__rsgi__, _hosts(serving)) if serving.proxy_headers else app.__rsgi__


def _hosts(serving: Serving) -> list[str]:
    return [host.strip() for host in serving.forwarded_allow_ips.split(",")]


class _Server(Server):
    """Granian on a socket that listens already."""

    def __init__(self, serving: Serving, target: Any, sock: socket.socket, *, is_rsgi: bool) -> None:
        self.sock = sock
        super().__init__(
            target,
            interface=Interfaces.RSGI if is_rsgi else Interfaces.ASGI,
            # (it also bounds how many requests are in the app at once)
            backlog=1024,
            http1_settings=HTTP1Settings(
                header_read_timeout=max(HEAD_DEADLINE, serving.keep_alive) * 1000,
                keep_alive=serving.keep_alive > 0,
                max_buffer_size=128 * 1024,
            ),
            http2_settings=HTTP2Settings(
                keep_alive_interval=20_000, max_concurrent_streams=100, max_headers_size=64 * 1024
            ),
            log_level=LogLevels.info if serving.verbose else LogLevels.warning,
            log_dictconfig=_LOGGING,
            log_access=serving.access_log,
            log_access_format=GRANIAN_ACCESS,
        )

    def _init_shared_socket(self) -> None:
        is_unix = self.sock.family not in {socket.AF_INET, socket.AF_INET6}
        self._shd = _SocketHolder(self.sock.fileno(), is_unix, self.backlog)
