"""The routes of an app as rows: one for each operation, WebSocket, mount, host and frontend, with their full paths.

The order is the one in which they are tried. What a mounted app declares stands below its mount; frontends, which are
asked last, stand last. An app that is no Martlet app is listed as far as Starlette's classes say something.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Host, Mount, Route, Router, WebSocketRoute

from martlet._engine.declare.flatten import flat_routes, low_priority_routes
from martlet._engine.declare.frontend import FrontendGroup
from martlet._engine.declare.frontend_paths import joined_path
from martlet._engine.declare.route import APIRoute
from martlet._engine.declare.websocket_route import APIWebSocketRoute
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.graph import build_graph
from martlet._engine.serve.explain import callable_name, type_text
from martlet.cli.looks.places import NOWHERE, Place, place_of

Kind: TypeAlias = Literal["operation", "route", "websocket", "mount", "host", "frontend", "other"]

_SHOWN_METHOD: Final = {"websocket": "WS", "mount": "*", "host": "*", "other": "?"}


@dataclass(frozen=True, slots=True)
class Row:
    """One route.

    Args:
        kind: what sort of route it is.
        methods: the HTTP methods it takes; none for any, and for what is not HTTP.
        path: its full path, or the address of a host.
        name: the name for `url_path_for`; empty where it has none.
        handler: what answers: a function, a class, a directory.
        place: where that is written.
        dependencies: what is called before it, in order.
        response_model: the type of the answer; empty where there is none.
    """

    kind: Kind
    methods: tuple[str, ...]
    path: str
    name: str
    handler: str
    place: Place
    dependencies: tuple[str, ...] = ()
    response_model: str = ""

    @property
    def shown_method(self) -> str:
        """The methods as one word."""
        return ",".join(self.methods) or _SHOWN_METHOD.get(self.kind, "*")

    def as_json(self) -> dict[str, Any]:
        """Return the row for `--json`."""
        return {
            "kind": self.kind,
            "methods": list(self.methods),
            "path": self.path,
            "name": self.name or None,
            "handler": self.handler,
            **self.place.as_json(),
            "dependencies": list(self.dependencies),
            "response_model": self.response_model or None,
        }


def rows_of(app: Any, prefix: str = "") -> Iterator[Row]:
    """Yield the rows of an app, or of a router.

    Args:
        app: the app.
        prefix: what stands in front of all its paths: where it is mounted.
    """
    for route in flat_routes(app.routes):
        yield row_of(route, prefix)
        below = mounted(route)
        if below is not None:
            yield from rows_of(below, prefix + getattr(route, "path", ""))
    for route in last_of(app):
        yield from _frontends(route, prefix)


def row_of(route: BaseRoute, prefix: str = "") -> Row:
    """Return the row of one route; of the frontends of a router, of the first."""
    if isinstance(route, FrontendGroup):
        return next(_frontends(route, prefix))
    return next(make(route, prefix) for kind, make in _ROWS if isinstance(route, kind))


def mounted(route: BaseRoute) -> Any:
    """Return the app behind a mount or a host that has routes of its own; None where there is none."""
    if not isinstance(route, Mount | Host):
        return None
    app = route._base_app if isinstance(route, Mount) else route.app
    return next((each for each in layers(app) if isinstance(each, Starlette | Router)), None)


def layers(app: Any) -> Iterator[Any]:
    """Yield an app and what is inside of it: ASGI middleware keeps the app that it stands around as `app`."""
    seen: set[int] = set()
    while app is not None and id(app) not in seen:
        seen.add(id(app))
        yield app
        app = None if isinstance(app, Router) else getattr(app, "app", None)


def last_of(app: Any) -> list[BaseRoute]:
    """Return what is asked where no route is for a request: frontends."""
    router = getattr(app, "router", app)
    own = getattr(router, "low_priority_routes", ())
    return low_priority_routes(own, router.routes)


def dependencies_of(dependant: Dependant) -> tuple[str, ...]:
    """Return the names of what is called before an endpoint, in order, each once."""
    return tuple(dict.fromkeys(callable_name(node.call) for node in build_graph(dependant).nodes))


def _operation(route: APIRoute, prefix: str) -> Row:
    model = route.stream_item_type or route.response_model
    text = "" if model is None else type_text(model)
    return Row(
        kind="operation",
        methods=tuple(sorted(route.methods)),
        path=prefix + route.path,
        name=route.name,
        handler=callable_name(route.endpoint),
        place=place_of(route.endpoint),
        dependencies=dependencies_of(route.dependant),
        response_model=f"stream of {text}" if text and route.stream_item_type else text,
    )


def _plain(route: Route, prefix: str) -> Row:
    methods = tuple(sorted(route.methods or ()))
    endpoint = route.endpoint
    return Row("route", methods, prefix + route.path, route.name, callable_name(endpoint), place_of(endpoint))


def _websocket(route: WebSocketRoute, prefix: str) -> Row:
    called = dependencies_of(route.dependant) if isinstance(route, APIWebSocketRoute) else ()
    endpoint = route.endpoint
    return Row("websocket", (), prefix + route.path, route.name, callable_name(endpoint), place_of(endpoint), called)


def _mount(route: Mount, prefix: str) -> Row:
    return Row("mount", (), prefix + (route.path or "/"), route.name or "", *_app(route._base_app))


def _host(route: Host, prefix: str) -> Row:
    return Row("host", (), f"{route.host}{prefix}", route.name or "", *_app(route.app))


def _app(app: Any) -> tuple[str, Place]:
    """Return the name and the place of a mounted app; a directory of files is its own place."""
    directory = getattr(app, "directory", None)
    if directory is not None:
        return f"{type(app).__name__}({str(directory)!r})", NOWHERE
    app = next((each for each in layers(app) if isinstance(each, Starlette | Router)), app)
    if isinstance(app, Starlette | Router):
        title = getattr(app, "title", None)
        return f"{type(app).__name__}({title!r})" if title else type(app).__name__, NOWHERE
    return callable_name(app), place_of(app)


def _frontends(route: BaseRoute, prefix: str) -> Iterator[Row]:
    if not isinstance(route, FrontendGroup):
        yield row_of(route, prefix)
        return
    called = dependencies_of(route.dependant)
    for each in route.routes:
        path = prefix + joined_path(route.prefix, each.path)
        methods = tuple(sorted(each.methods))
        yield Row("frontend", methods, path, "", f"files of {str(each.app.directory)!r}", NOWHERE, called)


def _other(route: BaseRoute, prefix: str) -> Row:
    path = getattr(route, "path", "") or getattr(getattr(route, "include_context", None), "prefix", "")
    name = getattr(route, "name", None) or ""
    return Row("other", (), f"{prefix}{path}" or "?", name, type(route).__qualname__, place_of(type(route)))


_ROWS: Final[tuple[tuple[type[BaseRoute], Callable[[Any, str], Row]], ...]] = (
    (APIRoute, _operation),
    (WebSocketRoute, _websocket),
    (Route, _plain),
    (Mount, _mount),
    (Host, _host),
    (BaseRoute, _other),
)
