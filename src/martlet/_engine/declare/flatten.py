"""Included routers, and the effective routes that they bring in.

`include_router` appends one `IncludedRouter` to a router's routes. It holds the included router itself, not its routes,
so that whatever that router declares later is there too, and works out effective routes when they are asked for: each
route of the included router as it is below the include's level. An effective route stays the same object for as long as
its original is declared, so what users change on it stays changed.

`flat_routes` is every effective route, for those who look: `app.routes`, the document. `dispatch_routes` is what a
table is made of: the same, but where a user's class has a method of its own to match or to handle requests, its
instance stands for its routes and is asked.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from copy import copy
from threading import RLock
from typing import Any, Protocol

from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Host, Match, Mount, NoMatchFound, Route, Router, WebSocketRoute, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from martlet._engine.declare.frontend_paths import LastRoute
from martlet._engine.declare.merge import Level
from martlet._engine.declare.route import APIRoute
from martlet._engine.declare.websocket_route import APIWebSocketRoute
from martlet._engine.run.limits import with_body_limit
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.scope import (
    EFFECTIVE_ROUTE_KEY,
    INCLUDED_ROUTER_KEY,
    fastapi_scope,
    telling,
    update_scope,
)


class Includable(Protocol):
    """What can be included: a router."""

    routes: list[BaseRoute]
    default: ASGIApp

    @property
    def low_priority_routes(self) -> Sequence[BaseRoute]:
        """What is asked for a request that no route is for."""
        ...

    @property
    def has_own_dispatch(self) -> bool:
        """Whether its user's methods match or handle requests."""
        ...

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the router is for a request."""
        ...

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matched."""
        ...


# --------------------------------------------------------------------------------------------------- effective routes


def effective_route(route: BaseRoute, level: Level) -> BaseRoute | None:
    """Return `route` as it is below `level`; None for a route of a class that cannot be given a prefix."""
    for kind, make in _EFFECTIVE:
        if isinstance(route, kind):
            return make(route, level)
    return None


def _ours(route: APIRoute | APIWebSocketRoute | LastRoute, level: Level) -> BaseRoute:
    return route.within(level)


def _plain_route(route: Route | WebSocketRoute, level: Level) -> BaseRoute:
    effective: Route | WebSocketRoute = _copied(route, level)
    effective.path = level.prefix + route.path
    effective.path_regex, effective.path_format, effective.param_convertors = compile_path(effective.path)
    return effective


def _mount(route: Mount, level: Level) -> BaseRoute:
    effective: Mount = _copied(route, level)
    effective.path = (level.prefix + route.path).rstrip("/")
    template = effective.path + "/{path:path}"
    effective.path_regex, effective.path_format, effective.param_convertors = compile_path(template)
    return effective


def _host(route: Host, level: Level) -> BaseRoute:
    effective: Host = _copied(route, level)
    if level.prefix:
        effective.app = Router(routes=[Mount(level.prefix, app=effective.app)])
    return effective


def _copied(route: Any, level: Level) -> Any:
    """Return a copy of one of Starlette's routes that knows its original and holds bodies to the level's size."""
    effective = copy(route)
    effective.original_route = route
    effective.app = with_body_limit(route.app, level.max_body_size)
    return effective


def _included(route: "IncludedRouter", level: Level) -> BaseRoute:
    return IncludedRouter(route.original_router, level.over(route.include_context))


def original_of(route: BaseRoute) -> BaseRoute:
    """Return the route that was declared, for one that may be an effective route of it."""
    original: BaseRoute | None = getattr(route, "original_route", None)
    return route if original is None else original


# ---------------------------------------------------------------------------------------------------- included routers


class IncludedRouter(BaseRoute):
    """A router below another one.

    Args:
        original_router: the router that was included.
        include_context: what the routers above it and the include say.
    """

    def __init__(self, original_router: Includable, include_context: Level) -> None:
        self.original_router = original_router
        self.include_context = include_context
        # By the id of the original: the original, which must stay alive as long as its id is here, and what is served
        # for it; None for a route that cannot be served below a prefix, or that was taken away from this include.
        self._made: dict[int, tuple[BaseRoute, BaseRoute | None]] = {}
        self._candidates: list[BaseRoute] = []
        self._low_priority: list[BaseRoute] = []
        self._epoch = -1
        self._lock = RLock()
        self.version = 0

    def effective_candidates(self) -> list[BaseRoute]:
        """Return the effective routes of the router's own routes, and its included routers below this level."""
        self._refresh()
        return self._candidates

    def effective_low_priority_routes(self) -> list[BaseRoute]:
        """Return what is asked, below this level, for a request that no route is for: the router's own, then nested."""
        self._refresh()
        return self._low_priority

    def _refresh(self) -> None:
        if self._epoch == EPOCH.value:
            return
        with self._lock:
            epoch = EPOCH.value
            if self._epoch == epoch:  # another thread was faster
                return
            declared, last = list(self.original_router.routes), list(self.original_router.low_priority_routes)
            self._made = {id(route): self._made.get(id(route)) or self._make(route) for route in (*declared, *last)}
            self._candidates = self._served(declared)
            self._low_priority = low_priority_routes(self._served(last), self._candidates)
            self._epoch = epoch

    def _make(self, route: BaseRoute) -> tuple[BaseRoute, BaseRoute | None]:
        return route, effective_route(route, self.include_context)

    def _served(self, declared: Sequence[BaseRoute]) -> list[BaseRoute]:
        served = (self._made[id(route)][1] for route in declared)
        return [route for route in served if route is not None]

    def replace_route(self, route: BaseRoute, by: BaseRoute | None) -> bool:
        """Serve another route, or none, instead of an effective one; return whether it was one of this include's."""
        for key, (original, served) in self._made.items():
            if served is route:
                self._made[key] = (original, by)
                self.version = EPOCH.bump()
                return True
            if isinstance(served, IncludedRouter) and served.replace_route(route, by):
                self.version = served.version
                return True
        return False

    def effective_route_contexts(self) -> Iterator[BaseRoute]:
        """Yield every effective route, those of nested routers too."""
        yield from flat_routes(self.effective_candidates())

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the included router, whose class may have a say, whether one of its routes is for a request."""
        with telling(scope, INCLUDED_ROUTER_KEY, self):
            match, _ = self.original_router.matches(scope)
        return match, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the included router answer a request that matched."""
        fastapi_scope(scope)[INCLUDED_ROUTER_KEY] = self
        await self.original_router.handle(scope, receive, send)

    def match_route(self, scope: Scope) -> tuple[Match, Scope, BaseRoute | None]:
        """Return the first route that is for a request, or the first that is for it but for its method."""
        partial: tuple[Match, Scope, BaseRoute | None] = (Match.NONE, {}, None)
        for route in dispatch_routes(self.effective_candidates()):
            match, child_scope = route.matches(scope)
            if match is Match.FULL:
                return match, child_scope, route
            if match is Match.PARTIAL and partial[0] is Match.NONE:
                partial = match, child_scope, route
        return partial

    async def handle_matched(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by the route that is for it; the included router's default answers if none is."""
        _, child_scope, route = self.match_route(scope)
        if route is None:
            await with_body_limit(self.original_router.default, self.include_context.max_body_size)(
                scope, receive, send
            )
            return
        update_scope(scope, child_scope)
        if getattr(route, "original_route", None) is not None:
            fastapi_scope(scope)[EFFECTIVE_ROUTE_KEY] = route
        await route.handle(scope, receive, send)

    _handle_selected = handle_matched  # COMPAT: FastAPI's name, which its tests call

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the path of the first effective route of that name and with those parameters."""
        for route in self.effective_candidates():
            try:
                return route.url_path_for(name, **path_params)
            except NoMatchFound:
                continue
        raise NoMatchFound(name, path_params)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(prefix={self.include_context.prefix!r}, router={self.original_router!r})"


_EFFECTIVE: tuple[tuple[type[BaseRoute], Callable[[Any, Level], BaseRoute]], ...] = (
    (APIRoute, _ours),
    (APIWebSocketRoute, _ours),
    (Route, _plain_route),
    (WebSocketRoute, _plain_route),
    (Mount, _mount),
    (Host, _host),
    (IncludedRouter, _included),
    (LastRoute, _ours),
)


# --------------------------------------------------------------------------------------------------------- flat lists


def flat_routes(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return the routes with every included router replaced by its effective routes."""
    flat: list[BaseRoute] = []
    for route in routes:
        if isinstance(route, IncludedRouter):
            flat.extend(flat_routes(route.effective_candidates()))
        else:
            flat.append(route)
    return flat


def dispatch_routes(routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return what is to be asked for a request, in order: effective routes, and who insists on being asked itself."""
    asked: list[BaseRoute] = []
    for route in routes:
        if isinstance(route, IncludedRouter) and not route.original_router.has_own_dispatch:
            asked.extend(dispatch_routes(route.effective_candidates()))
        elif isinstance(route, APIRoute) and route.original_route is not None and _insists(route):
            # One object for each route, kept on it: the table is made again where the list differs.
            asked.append(vars(route).setdefault("asked", ThroughOriginal(route, route.original_route)))
        else:
            asked.append(route)
    return asked


def low_priority_routes(own: Iterable[BaseRoute], routes: Iterable[BaseRoute]) -> list[BaseRoute]:
    """Return what is asked where no route is for a request: a router's own, then those that its routes bring in."""
    included = (route for route in routes if isinstance(route, IncludedRouter))
    return [*own, *(route for each in included for route in each.effective_low_priority_routes())]


def _insists(route: APIRoute) -> bool:
    return route.has_own_match or route.has_own_handle


class ThroughOriginal(BaseRoute):
    """An effective route that is matched and handled by the methods of the route that was declared.

    A user who wrote `matches` or `handle` keeps state on the route that they declared, so it is that object's methods
    that are called, and the scope says which of its effective routes is meant.
    """

    def __init__(self, effective: APIRoute, original: APIRoute) -> None:
        self.original_route = original
        self.effective = effective

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Ask the declared route."""
        with telling(scope, EFFECTIVE_ROUTE_KEY, self.effective):
            return self.original_route.matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have the declared route answer."""
        fastapi_scope(scope)[EFFECTIVE_ROUTE_KEY] = self.effective
        await self.original_route.handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        """Return the effective route's path."""
        return self.effective.url_path_for(name, **path_params)


def version_of(routes: Sequence[BaseRoute]) -> int:
    """Return the number of the last change to a router's list of routes, or to what an include brings in."""
    included = [route for route in routes if isinstance(route, IncludedRouter)]
    below = (max(each.version, version_of(each.original_router.routes)) for each in included)
    return max((getattr(routes, "version", 0), *below))


# ------------------------------------------------------------------------------------------------- editing flat lists


def holder_of(routes: Sequence[BaseRoute], route: BaseRoute) -> BaseRoute:
    """Return the one of `routes` that is `route`, or the included router among them that brings it in."""
    for each in routes:
        if each is route or (isinstance(each, IncludedRouter) and _brings_in(each, route)):
            return each
    raise ValueError(f"{route!r} is not among the routes")


def _brings_in(included: IncludedRouter, route: BaseRoute) -> bool:
    return any(each is route for each in included.effective_route_contexts())


def replace_route(routes: list[BaseRoute], route: BaseRoute, by: BaseRoute | None) -> None:
    """Put another route, or none, in the place of `route`, which is among `routes` or below one of them."""
    holder = holder_of(routes, route)
    if isinstance(holder, IncludedRouter) and holder is not route:
        holder.replace_route(route, by)
        return
    index = next(index for index, each in enumerate(routes) if each is route)
    if by is None:
        del routes[index]
    else:
        routes[index] = by
