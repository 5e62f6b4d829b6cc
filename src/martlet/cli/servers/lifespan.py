"""An app's lifespan over ASGI, run by the worker rather than by the server.

So it begins and ends in the same way under each server: it ends after what was cut off has ended, and also where a
server does not come to its end. An app that knows no lifespan is served without.
"""

import asyncio
import logging
from typing import Any

from starlette.types import ASGIApp, Message

_LOGGER = logging.getLogger("martlet.run")


class StartupError(RuntimeError):
    """The app says that it cannot start."""


class Lifespan:
    """The lifespan of an app, in a task of its own.

    Args:
        app: the app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once the app has started.

        Raises:
            Exception: what the app raised.
            StartupError: it says that it cannot start, and raises nothing.
        """
        self._task = asyncio.create_task(self._live())
        told = await self._ask("lifespan.startup")
        if told["type"] == "lifespan.startup.failed":
            await self._task
            raise StartupError(told.get("message") or "The app says that it cannot start.")

    async def end(self) -> None:
        """Return once the app has ended; what it raises is logged."""
        if self._task is None or self._task.done():
            return
        told = await self._ask("lifespan.shutdown")
        if told["type"] == "lifespan.shutdown.failed":
            _LOGGER.error("The app failed at its end.\n%s", told.get("message", ""))

    async def _ask(self, what: str) -> Message:
        await self._asked.put({"type": what})
        return await self._told.get()

    async def _live(self) -> None:
        failed = False

        async def send(message: Message) -> None:
            nonlocal failed
            failed = failed or message["type"].endswith(".failed")
            await self._told.put(message)

        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        try:
            await self._app(scope, self._asked.get, send)
        except Exception:
            if failed:
                raise
            _LOGGER.debug("The app knows no lifespan.", exc_info=True)
        finally:
            await self._told.put({"type": "lifespan.over"})
