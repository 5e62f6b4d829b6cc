"""Why a route is not for a path, as the first thing that differs between its template and the path."""

from collections.abc import Mapping
from typing import Any

from starlette._utils import get_route_path
from starlette.routing import BaseRoute, Host, Mount, Route, WebSocketRoute

from martlet._engine.match.converters import REST
from martlet._engine.match.template import Template


def why_not(route: BaseRoute, scope: Mapping[str, Any]) -> str:
    """Return why a route that says no to a request does so.

    Args:
        route: the route.
        scope: the request's.
    """
    original = getattr(route, "effective", route)
    is_http = scope["type"] == "http"
    path = get_route_path(dict(scope))
    if isinstance(original, Route | WebSocketRoute) and isinstance(original, Route) is not is_http:
        return "is for HTTP" if isinstance(original, Route) else "is for WebSockets"
    if isinstance(original, Mount):
        return f"is for paths below {original.path or '/'}"
    if isinstance(original, Host):
        return f"is for the host {original.host}"
    text = getattr(original, "path", None)
    if not isinstance(original, Route | WebSocketRoute) or not isinstance(text, str):
        return "its own `matches` says no"
    return _difference(Template.parse(text), path)


def _difference(template: Template, path: str) -> str:
    """Return the first thing in which a path differs from a template."""
    if template.path.rstrip("/") == path.rstrip("/"):
        return "differs by the slash at the end"
    if any(parameter.convertor.regex == REST for parameter in template.parameters):
        return f"is for paths that begin with {template.start}"
    wanted, given = template.path.split("/"), path.split("/")
    for want, have in zip(wanted, given, strict=False):
        reason = _segment(want, have)
        if reason:
            return reason
    if len(wanted) == len(given):
        return "its regex says no"
    if len(wanted) > len(given):
        return f"wants more: /{'/'.join(wanted[len(given) :])}"
    return f"ends where the path goes on: /{'/'.join(given[len(wanted) :])}"


def _segment(want: str, have: str) -> str:
    """Return why one segment of a path is not what a template has there; nothing where it is."""
    if "{" not in want:
        return "" if want == have else f"has {want!r} where the path has {have!r}"
    segment = Template.parse(f"/{want}")
    fits = segment.regex.match(f"/{have}")
    return "" if fits and _converts(segment, fits.groupdict()) else f"wants {want} where the path has {have!r}"


def _converts(segment: Template, texts: Mapping[str, str]) -> bool:
    try:
        for parameter in segment.parameters:
            parameter.convertor.convert(texts[parameter.name])
    except ValueError:
        return False
    return True
