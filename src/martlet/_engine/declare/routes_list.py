"""The two lists of routes that users see and edit.

`RoutesList` is `router.routes`: what was declared, in order, with included routers as one element each. Changing it
bumps the epoch, so that whatever was worked out from it is worked out again.

`RoutesView` is `app.routes`: the same with every included router replaced by its effective routes, full paths and all.
It is live in both directions: it brings itself up to date before each read, and an edit goes to the list that holds
the route. Both are lists, since packages test for that and hand them to code that does.
"""

from collections.abc import Callable, Iterable
from typing import Any, Self, SupportsIndex

from starlette.routing import BaseRoute

from martlet._engine.declare.flatten import flat_routes, holder_of, replace_route
from martlet._engine.words.epoch import EPOCH

_MUTATORS = (
    "__delitem__",
    "__iadd__",
    "__imul__",
    "__setitem__",
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "remove",
    "reverse",
    "sort",
)

_READERS = (
    "__add__",
    "__contains__",
    "__eq__",
    "__ge__",
    "__getitem__",
    "__gt__",
    "__iter__",
    "__le__",
    "__len__",
    "__lt__",
    "__mul__",
    "__ne__",
    "__repr__",
    "__reversed__",
    "__rmul__",
    "copy",
    "count",
    "index",
)


class RoutesList(list[BaseRoute]):
    """The routes of one router, in the order in which they are tried.

    Args:
        routes: those to begin with.
    """

    __slots__ = ("version",)

    def __init__(self, routes: Iterable[BaseRoute] = ()) -> None:
        super().__init__(routes)
        self.version = EPOCH.bump()


class RoutesView(list[BaseRoute]):
    """All routes of an app, those of included routers among them with their full paths.

    COMPAT: fastapi-versionizer keeps `app.routes`, gives the router another list, and goes on with what it kept. So a
    view stays with its list; once the router has another one, `app.routes` is another view.

    Args:
        declared: the router's list.
    """

    __slots__ = ("_epoch", "declared")

    def __init__(self, declared: list[BaseRoute]) -> None:
        super().__init__()
        self.declared = declared
        self._epoch = -1

    def __reduce_ex__(self, _: SupportsIndex, /) -> tuple[type["RoutesView"], tuple[list[BaseRoute]]]:
        """COMPAT: Ray Serve pickles apps. What a view shows is in its list; filling it would write there again."""
        return type(self), (self.declared,)

    def __copy__(self) -> list[BaseRoute]:
        return list(self)

    def _refresh(self) -> None:
        if self._epoch != EPOCH.value:
            epoch = EPOCH.value
            list.__setitem__(self, slice(None), flat_routes(self.declared))
            # Flattening may itself have found something new, so the number is taken before.
            self._epoch = epoch

    def append(self, route: BaseRoute, /) -> None:
        """Declare a route behind all others."""
        self.declared.append(route)

    def extend(self, routes: Iterable[BaseRoute], /) -> None:
        """Declare several routes behind all others."""
        self.declared.extend(routes)

    def __iadd__(self, routes: Iterable[BaseRoute], /) -> Self:  # type: ignore[misc, override]  # not `__add__`
        self.extend(routes)
        return self

    def __radd__(self, routes: list[BaseRoute], /) -> list[BaseRoute]:
        # Without this, a plain list would join itself with what was here when it was last looked at.
        return [*routes, *self]

    def insert(self, index: SupportsIndex, route: BaseRoute, /) -> None:
        """Declare a route in front of the one at `index`, or of all those that came in by the same include."""
        routes = self.declared
        behind = list(self)[index.__index__() :]
        if not behind:
            routes.append(route)
            return
        holder = holder_of(routes, behind[0])
        routes.insert(_position(routes, holder), route)

    def remove(self, route: BaseRoute, /) -> None:
        """Take the first route that equals `route` away."""
        del self[self.index(route)]

    def pop(self, index: SupportsIndex = -1, /) -> BaseRoute:
        """Take a route away and return it."""
        route = self[index]
        del self[index]
        return route

    def clear(self) -> None:
        """Take all routes away, and the included routers with them."""
        self.declared.clear()

    def __delitem__(self, index: SupportsIndex | slice, /) -> None:
        chosen = self[index] if isinstance(index, slice) else [self[index]]
        for route in chosen:
            replace_route(self.declared, route, None)

    def __setitem__(self, index: Any, value: Any, /) -> None:
        if isinstance(index, slice):
            changed = list(self)
            changed[index] = value
            self._rewrite(changed)
        else:
            replace_route(self.declared, self[index], value)

    def reverse(self) -> None:
        """Try the routes in the opposite order; included routers become plain routes."""
        self._rewrite(list(self)[::-1])

    def sort(self, *, key: Callable[[BaseRoute], Any], reverse: bool = False) -> None:  # type: ignore[override]
        """Try the routes in the order of `key`; included routers become plain routes."""
        self._rewrite(sorted(self, key=key, reverse=reverse))

    def _rewrite(self, routes: list[BaseRoute]) -> None:
        self.declared[:] = routes


def _position(routes: list[BaseRoute], route: BaseRoute) -> int:
    """Return where `route` itself stands, not one that equals it."""
    return next(index for index, each in enumerate(routes) if each is route)


def _bumping(name: str) -> Callable[..., Any]:
    change = getattr(list, name)

    def mutator(self: RoutesList, *args: Any, **kwargs: Any) -> Any:
        result = change(self, *args, **kwargs)
        self.version = EPOCH.bump()
        return result

    mutator.__name__, mutator.__doc__ = name, change.__doc__
    return mutator


def _refreshing(name: str) -> Callable[..., Any]:
    read = getattr(list, name)

    def reader(self: RoutesView, *args: Any, **kwargs: Any) -> Any:
        self._refresh()
        return read(self, *args, **kwargs)

    reader.__name__, reader.__doc__ = name, read.__doc__
    return reader


for _name in _MUTATORS:
    setattr(RoutesList, _name, _bumping(_name))
for _name in _READERS:
    setattr(RoutesView, _name, _refreshing(_name))
