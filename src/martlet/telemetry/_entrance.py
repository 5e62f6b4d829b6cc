"""Where a request enters an app, ahead of all middleware: its root path is set there, its telemetry begins there.

An app has an entrance, and goes through it as long as there is something to do. At its first request it looks for a
provider of telemetry. If there is none, and no root path either, the entrance steps aside: requests go straight to the
middleware, and pay for one attribute that is None. `_providers.py` puts it back when a provider may have been set.

This module imports no OpenTelemetry; what it needs of that comes from `_asgi.py` once there is a provider.
"""

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Protocol

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from martlet._engine.words.telemetry_options import KEY
from martlet.telemetry._config import Settings
from martlet.telemetry._providers import is_configured, tell

if TYPE_CHECKING:
    from martlet.telemetry._asgi import NativeTelemetry


class App(Protocol):
    """An app, as far as its entrance goes."""

    middleware_stack: ASGIApp | None
    _root_path: str
    _telemetry: Settings
    _ahead: Any

    def build_middleware_stack(self) -> ASGIApp: ...


class Entrance:
    """What is done with a request ahead of an app's middleware.

    Args:
        app: the app.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._native: NativeTelemetry | None = None
        # Whether there is no telemetry, and word will come if that changes.
        self._is_settled = False
        self._stack: ASGIApp | None = None
        self._is_instrumented = False

    def stand(self) -> None:
        """Have requests come through here, and look for a provider again."""
        self._is_settled = False
        self._app._ahead = self

    def step_aside(self) -> None:
        """Look no longer, and let requests pass by, unless there is a root path to be set for each of them."""
        self._is_settled = True
        if not self._app._root_path:
            self._app._ahead = None

    def __call__(self, scope: Scope, receive: Receive, send: Send, serve: ASGIApp) -> Awaitable[None]:
        """Serve, by `serve` in the end.

        This is no coroutine function: an app with a root path and without telemetry pays for a call and not for a
        coroutine.
        """
        if self._app._root_path:
            scope["root_path"] = self._app._root_path
        if scope["type"] == "lifespan":
            return self._live(scope, receive, send, serve)
        if self._is_settled or KEY in scope or scope["type"] not in ("http", "websocket"):
            return serve(scope, receive, send)
        native = self._watcher()
        return serve(scope, receive, send) if native is None else self._watch(native, scope, receive, send, serve)

    async def _live(self, scope: Scope, receive: Receive, send: Send, serve: ASGIApp) -> None:
        from martlet.telemetry._runtime import lifespan  # noqa: PLC0415 - once in the life of an app

        try:
            await lifespan(config=self._app._telemetry, app=serve, scope=scope, receive=receive, send=send)
        finally:
            self.stand()  # for the next life: tests start apps many times

    def _watcher(self) -> "NativeTelemetry | None":
        """Return what watches requests; None as long as nobody takes what it would see."""
        if self._native is not None:
            return self._native
        # Aside first: what is told while the question is asked must put the entrance back, and not be undone by it.
        self.step_aside()
        if not tell(self):
            self.stand()
        if is_configured(self._app._telemetry):
            from martlet.telemetry._asgi import NativeTelemetry, turn_on  # noqa: PLC0415 - imports OpenTelemetry

            self.stand()
            turn_on()
            self._native = NativeTelemetry(self._app._telemetry)
        return self._native

    async def _watch(
        self, native: "NativeTelemetry", scope: Scope, receive: Receive, send: Send, serve: ASGIApp
    ) -> None:
        app = self._app
        if app.middleware_stack is None:
            app.middleware_stack = app.build_middleware_stack()
        if app.middleware_stack is not self._stack:
            self._look_at(app.middleware_stack)
        scope["app"] = app
        await native(app=serve, scope=scope, receive=receive, send=send, legacy_otel=self._is_instrumented)

    def _look_at(self, stack: ASGIApp) -> None:
        """Note whether another instrumentation is in a stack; if not, see its exceptions before they are answered."""
        from martlet.telemetry._asgi import ExceptionTelemetryMiddleware, legacy_otel  # noqa: PLC0415 - likewise

        self._stack, self._is_instrumented = stack, legacy_otel(stack)
        outermost: Any = stack
        while outermost is not None and not isinstance(outermost, ServerErrorMiddleware):
            outermost = getattr(outermost, "app", None)
        if outermost is not None and not isinstance(outermost.app, ExceptionTelemetryMiddleware):
            outermost.app = ExceptionTelemetryMiddleware(outermost.app)
