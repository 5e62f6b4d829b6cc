"""Freezing: what routers declare, as a table of handlers, made again whenever something has changed.

A Dispatcher serves one router. It compares the epoch a request, and only after a change looks whether the change
concerns it. The table is made whole beside the old one and then put in its place; requests in flight keep theirs.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any, Final, Protocol, TypeGuard, cast

from starlette._utils import get_route_path
from starlette.datastructures import URL
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from martlet._engine.compile.recipe import Setting
from martlet._engine.match.route_map import Foreign, RouteMap
from martlet._engine.match.table import Entry, Matched, Params
from martlet._engine.match.template import Template
from martlet._engine.run.careful import FailureRules, Failures
from martlet._engine.run.limits import inherit_form_limits
from martlet._engine.run.send import publish_route
from martlet._engine.run.telemetry import select
from martlet._engine.serve.targets import PlannedRoute, RouteTarget, Target
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.scope import update_scope
from martlet.logger import logger

AnyTarget = Target | RouteTarget


class Served(Protocol):
    """A router, as far as serving it goes."""

    redirect_slashes: bool
    dependency_overrides_provider: Any
    form_limits: Mapping[str, int]

    def dispatch_routes(self) -> list[BaseRoute]: ...

    async def last_resort(self, scope: Scope, receive: Receive, send: Send) -> None: ...


@dataclass(frozen=True, slots=True)
class Frozen:
    """The table of one moment.

    Args:
        epoch: that moment.
        routes: what was declared then.
        overrides: the overrides in force then.
        targets: what can be found.
        map: from path and method to a target.
        find: the map's, at hand for every request.
        patched: the functions that requests go through and that were replaced, so that no route is compiled.
        watched: whether the handlers tell telemetry what they do.
    """

    epoch: int
    routes: Sequence[BaseRoute]
    overrides: dict[Any, Any]
    targets: Sequence[AnyTarget]
    map: RouteMap[AnyTarget, BaseRoute]
    find: Callable[[str, str], tuple[AnyTarget, Params] | None]
    patched: str
    watched: bool


NOTHING: Final = Frozen(-1, (), {}, (), RouteMap(()), lambda _path, _method: None, patched="", watched=False)
"""The table before the first one."""


class Dispatcher:
    """Serves the requests of a router.

    Args:
        router: the router.
        rules: what handlers do with exceptions; None where a middleware outside looks after them.
        max_body_size: the largest body in bytes of routes that do not say so themselves; None for any, or where a
            middleware outside counts.
    """

    def __init__(
        self,
        router: Served,
        rules: FailureRules | None,
        max_body_size: int | None = None,
        *,
        awaited: bool = False,
    ) -> None:
        self.router = router
        self.rules = rules
        self.max_body_size = max_body_size
        self.awaited = awaited
        self._lock = RLock()
        self._frozen = NOTHING

    @property
    def frozen(self) -> Frozen:
        """The table of this moment."""
        frozen = self._frozen
        return frozen if frozen.epoch == EPOCH.value else self._refreeze()

    def _refreeze(self) -> Frozen:
        with self._lock:
            epoch, old, patched = EPOCH.value, self._frozen, HOOKS.patched()
            routes = self.router.dispatch_routes()
            provider = self.router.dependency_overrides_provider
            overrides = dict(provider.dependency_overrides) if provider is not None else {}
            served_alike = old.patched == patched and old.watched is HOOKS.watching
            if old is not NOTHING and served_alike and _same(old.routes, routes):
                frozen = replace(old, epoch=epoch, overrides=overrides)
                if overrides != old.overrides:
                    for target in old.targets:
                        target.forget()
            else:
                frozen = self._freeze(epoch, routes, overrides, patched=patched)
            self._frozen = frozen
            return frozen

    def _freeze(self, epoch: int, routes: Sequence[BaseRoute], overrides: dict[Any, Any], *, patched: str) -> Frozen:
        if patched != self._frozen.patched:
            for route in routes:
                if _is_planned(route):
                    route.forget_app()
        watched = HOOKS.watching
        # PERF: a foreign route before an entry has requests asked for one by one; those for WebSockets need no asking.
        items = [self._item(route, patched=patched) for route in routes if not _is_for_websockets(route)]
        targets = [item.target for item in items if isinstance(item, Entry)]
        _tell_detours(targets)
        table = RouteMap(items)
        return Frozen(epoch, routes, overrides, targets, table, table.find, patched, watched)

    def _item(self, route: BaseRoute, *, patched: str) -> Entry[AnyTarget] | Foreign[BaseRoute]:
        if not isinstance(route, Route) or _decides_itself(route):
            return Foreign(route, _static_prefix(route))
        setting, detour = self.setting(route), _detour(route, patched)
        target = RouteTarget(route, setting, detour) if detour else Target(cast("PlannedRoute", route), setting)
        methods = frozenset(route.methods) if route.methods else None
        # What a route matches was settled when it was declared: its `path` may have been changed since for other ends.
        template = getattr(route, "template", None) or Template.parse(route.path)
        return Entry(template, methods, target)

    def setting(self, route: Any) -> Setting:
        """Return how a route is served here."""
        failures = None if self.rules is None else Failures(self.router, route, route.endpoint, self.rules)
        own_limit = getattr(route, "max_body_size", None)
        limit = self.max_body_size if own_limit is None else own_limit
        observed, watched = self.rules is None or self.rules.server is None, HOOKS.watching
        return Setting(self.router, route, observed, failures, limit, watched=watched, awaited=self.awaited)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request or a WebSocket."""
        if scope["type"] == "http":
            path = get_route_path(scope)
            hit = self.frozen.find(path, scope["method"])
            if hit is not None:
                await hit[0].handle(scope, receive, send, hit[1])
                return
            await self.dispatch(path, scope, receive, send)
        else:
            await self._dispatch_websocket(scope, receive, send)

    async def dispatch(self, path: str, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that no entry of the table answers alone."""
        frozen = self.frozen
        partial: Callable[[], Any] | None = None
        for candidate in frozen.map.candidates(path, scope["method"]):
            if isinstance(candidate, Foreign):
                match, found = candidate.route.matches(scope)
                if match is Match.FULL:
                    await self._handle(candidate.route, found, scope, receive, send)
                    return
                if match is Match.PARTIAL and partial is None:
                    partial = _later(self._handle, candidate.route, found, scope, receive, send)
            elif candidate.full:
                await candidate.target.handle(scope, receive, send, candidate.params)
                return
            elif partial is None:
                partial = _later(self._refuse_method, candidate.target, candidate.params, scope, receive, send)
        if partial is not None:
            await partial()
        elif not await self._redirect(frozen, path, scope, receive, send):
            await self.router.last_resort(scope, receive, send)

    async def _handle(self, route: BaseRoute, found: Scope, scope: Scope, receive: Receive, send: Send) -> None:
        scope.setdefault("router", self.router)
        scope["route"] = route
        inherit_form_limits(scope, self.router.form_limits)
        update_scope(scope, found)
        if HOOKS.watching:
            select(scope, route)
        await route.handle(scope, receive, send)

    async def _refuse_method(self, target: AnyTarget, params: Any, scope: Scope, receive: Receive, send: Send) -> None:
        route: Any = target.route
        publish_route(scope, self.router, route, route.endpoint, params)
        if HOOKS.watching:
            select(scope, route)
        await Route.handle(route, scope, receive, send)

    async def _redirect(self, frozen: Frozen, path: str, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answer with the path that has a slash more or less, if that one exists; return whether it does."""
        if not self.router.redirect_slashes or path == "/":
            return False
        other = dict(scope)
        other["path"] = scope["path"].rstrip("/") if path.endswith("/") else scope["path"] + "/"
        exists = frozen.map.matches_any(get_route_path(other)) or any(
            foreign.route.matches(other)[0] is not Match.NONE for foreign in frozen.map.foreign
        )
        if exists:
            if HOOKS.watching:
                select(scope, _first_for(frozen, other))
            await RedirectResponse(url=str(URL(scope=other)))(scope, receive, send)
        return exists

    async def _dispatch_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self.frozen.routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                await self._handle(route, found, scope, receive, send)
                return
        await self.router.last_resort(scope, receive, send)


def _first_for(frozen: Frozen, scope: Scope) -> Any:
    """Return the first route that is for a request, be it with another method."""
    candidates = frozen.map.candidates(get_route_path(scope), scope["method"])
    return next(route for route in map(_route_of, candidates) if route.matches(scope)[0] is not Match.NONE)


def _route_of(candidate: Matched[AnyTarget] | Foreign[BaseRoute]) -> Any:
    return candidate.route if isinstance(candidate, Foreign) else candidate.target.route


def _later(call: Callable[..., Any], *args: Any) -> Callable[[], Any]:
    return lambda: call(*args)


def _same(old: Sequence[BaseRoute], new: Sequence[BaseRoute]) -> bool:
    return len(old) == len(new) and all(a is b for a, b in zip(old, new, strict=True))


def _decides_itself(route: Any) -> bool:
    """Whether a method of a user's decides what a route matches."""
    own = getattr(route, "has_own_match", None)
    return own if own is not None else type(route).matches is not Route.matches or "matches" in vars(route)


def _is_for_websockets(route: BaseRoute) -> bool:
    """Whether a route takes no HTTP request whatever its path: a WebSocket's, matched by a method of the framework."""
    if not isinstance(route, WebSocketRoute):
        return False
    own = getattr(route, "has_own_match", None)
    return not (own if own is not None else type(route).matches is not WebSocketRoute.matches)


def _is_planned(route: Any) -> TypeGuard[PlannedRoute]:
    """Whether a route states itself as a plan; its class is asked, as stating it takes time."""
    return hasattr(type(route), "plan")


def _tell_detours(targets: Sequence[AnyTarget]) -> None:
    """Say in the log which path operations are not compiled, and why: a line for each reason."""
    paths: dict[str, list[str]] = {}
    for target in targets:
        if isinstance(target, RouteTarget) and _is_planned(target.route):
            paths.setdefault(target.reason, []).append(target.route.path)
    for reason, found in paths.items():
        others = f" and {len(found) - 1} more" if len(found) > 1 else ""
        logger.info("Served the longer way: %s%s: %s", found[0], others, reason)


def _detour(route: Any, patched: str) -> str:
    """Return why a route is not compiled, nothing for one that is."""
    if not _is_planned(route):
        return "it is one of Starlette's"
    if route.has_own_handle:
        return "its `handle` is not Martlet's"
    if route.has_own_handler:
        return "its handler is your own: `get_route_handler` is overridden, or `app` was replaced"
    return f"functions of martlet.routing were replaced: {patched}" if patched else ""


def _static_prefix(route: BaseRoute) -> str:
    """Return what every path that a route matches begins with, as far as its template says."""
    return route.path.partition("{")[0] if type(route) is Mount else ""
