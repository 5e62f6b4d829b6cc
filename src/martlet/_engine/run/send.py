"""Sending a Response object, and what a request's body and path need to be a Request again."""

from collections.abc import Awaitable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from martlet._engine.run.exits import Exits, swallowed
from martlet._engine.run.last import marking
from martlet._engine.run.outgoing import guarded
from martlet._engine.run.streaming import sending
from martlet._engine.words.scope import EFFECTIVE_ROUTE_KEY, fastapi_scope


def send_response(response: Response, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Send a response that is legal HTTP, and note in the scope that it has begun."""
    return sending(response, scope, receive, guarded(scope, send))


def send_awaited(response: Response, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Send a response likewise where an http middleware is to be told whether background tasks follow."""
    return send_response(response, scope, receive, marking(response, send))


async def answer_within(
    exits: Exits, response: Awaitable[Response], scope: Scope, receive: Receive, send: Send
) -> None:
    """Await a response and send it; the inner exits run in between, the outer ones at the end.

    Raises:
        FastAPIError: a dependency has swallowed an exception, so that there is no answer.
    """
    made: list[Response] = []
    answered = False
    async with exits.after_answer:
        async with exits.after_endpoint:
            made.append(await response)
        if not made:
            raise swallowed()
        await send_response(made[0], scope, receive, send)
        answered = True
    if not answered:
        raise swallowed()


def make_request(scope: Scope, receive: Receive, send: Send, body: bytes | None) -> Request:
    """Return a Request; its body, if it was read already, can be read again."""
    request = Request(scope, receive, send)
    if body is not None:
        request._body = body
    return request


def publish_route(scope: Scope, router: Any, route: Any, endpoint: Any, path: Mapping[str, Any]) -> None:
    """Put into the scope what Starlette's router would: the router, the route, the endpoint, the path parameters."""
    scope.setdefault("router", router)
    scope["route"] = route
    scope["endpoint"] = endpoint
    scope["path_params"] = {**scope.get("path_params", {}), **path}
    publish_effective(scope, route)


def publish_effective(scope: Scope, route: Any) -> None:
    """Put a route that came in by an include where FastAPI has what the includes made of it."""
    if getattr(route, "original_route", None) is not None:
        fastapi_scope(scope)[EFFECTIVE_ROUTE_KEY] = route
