"""WebSocket endpoints: the handshake's values are solved as a request's are, then the endpoint talks."""

from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from martlet._engine.compile.foreign import HasOverrides
from martlet._engine.read.body import embeds
from martlet._engine.read.dependant import Dependant, flat_body_slots
from martlet._engine.read.graph import build_graph
from martlet._engine.run import telemetry
from martlet._engine.run.context import endpoint_context, source_context
from martlet._engine.run.errors import answer_error
from martlet._engine.run.exits import Exits
from martlet._engine.run.solve import Solving
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.http_errors import WebSocketRequestValidationError


def websocket_app(dependant: Dependant, overrides_provider: HasOverrides | None) -> ASGIApp:
    """Return a WebSocket endpoint as an ASGI app."""
    endpoint: Any = dependant.call
    embed = embeds(flat_body_slots(dependant))
    graph = build_graph(dependant)
    source = source_context(endpoint)

    async def talk(websocket: WebSocket) -> None:
        overrides = overrides_provider.dependency_overrides if overrides_provider is not None else {}
        solving = Solving(websocket, Exits(websocket.scope), embed=embed)
        chosen = build_graph(dependant, overrides) if overrides else graph
        async with solving.exits.after_answer, solving.exits.after_endpoint:
            solved = HOOKS.patched_solve(dependant, solving, overrides_provider) or solving.arguments(chosen)
            if HOOKS.watching:
                await telemetry.talk(endpoint, websocket, solved, solving, refusal)
                return
            arguments = await solved
            if solving.errors:
                raise refusal(solving)
            await endpoint(**arguments)

    def refusal(solving: Solving) -> WebSocketRequestValidationError:
        scope: Any = solving.connection.scope
        context = endpoint_context(source, dependant.path or "", scope)
        return WebSocketRequestValidationError(solving.errors, endpoint_ctx=context)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        try:
            await talk(websocket)
        except Exception as error:  # noqa: BLE001 - the app's handlers choose, and the rest goes on up
            await answer_error(error, websocket, receive, send, started=False)

    return app
