"""A route's careful way as an ASGI call, and what its handler does with exceptions.

Both are bound into the compiled handler once for each route and called when a request leaves the straight way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from martlet._engine.run.errors import HANDLERS, answer_error, call_handler
from martlet._engine.run.exits import Exits
from martlet._engine.run.limits import inherit_form_limits, limit_error
from martlet._engine.run.notes import Notes
from martlet._engine.run.outgoing import STARTED, guarded, server_side
from martlet._engine.run.respond import Responder
from martlet._engine.run.send import answer_within, make_request, publish_route
from martlet._engine.run.solve import Solving
from martlet._engine.run.telemetry import watch_of

Path = Mapping[str, Any]
Solved = dict[str, Any]


class Careful:
    """Answers a request that the compiled handler of a route has put aside.

    Args:
        responder: the route.
        router: the router that the scope names.
        route: the route object that the scope names.
    """

    def __init__(self, responder: Responder, router: Any, route: Any) -> None:
        self.responder = responder
        self.router = router
        self.route = route

    async def __call__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        path: Path,
        body: bytes | None = None,
        *,
        noted: Notes | None = None,
    ) -> None:
        """Answer from the beginning: no dependency has run.

        Args:
            path: the path parameters.
            body: the body, if it was read.
            noted: what came of validations that called code of the user's.
        """
        publish_route(scope, self.router, self.route, self.responder.plan.endpoint, path)
        inherit_form_limits(scope, self.router.form_limits)
        request = make_request(scope, receive, send, body)
        exits = Exits(scope)
        response = self.responder.respond(request, Solving(request, exits, noted=noted or {}))
        await answer_within(exits, response, scope, receive, send)

    async def resume(self, scope: Scope, receive: Receive, send: Send, body: bytes | None, solved: Solved) -> Response:
        """Return the answer of a request whose first dependencies have run.

        Args:
            solved: the fields of `Solving` as far as the compiled handler has come.
        """
        request = make_request(scope, receive, send, body)
        return await self.responder.respond(request, Solving(request, **solved))


@dataclass(frozen=True, slots=True)
class FailureRules:
    """How an app answers exceptions.

    Args:
        handlers: its exception handlers by class and by status.
        server: answers with a 500 what is nobody's; None where that goes up, to the middleware of the app.
    """

    handlers: tuple[Mapping[Any, Any], Mapping[int, Any]]
    server: ServerErrorMiddleware | None = None


class Failures:
    """What the handler of a route does with an exception.

    Args:
        router: the router that the scope names.
        route: the route object that the scope names.
        endpoint: the endpoint that the scope names.
        rules: the app's.
    """

    def __init__(self, router: Any, route: Any, endpoint: Any, rules: FailureRules) -> None:
        self.router = router
        self.route = route
        self.endpoint = endpoint
        self.rules = rules

    def prepare(self, scope: Scope) -> None:
        """Name the app's exception handlers in the scope, where Starlette's routes look for them."""
        scope[HANDLERS] = self.rules.handlers

    async def __call__(
        self,
        error: Exception,
        scope: Scope,
        receive: Receive,
        send: Send,
        path: Path,
        body: bytes | None = None,
        *,
        started: bool = False,
    ) -> None:
        """Answer the exception; raise it as well if it is nobody's."""
        publish_route(scope, self.router, self.route, self.endpoint, path)
        answered = self.answer(error, make_request(scope, receive, send, body), receive, send, started=started)
        del error  # what is raised again has this frame in its traceback, and must not be held by it
        await answered

    async def answer(
        self, error: Exception, connection: HTTPConnection, receive: Receive, send: Send, *, started: bool = False
    ) -> None:
        """Do the same for a request whose scope names the route already."""
        scope: Any = connection.scope
        self.prepare(scope)
        try:
            begun = started or scope.get(STARTED, False)
            observed = self.rules.server is None
            await answer_error(error, connection, receive, guarded(scope, send), started=begun, observed=observed)
        except Exception as unhandled:
            if self.rules.server is None or limit_error(unhandled) is not None:
                raise  # to those around this; a limit on the body among them has answered
            watch_of(scope).fail(unhandled)
            server = server_side(send)
            begun = started or (scope.get(STARTED, False) if server is None else server.has_begun)
            await server_error(unhandled, self.rules.server, scope, receive, send, started=begun)
            raise
        finally:
            del error  # as in `__call__`


async def server_error(
    error: Exception, server: ServerErrorMiddleware, scope: Any, receive: Receive, send: Send, *, started: bool
) -> None:
    """Answer 500 as Starlette's outermost middleware does; whoever calls raises the error afterwards."""
    request = Request(scope)
    # (An app that is debugged has the middleware itself.)
    response: Response
    if server.handler is None:
        response = server.error_response(request, error)
    else:
        response = await call_handler(server.handler, request, error)
    if not started:
        await response(scope, receive, guarded(scope, send))
