"""Routes that are served the Starlette-shaped way, Request in and Response out.

`get_route_handler` is the seam that users override: what this module returns is what `super()` gives them. Plan,
validation and rendering are the compiled handler's own.
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from martlet._engine.read.graph import Graph, build_graph
from martlet._engine.read.plan import Plan
from martlet._engine.run.errors import answer_error
from martlet._engine.run.exits import Exits
from martlet._engine.run.outgoing import STARTED
from martlet._engine.run.respond import Responder
from martlet._engine.run.send import answer_within
from martlet._engine.run.solve import Solving
from martlet._engine.words.hooks import HANDLE

RequestHandler = Callable[[Request], Coroutine[Any, Any, Response]]


class HasOverrides(Protocol):
    """Whoever knows what dependencies are replaced by: an app."""

    @property
    def dependency_overrides(self) -> Mapping[Callable[..., Any], Callable[..., Any]]: ...


def request_handler(
    plan: Plan,
    overrides_provider: HasOverrides | None,
    responder: Callable[[Plan, Graph], Responder] = Responder,
) -> RequestHandler:
    """Return the coroutine function that answers a Request to a route.

    Args:
        plan: the route.
        overrides_provider: whose overrides count, looked up for each request.
        responder: makes what answers.
    """
    straight = responder(plan, build_graph(plan.dependant))

    async def handle(request: Request) -> Response:
        overrides = overrides_provider.dependency_overrides if overrides_provider is not None else {}
        chosen = responder(plan, build_graph(plan.dependant, overrides)) if overrides else straight
        return await chosen.respond(request, Solving(request, Exits(request.scope, opened=True)))

    return handle


def request_response(handle: RequestHandler) -> ASGIApp:
    """Return a route whose answers `handle` makes, as an ASGI app: exits and exception handlers around it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            await answer_within(Exits(scope), handle(request), scope, receive, send)
        except Exception as error:  # noqa: BLE001 - the app's handlers choose, and the rest goes on up
            await answer_error(error, request, receive, send, started=scope.get(STARTED, False))

    vars(app)[HANDLE] = handle
    return app
