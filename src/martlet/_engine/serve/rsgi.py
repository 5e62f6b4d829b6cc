"""An app over RSGI: lifespan, and the way of each request, straight to its handler or through the bridge to ASGI.

A request of an app without middleware, to a route that can do without ASGI's scope, goes to a handler that was compiled
for RSGI and answers in one call. Everything else is served as over ASGI, by a bridge that stands for the server; that
also does what the outside of an app's stack would do there.
"""

import asyncio
from collections.abc import Awaitable
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.types import ASGIApp, Message, Scope

from martlet._engine.run.rsgi import RSGIScope
from martlet._engine.run.rsgi_exchange import Bridge
from martlet._engine.serve.asgi import DirectStack
from martlet._engine.serve.outermost import Outermost
from martlet._engine.serve.rsgi_socket import Talk
from martlet._engine.serve.starlette_call import STARLETTE_CALL
from martlet._engine.words.errors import LifespanError


class App(Protocol):
    """An app, as far as serving it goes."""

    middleware_stack: Any
    _ahead: Any
    _calls_stack: bool

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...


class RSGI:
    """Serves an app over RSGI.

    Args:
        app: the app.
        own_call: the class's own `__call__`; an app that has another one is served through that.
    """

    def __init__(self, app: App, own_call: Any) -> None:
        self._app = app
        self._is_own = type(app).__call__ is own_call
        self._bridge = Bridge(app)
        self._life: Life | None = None

    def __call__(self, scope: RSGIScope, proto: Any) -> Awaitable[None]:
        """Answer.

        This is no coroutine function: of a request that the table knows, its handler is the only coroutine.
        """
        if scope.proto != "http":
            return self._talk(scope, proto)
        app, stack = self._app, self._app.middleware_stack
        # What has been put around the app, by a subclass or by a library, speaks ASGI.
        if app._ahead is None and self._is_own and Starlette.__call__ is STARLETTE_CALL:
            if type(stack) is Outermost and app._calls_stack:
                return self._bridge.serve(stack, scope, proto)
            table = stack.table() if type(stack) is DirectStack else None
            hit = None if table is None else table.find(scope.path, scope.method)
            if hit is not None:
                return hit[0].answer(self._bridge, scope, proto, hit[1])
        return self._bridge.serve(app, scope, proto)

    async def _talk(self, scope: RSGIScope, proto: Any) -> None:
        talk = Talk(proto)
        try:
            await self._app(self._bridge.open_scope(scope), talk.receive, talk.send)
        finally:
            talk.close()

    # --------------------------------------------------------------------------------------------------------- lifespan

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the app, before the first request.

        Raises:
            LifespanError: it does not start.
        """
        self._life = Life(self._app)
        loop.run_until_complete(self._life.start())
        self._bridge.state = self._life.state

    def stop(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the app, after the last request.

        Raises:
            LifespanError: something fails at its end.
        """
        if self._life is not None:
            loop.run_until_complete(self._life.stop())
            self._life = None


class Life:
    """An app's lifespan, in a task of its own from its start to its end.

    Args:
        app: the app.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.state: dict[str, Any] = {}
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._told: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self) -> None:
        """Have the app start; returns when it has."""
        self._living = asyncio.get_running_loop().create_task(self._live())
        await self._ask("startup")

    async def stop(self) -> None:
        """Have the app end; returns when it has."""
        await self._ask("shutdown")
        await self._living

    async def _live(self) -> None:
        scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        error: Exception | None = None
        try:
            await self._app(scope, self._asked.get, self._told.put)
        except Exception as raised:  # noqa: BLE001 - whoever waits for the app raises it
            error = raised
        await self._told.put({"type": "over", "message": "" if error is None else str(error), "error": error})

    async def _ask(self, what: str) -> None:
        await self._asked.put({"type": f"lifespan.{what}"})
        told = await self._told.get()
        if told["type"] != f"lifespan.{what}.complete":
            # An app says that it failed, and raises then.
            last = told if told["type"] == "over" else await self._told.get()
            raise LifespanError(f"The app failed at its {what}.\n{told.get('message', '')}") from last["error"]
