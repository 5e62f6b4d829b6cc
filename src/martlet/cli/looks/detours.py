"""Which path operations are served the longer way, and which are never reached: `dev` and `check` tell of them."""

from collections.abc import Iterator
from typing import Any

from martlet._engine.declare.flatten import flat_routes
from martlet._engine.declare.route import APIRoute
from martlet._engine.serve.innermost import serving
from martlet._engine.serve.targets import RouteTarget
from martlet.routing import APIRouter


def detours(app: Any) -> Iterator[tuple[APIRoute, str]]:
    """Yield the path operations of an app, or of a router, that are not compiled, and why."""
    router = getattr(app, "router", app)
    if not isinstance(router, APIRouter):
        return
    # (an app that has started has its table already, or makes it for its first request here)
    dispatcher = serving(getattr(app, "middleware_stack", None)) or router.dispatcher
    for target in dispatcher.frozen.targets:
        if isinstance(target, RouteTarget) and isinstance(target.route, APIRoute):
            yield target.route, target.reason


def unreachable(app: Any) -> Iterator[APIRoute]:
    """Yield the path operations of an app that no request reaches, as their path does not begin with a slash."""
    for route in flat_routes(getattr(app, "routes", ())):
        # (behind a mount the path may be empty, and a parameter may take the slash)
        if isinstance(route, APIRoute) and route.path and not route.path.startswith(("/", "{")):
            yield route


def named(route: APIRoute) -> str:
    """Return a path operation as people name it: its methods and its path."""
    return f"{','.join(sorted(route.methods))} {route.path}"
