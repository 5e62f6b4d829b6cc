"""What the worker asks of a server, and the loop that both run in."""

import asyncio
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Protocol

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


class Site(Protocol):
    """A server with an app."""

    @property
    def protocol(self) -> str:
        """What the server speaks with the app: `ASGI` or `RSGI`."""
        ...

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the app, while the loop does not run; raises what the app raises."""

    def end(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the app, while the loop does not run."""

    async def serve(self, ready: Callable[[], None]) -> None:
        """Serve; call `ready` once connections are accepted; return when all is done after `stop`."""

    async def stop(self) -> None:
        """Accept no more, and tell WebSockets; what has begun goes on."""

    def tasks(self) -> list[asyncio.Task[Any]]:
        """Return the tasks of requests and WebSockets."""
        ...


def loop_factory() -> LoopFactory | None:
    """Return what makes the fastest loop that is installed; None for Python's own."""
    if find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 - where it is installed, and not on Windows

    factory: LoopFactory = uvloop.new_event_loop
    return factory
