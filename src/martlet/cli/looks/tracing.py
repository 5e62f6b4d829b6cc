"""The way of a request through an app's routes: which route answers it and why, and why those before it do not.

Routes are asked in the order in which a server's request would ask them, by the very methods that decide then. The rule
is Starlette's: the first that matches wholly answers; else the first whose path matches refuses the method with 405;
else a path with a slash more or less is redirected to; else frontends are asked; else it is 404.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

from martlet._engine.declare.flatten import dispatch_routes
from martlet._engine.declare.frontend_paths import most_specific
from martlet.cli.looks.listing import Row, last_of, mounted, row_of
from martlet.cli.looks.reasons import why_not

Outcome: TypeAlias = Literal["answers", "method not allowed", "redirects", "not found"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one route says to a request.

    Args:
        route: the route.
        row: what is known of it.
        matches: whether it takes the request, takes the path only, or neither.
        why: the reason.
    """

    route: BaseRoute
    row: Row
    matches: Literal["yes", "path only", "no"]
    why: str

    def as_json(self) -> dict[str, Any]:
        """Return the verdict for `--json`."""
        return {**self.row.as_json(), "matches": self.matches, "why": self.why}


@dataclass(frozen=True, slots=True)
class Trace:
    """What becomes of a request.

    Args:
        method: its method.
        path: its path, as the app sees it that is asked.
        outcome: how it ends.
        why: the reason, as a sentence.
        asked: the verdicts of the routes, in order, as far as they were asked.
        chosen: the one that decides; None where none does.
        params: the values of the path's parameters.
        location: where it is redirected to.
        inner: what becomes of it in the mounted app that answers.
        later: the routes behind the one that answers that would have answered, too.
        app: the app or router that is asked.
    """

    method: str
    path: str
    outcome: Outcome
    why: str
    asked: Sequence[Verdict]
    app: Any
    chosen: Verdict | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    location: str | None = None
    inner: "Trace | None" = None
    later: Sequence[Row] = ()

    @property
    def innermost(self) -> "Trace":
        """The trace in the innermost mounted app."""
        return self if self.inner is None else self.inner.innermost

    @property
    def status(self) -> int | None:
        """The status that is sure already; None where a route answers."""
        end = self.innermost
        return {"answers": None, "method not allowed": 405, "redirects": 307, "not found": 404}[end.outcome]


def trace(app: Any, method: str, path: str, host: str = "") -> Trace:
    """Return what becomes of a request to an app.

    Args:
        app: the app.
        method: the method; `WS` for a WebSocket.
        path: the path, without a query.
        host: the host that is asked.
    """
    kind = {"type": "websocket"} if method == "WS" else {"type": "http", "method": method}
    headers = [(b"host", host.encode("latin-1", "replace"))] if host else []
    return _trace(app, {**kind, "path": path, "root_path": "", "headers": headers, "path_params": {}})


def _trace(app: Any, scope: Scope, prefix: str = "") -> Trace:
    method, path = scope.get("method", "WS"), get_route_path(scope)
    router = getattr(app, "router", app)
    asked: list[Verdict] = []
    refused: Verdict | None = None
    routes = dispatch_routes(router.routes)
    for position, route in enumerate(routes, 1):
        verdict, found = _ask(route, scope, prefix)
        asked.append(verdict)
        if verdict.matches == "yes":
            behind = (_ask(other, scope, prefix)[0] for other in routes[position:])
            later = [other.row for other in behind if other.matches == "yes"]
            return _answered(_Asked(app, method, path, asked), verdict, {**scope, **found}, later)
        if verdict.matches == "path only" and refused is None:
            refused = verdict
    way = _Asked(app, method, path, asked)
    if refused is not None:
        takes = ", ".join(refused.row.methods)
        return way.ends(
            "method not allowed", f"{refused.row.path} is the first for this path, and takes {takes}", refused
        )
    return _without_route(way, router, scope, prefix)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Whom a request has been to already."""

    app: Any
    method: str
    path: str
    asked: list[Verdict]

    def ends(self, outcome: Outcome, why: str, chosen: Verdict | None = None, **more: Any) -> Trace:
        return Trace(self.method, self.path, outcome, why, tuple(self.asked), self.app, chosen, **more)


def match_of(route: BaseRoute, scope: Scope) -> tuple[Match, Scope]:
    """Ask a route whether it is for a request, as the table does: a path that cannot be converted is not for it."""
    try:
        return route.matches(dict(scope))
    except ValueError:
        return Match.NONE, {}


def _ask(route: BaseRoute, scope: Scope, prefix: str) -> tuple[Verdict, dict[str, Any]]:
    row = row_of(getattr(route, "effective", route), prefix)
    match, found = match_of(route, scope)
    if match is Match.FULL:
        return Verdict(route, row, "yes", "matches"), dict(found)
    if match is Match.PARTIAL:
        return Verdict(route, row, "path only", f"takes {', '.join(row.methods)}, not {scope['method']}"), {}
    return Verdict(route, row, "no", why_not(route, scope)), {}


def _answered(way: _Asked, verdict: Verdict, scope: Scope, later: Sequence[Row]) -> Trace:
    """Return the end of a request that a route takes, with the scope that it is given."""
    known: dict[str, Any] = {"params": dict(scope["path_params"]), "later": later}
    why = f"{verdict.row.path} is the first that matches"
    below = mounted(verdict.route)
    if below is None:
        return way.ends("answers", why, verdict, **known)
    prefix = verdict.row.path.rstrip("/") if isinstance(verdict.route, Mount) else ""
    inner = _trace(below, scope, prefix)
    return way.ends(inner.outcome, why, verdict, inner=inner, **known)


def _without_route(way: _Asked, router: Any, scope: Scope, prefix: str) -> Trace:
    other = _with_other_slash(scope)
    if scope["type"] == "http" and router.redirect_slashes and way.path != "/":
        for route in dispatch_routes(router.routes):
            if match_of(route, {**scope, "path": other})[0] is not Match.NONE:
                verdict = next(each for each in way.asked if each.route is route)
                why = f"no route is for this path, and {verdict.row.path} is for the same with another slash at its end"
                return way.ends("redirects", why, verdict, location=other)
    last = [(*match_of(route, scope), route) for route in last_of(way.app)]
    match, _, frontend = most_specific(last)
    if frontend is None:
        return way.ends("not found", "no route is for this path")
    row = row_of(frontend, prefix)
    if match is Match.FULL:
        why = "no route is for this path, so a frontend looks for a file"
        return way.ends("answers", why, Verdict(frontend, row, "yes", why))
    why = f"no route is for this path, and the frontend takes {', '.join(row.methods)}: 405 for a file, 404 otherwise"
    return way.ends("answers", why, Verdict(frontend, row, "path only", why))


def _with_other_slash(scope: Mapping[str, Any]) -> str:
    path: str = scope["path"]
    return path.rstrip("/") if path.endswith("/") else f"{path}/"


def nearest(verdicts: Sequence[Verdict], path: str) -> Iterator[Verdict]:
    """Yield those of the routes that say no whose paths begin as the request's does: the ones one would suspect."""
    start = _start(path)
    for verdict in verdicts:
        own = _start(getattr(getattr(verdict.route, "effective", verdict.route), "path", ""))
        if verdict.matches != "no" or own == start or own.startswith("{"):
            yield verdict


def _start(path: str) -> str:
    return path.strip("/").partition("/")[0]
