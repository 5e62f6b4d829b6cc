"""`martlet explain GET /items/3`: which route answers a request, why, and what its handler does."""

import re
from argparse import Namespace
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from starlette.routing import Route

from martlet._engine.serve.explain import Explanation, explain, plan_lines
from martlet.applications import FastAPI
from martlet.cli.arguments import Parser, add_app, add_json
from martlet.cli.console import Console
from martlet.cli.failures import ExitCode, UsageFailure
from martlet.cli.looks.listing import Row
from martlet.cli.looks.samples import sample_of
from martlet.cli.looks.subject import load_app
from martlet.cli.looks.tracing import Trace, nearest, trace
from martlet.routing import APIRouter

_METHOD: Final = re.compile(r"[A-Za-z-]+")


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "method", nargs="?", metavar="METHOD", help="The HTTP method, or WS for a WebSocket; GET if left out."
    )
    parser.add_argument(
        "url", nargs="?", metavar="PATH", help="The path, such as /items/3, a template, or a whole URL."
    )
    add_app(parser)
    add_json(parser)


def run(arguments: Namespace) -> int:
    """Print what becomes of the request.

    Raises:
        Failure: one of its subclasses, where there is no app, or the arguments are none.
    """
    method, path, host = _request(arguments)
    app, _ = load_app(arguments)
    found = trace(app, method, _sampled(app, method, path), host)
    explanation = _explained(found.innermost)
    console = Console()
    if arguments.json:
        console.json(_as_json(app, found, explanation))
        return ExitCode.OK
    for line in _lines(console, app, found, explanation):
        console.line(line)
    return ExitCode.OK


def _request(arguments: Namespace) -> tuple[str, str, str]:
    """Return method, path and host; of `explain /items/3`, which leaves the method out, GET."""
    method, url = arguments.method or "", arguments.url
    if method.startswith("/") or "://" in method:
        method, url, arguments.path = "GET", method, arguments.path or url
    parts = urlsplit(url or "")
    path = unquote(parts.path) or "/"
    if not _METHOD.fullmatch(method) or not path.startswith("/") or url is None:
        raise UsageFailure(
            "A request is a method and a path that starts with a slash", advice="Try: martlet explain GET /items/3"
        )
    method = method.upper()
    return "WS" if method == "WEBSOCKET" or parts.scheme in {"ws", "wss"} else method, path, parts.netloc


def _sampled(app: FastAPI, method: str, path: str) -> str:
    """Return a path for a template that was given in its place."""
    for route in app.routes if "{" in path else ():
        template = getattr(route, "template", None)
        if template is not None and path in (template.path, template.path_format):
            methods = getattr(route, "methods", None)
            if methods is None or method in methods:
                return sample_of(template) or path
    return path


def _explained(end: Trace) -> Explanation | None:
    """Return the plan and the source of the handler that answers; None where it is not one of ours."""
    route = None if end.chosen is None else getattr(end.chosen.route, "effective", end.chosen.route)
    if end.outcome != "answers" or not isinstance(route, Route):
        return None
    if isinstance(end.app, FastAPI):
        return end.app.explain(end.path, end.method, route)
    if isinstance(end.app, APIRouter):
        return explain(end.app.dispatcher, end.path, end.method, route)
    return None


def _lines(console: Console, app: FastAPI, found: Trace, explanation: Explanation | None) -> Iterator[str]:
    end = found.innermost
    yield console.style(f"{found.method} {found.path}", "bold") + f"  {_ending(end)}"
    yield from _levels(found)
    middleware = _middleware(app)
    if middleware:
        yield console.style("Through", "bold")
        yield f"  {', '.join(middleware)}"
    if explanation is None:
        return
    if explanation.plan is None:
        yield f"  {explanation.reason}"
    for line in explanation.details():
        if not line.startswith("  endpoint"):  # the first line has said it, and shorter
            yield line if line.startswith(" ") else console.style(line, "bold")


def _ending(end: Trace) -> str:
    if end.outcome == "redirects":
        return f"307 Temporary Redirect to {end.location}"
    if end.status is not None:
        return f"{end.status} {HTTPStatus(end.status).phrase}"
    row = end.chosen.row if end.chosen else None
    return "" if row is None else f"{row.handler}  {row.place if row.place.file else ''}".rstrip()


def _levels(found: Trace) -> Iterator[str]:
    """Yield why it ends so, and who was asked before, for the app and for each mounted app on the way."""
    yield f"  {found.why}"
    for name, value in found.params.items():
        yield f"    {name} = {value!r}"
    before = [verdict for verdict in found.asked if verdict is not found.chosen]
    shown = list(nearest(before, found.path))
    if before:
        yield "Asked before" if found.outcome == "answers" else "Asked"
        yield from _columns([(verdict.row.shown_method, verdict.row.path, verdict.why) for verdict in shown])
        hidden = len(before) - len(shown)
        if hidden:
            yield f"  {'and ' if shown else ''}{hidden} route{'s' * (hidden > 1)} for paths that begin differently"
    if found.later:
        yield "Would answer too, but comes later"
        yield from _columns([(row.shown_method, row.path, _place(row)) for row in found.later])
    if found.inner is not None:
        yield f"In the app that is mounted there, with the path {found.inner.path}"
        yield from _levels(found.inner)


def _columns(rows: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    first, second = (max((len(row[column]) for row in rows), default=0) for column in (0, 1))
    for method, path, last in rows:
        yield f"  {method:<{first}}  {path:<{second}}  {last}".rstrip()


def _place(row: Row) -> str:
    return str(row.place) if row.place.file else row.handler


def _middleware(app: FastAPI) -> list[str]:
    return [getattr(each.cls, "__name__", type(each.cls).__name__) for each in app.user_middleware]


def _as_json(app: FastAPI, found: Trace, explanation: Explanation | None) -> dict[str, Any]:
    end = found.innermost
    return {
        "method": found.method,
        "path": found.path,
        "outcome": end.outcome,
        "status": end.status,
        "location": end.location,
        "route": end.chosen.row.as_json() if end.chosen and end.outcome == "answers" else None,
        "levels": list(_levels_json(found)),
        "middleware": _middleware(app),
        "reason": explanation.reason if explanation else None,
        "plan": [line.strip() for line in plan_lines(explanation.plan)] if explanation and explanation.plan else None,
        "steps": list(explanation.steps) if explanation else None,
        "source": explanation.source if explanation else None,
    }


def _levels_json(found: Trace) -> Iterator[dict[str, Any]]:
    yield {
        "path": found.path,
        "why": found.why,
        "params": dict(found.params),
        "later": [row.as_json() for row in found.later],
        "asked": [verdict.as_json() for verdict in found.asked],
    }
    if found.inner is not None:
        yield from _levels_json(found.inner)
