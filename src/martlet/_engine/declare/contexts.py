"""RouteContext: how packages look at routes without caring whether they were included.

COMPAT: FastAPI since 0.137 keeps included routers nested in `app.routes`, and offers `iter_route_contexts` to those who
want all routes with their full paths. `app.routes` is flat here; the function is there for code written for both.

Cadwyn copies included routes by an older, private pair of the same meaning, `EffectiveRouteContext` and
`iter_routes_with_context`: a declared route beside what its routers make of it, attribute by attribute.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from martlet._engine.declare.flatten import IncludedRouter, flat_routes, original_of
from martlet._engine.declare.route import APIRoute, shared_attributes

_CONTEXT: Final = "_martlet_context"


@dataclass(frozen=True)
class RouteContext:
    """One route as it is served; any attribute of the effective route can be read off the context.

    Args:
        route: the route that was declared.
        effective_route: the same below its routers' prefixes; None where it is not included.
    """

    route: BaseRoute
    effective_route: BaseRoute | None = field(default=None, repr=False)

    @property
    def original_route(self) -> BaseRoute:
        """The route that was declared."""
        return self.route

    @property
    def path(self) -> str | None:
        """The full path template with converters; None for routes that have no path."""
        path: str | None = self._get("path")
        return path

    @property
    def path_format(self) -> str | None:
        """The full path template without converters."""
        template: str | None = self._get("path_format")
        return template

    @property
    def name(self) -> str | None:
        """The name for `url_path_for`."""
        name: str | None = self._get("name")
        return name

    @property
    def methods(self) -> set[str] | None:
        """The HTTP methods; None for routes that do not look at the method."""
        methods: set[str] | None = self._get("methods")
        return methods

    @property
    def endpoint(self) -> Callable[..., Any] | None:
        """The function that answers."""
        endpoint: Callable[..., Any] | None = self._get("endpoint")
        return endpoint

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the route is for a request.

        COMPAT: of an included path operation the path and the methods decide, and no `matches` of its user's: those who
        ask, such as OpenTelemetry, may do so before the middleware that such a method counts on.
        """
        if isinstance(self.effective_route, APIRoute):
            return APIRoute.matches(self.effective_route, scope)
        return self._served.matches(scope)

    def _get(self, name: str) -> Any:
        return getattr(self._served, name, None)

    @cached_property
    def _served(self) -> BaseRoute:
        return self.route if self.effective_route is None else self.effective_route

    def __getattr__(self, name: str) -> Any:
        if "route" not in vars(self):  # one that is being copied or unpickled is asked before it has anything
            raise AttributeError(name)
        return getattr(self._served, name)


def iter_route_contexts(routes: Iterable[BaseRoute | RouteContext]) -> Iterator[RouteContext]:
    """Yield a context for every route that is served, those of included routers too; contexts come back as they are.

    A context is kept on its route: OpenTelemetry asks for all of them on every request. A copy of a route has that of
    the route it was made from, and is given its own.
    """
    for route in routes:
        known = route.__dict__.get(_CONTEXT)
        if known is not None and known._served is route:
            yield known
        elif isinstance(route, RouteContext):
            yield route
        elif isinstance(route, IncludedRouter):
            yield from map(_context_of, flat_routes([route]))
        else:
            yield _context_of(route)


def _context_of(served: BaseRoute) -> RouteContext:
    original = original_of(served)
    made = vars(served)[_CONTEXT] = RouteContext(original, None if original is served else served)
    return made


class EffectiveRouteContext:
    """What an included route is below its routers, in attributes that can be set on a copy of the declared route.

    Args:
        original_route: the route that was declared.
        starlette_route: the effective route, for one that is no path operation: it is copied whole.
        attributes: those of the effective path operation that are not its alone.
    """

    def __init__(self, original_route: BaseRoute, starlette_route: BaseRoute | None = None, **attributes: Any) -> None:
        self.original_route = original_route
        self.starlette_route = starlette_route
        vars(self).update(attributes)

    @classmethod
    def of(cls, served: BaseRoute) -> "EffectiveRouteContext | None":
        """Return the context of a route that is served; None for one that is served as it was declared."""
        original = original_of(served)
        if original is served:
            return None
        if isinstance(served, APIRoute):
            return cls(original, **shared_attributes(served))
        return cls(original, served)


def iter_routes_with_context(
    routes: Iterable[BaseRoute],
) -> Iterator[tuple[BaseRoute, EffectiveRouteContext | None]]:
    """Yield every declared route, those of included routers too, and what its routers make of it where it has some."""
    for served in flat_routes(routes):
        yield original_of(served), EffectiveRouteContext.of(served)
