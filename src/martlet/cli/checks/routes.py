"""Checks of routes: which can never be reached, which share an operation id, which are served the longer way."""

from collections.abc import Iterator
from typing import Any, Final

from starlette.routing import BaseRoute, Match, Mount, Route, WebSocketRoute

from martlet._engine.declare.flatten import dispatch_routes, flat_routes
from martlet._engine.declare.route import APIRoute
from martlet._engine.match.route_map import Foreign
from martlet._engine.match.template import Template
from martlet.cli.checks.findings import DOCUMENT, DUPLICATE_ID, LONGER_WAY, SHADOWED, Finding
from martlet.cli.checks.subject import Subject
from martlet.cli.failures import DocumentFailure
from martlet.cli.looks.detours import detours, named, unreachable
from martlet.cli.looks.document import document_of
from martlet.cli.looks.listing import row_of
from martlet.cli.looks.places import NOWHERE, Place
from martlet.cli.looks.samples import sample_of
from martlet.cli.looks.tracing import match_of
from martlet.routing import APIRouter

_HTTP: Final = {"type": "http", "root_path": "", "headers": [], "path_params": {}}


def operation_ids(subject: Subject) -> Iterator[Finding]:
    """Yield operations whose id another one before them has: clients made from the document lose one of the two."""
    for app in subject.fastapi_apps:
        taken: dict[str, APIRoute] = {}
        for route in flat_routes(app.routes):
            if not isinstance(route, APIRoute) or not route.include_in_schema:
                continue
            name = route.operation_id or route.unique_id
            first = taken.setdefault(name, route)
            if first is not route:
                yield _duplicate(name, route, first)
            elif len(route.methods) > 1:
                yield Finding(
                    DUPLICATE_ID,
                    row_of(route).place,
                    f"{named(route)}: its methods share the operation id {name!r}",
                    "Declare each method by itself: @app.get(...), @app.post(...).",
                )


def _duplicate(name: str, route: APIRoute, first: APIRoute) -> Finding:
    said = "Give one of them another operation_id" if route.operation_id else "Rename one of the functions"
    return Finding(
        DUPLICATE_ID,
        row_of(route).place,
        f"{named(route)} has the operation id {name!r} of {named(first)} ({row_of(first).place})",
        f"{said}: clients made from the document have one function for both.",
    )


def document(subject: Subject) -> Iterator[Finding]:
    """Yield apps whose document cannot be made."""
    for app in subject.fastapi_apps:
        if app.openapi_url is None:
            continue
        try:
            document_of(app)
        except DocumentFailure as failure:
            yield Finding(
                DOCUMENT,
                subject.call_of_app(app),
                f"The OpenAPI document cannot be made, so the docs answer 500: {' '.join(failure.details)}",
                " ".join(failure.advice),
            )


def shadowed(subject: Subject) -> Iterator[Finding]:
    """Yield routes that no request reaches, since one before them takes everything that they are for."""
    for app in subject.apps:
        for lost in unreachable(app):
            yield Finding(
                SHADOWED,
                row_of(lost).place,
                f"{named(lost)} is never reached: its path does not begin with a slash",
                f"Write '/{lost.path}', or include its router with a prefix.",
            )
        router = getattr(app, "router", app)
        if isinstance(router, APIRouter):
            for route in dispatch_routes(router.routes):
                yield from _shadowed(router, getattr(route, "effective", route), route)


def _shadowed(router: APIRouter, route: Any, asked: BaseRoute) -> Iterator[Finding]:
    path = _sample(route)
    if path is None:
        return
    row = row_of(route)
    lost: dict[int, tuple[Any, list[str]]] = {}
    for method in _methods(route):
        winner = _winner(router, path, method, route)
        if not any(winner is each for each in (None, route, asked)):  # Starlette's routes may equal each other
            lost.setdefault(id(winner), (winner, []))[1].append(method)
    for winner, methods in lost.values():
        first = row_of(getattr(winner, "effective", winner))
        all_of_it = len(methods) == len(_methods(route))
        what = f"{row.shown_method} {row.path}" if all_of_it else f"{','.join(methods)} {row.path}"
        yield Finding(
            SHADOWED,
            row.place if row.place.file else NOWHERE,
            f"{what} is never reached: {first.path} before it takes the same requests{_at(first.place)}",
            "Declare it before that one, or give one of them another path.",
        )


def _at(place: Place) -> str:
    return f" ({place})" if place.file else ""


def _methods(route: Any) -> list[str]:
    if isinstance(route, WebSocketRoute):
        return ["WS"]
    # A route that says no methods takes all; one of them stands for all.
    return sorted(getattr(route, "methods", None) or ("GET",))


def _sample(route: Any) -> str | None:
    """Return a path that hardly any other route is for; None where none can be made."""
    if isinstance(route, Mount):
        return sample_of(Template.parse(f"{route.path}/{{path:path}}"))
    if isinstance(route, Route | WebSocketRoute) and route.path.startswith("/"):
        return sample_of(getattr(route, "template", None) or Template.parse(route.path))
    return None


def _winner(router: APIRouter, path: str, method: str, route: BaseRoute) -> Any:
    """Return the route that answers; None where that cannot be said."""
    if method == "WS":
        scope: dict[str, Any] = {**_HTTP, "type": "websocket", "path": path}
        return next((each for each in dispatch_routes(router.routes) if match_of(each, scope)[0] is Match.FULL), None)
    scope = {**_HTTP, "path": path, "method": method}
    for candidate in router.dispatcher.frozen.map.candidates(path, method):
        if not isinstance(candidate, Foreign):
            if candidate.full:
                return candidate.target.route
        elif candidate.route is route or match_of(candidate.route, scope)[0] is Match.FULL:
            return candidate.route
    return None


def longer_way(subject: Subject) -> Iterator[Finding]:
    """Yield path operations that are not compiled, and why."""
    for app in subject.apps:
        for route, reason in detours(app):
            yield Finding(
                LONGER_WAY,
                row_of(route).place,
                f"{named(route)} is not compiled: {reason}",
                "It works, at FastAPI's speed. Dependencies and middleware leave the handler compiled.",
            )
