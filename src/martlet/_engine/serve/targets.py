"""What a match leads to: a handler that is compiled when the first request comes, or a route that answers itself."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeAlias

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from martlet._engine.compile.handler import Handler, make_handler
from martlet._engine.compile.recipe import Setting
from martlet._engine.match.table import Params
from martlet._engine.read.graph import build_graph
from martlet._engine.read.plan import Plan
from martlet._engine.run.careful import Failures
from martlet._engine.run.limits import inherit_form_limits, with_body_limit
from martlet._engine.run.outgoing import guarded
from martlet._engine.run.rsgi import RSGIHTTP, RSGIScope
from martlet._engine.run.rsgi_exchange import Bridge
from martlet._engine.run.send import publish_route
from martlet._engine.run.telemetry import select

Handle: TypeAlias = Callable[[Scope, Receive, Send, Params], Awaitable[None]]
Answer: TypeAlias = Callable[[Bridge, RSGIScope, RSGIHTTP, Params], Awaitable[None]]


class PlannedRoute(Protocol):
    """A route that states itself as a plan: `declare`'s APIRoute."""

    path: str
    path_format: str
    methods: set[str]
    dependency_overrides_provider: Any
    has_own_handle: bool
    has_own_handler: bool
    max_body_size: int | None

    @property
    def plan(self) -> Plan: ...

    def forget_app(self) -> None: ...


class Target:
    """A route to be compiled.

    Args:
        route: the route.
        setting: how it is served.
    """

    __slots__ = ("_handlers", "answer", "handle", "route", "setting")

    def __init__(self, route: PlannedRoute, setting: Setting) -> None:
        self.route = route
        self.setting = setting
        self.handle: Handle = self._first
        self.answer: Answer = self._first_answer
        # Tests set overrides and take them back, over and over: the handler without any is kept.
        self._handlers: dict[bool, Handler] = {}

    async def _first(self, scope: Scope, receive: Receive, send: Send, path: Params) -> None:
        asked = self.handle
        try:
            made = self.handler().function
        except Exception as error:  # an override that cannot be read from a request, say
            if self.setting.failures is None:
                raise
            await self.setting.failures(error, scope, receive, send, path)
            return
        # Another thread, with a loop of its own, may have had the handlers forgotten meanwhile: then this one is old.
        if self.handle is asked:
            self.handle = made
        await made(scope, receive, send, path)

    def _first_answer(self, bridge: Bridge, scope: RSGIScope, proto: RSGIHTTP, path: Params) -> Awaitable[None]:
        asked = self.answer
        try:
            handler = self.handler().over_rsgi
            made = self._bridged if handler is None else handler.function
        except Exception:  # noqa: BLE001 - it comes up again over ASGI, where it is answered
            return self._bridged(bridge, scope, proto, path)
        if self.answer is asked:
            self.answer = made
        return made(bridge, scope, proto, path)

    def _bridged(self, bridge: Bridge, scope: RSGIScope, proto: RSGIHTTP, path: Params) -> Awaitable[None]:
        return bridge.serve(self.handle, scope, proto, path)

    def handler(self) -> Handler:
        """Return the handler under the overrides of this moment."""
        provider = self.route.dependency_overrides_provider
        overrides: Mapping[Any, Any] = provider.dependency_overrides if provider is not None else {}
        overridden = bool(overrides)
        if overridden or False not in self._handlers:
            plan = self.route.plan
            self._handlers[overridden] = make_handler(plan, build_graph(plan.dependant, overrides), self.setting)
        return self._handlers[overridden]

    def forget(self) -> None:
        """Have the handler looked for again: overrides have changed."""
        self.handle = self._first
        self.answer = self._first_answer


class RouteTarget:
    """A route that answers by its own `handle`: Starlette's, or one whose handler is its user's.

    Args:
        route: the route.
        setting: how it is served.
        reason: why it is not compiled, for those who ask.
    """

    __slots__ = ("_guarded", "reason", "route", "setting")

    def __init__(self, route: Route, setting: Setting, reason: str) -> None:
        self.route = route
        self.setting = setting
        self.reason = reason
        self._guarded: ASGIApp | None = None
        if setting.failures is not None:
            # The limit is outside of the exception handlers, as the app's is in an app that has middleware; such an app
            # has it there, and a route that has one of its own looks after it itself.
            limit = None if setting.observed else setting.max_body_size
            self._guarded = with_body_limit(partial(self._answer, setting.failures), limit)

    async def handle(self, scope: Scope, receive: Receive, send: Send, path: Params) -> None:
        """Answer as Starlette's router would have the route answer."""
        route = self.route
        publish_route(scope, self.setting.router, route, route.endpoint, path)
        inherit_form_limits(scope, self.setting.router.form_limits)
        if self.setting.watched:
            select(scope, route)
        if self._guarded is None:
            await route.handle(scope, receive, send)
        else:
            await self._guarded(scope, receive, send)

    def answer(self, bridge: Bridge, scope: RSGIScope, proto: RSGIHTTP, path: Params) -> Awaitable[None]:
        """Answer over RSGI."""
        return bridge.serve(self.handle, scope, proto, path)

    async def _answer(self, failures: Failures, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer exceptions too: nothing stands around the route that would."""
        failures.prepare(scope)
        try:
            await self.route.handle(scope, receive, guarded(scope, send))
        except Exception as error:  # noqa: BLE001 - the app's handlers choose, and the rest goes on up
            await failures.answer(error, Request(scope, receive, send), receive, send)

    def forget(self) -> None:
        """Do nothing: the route looks for its overrides itself."""
