"""What the engine tells of a request to whoever watches it, and asks of it: nothing, unless telemetry is on.

Telemetry is on in a process (`HOOKS.watching`) once an app has a provider for it, and handlers are compiled with the
Steps of `compile/steps/telemetry.py` from then on. A request that is watched has a `Watch` in its scope. No
OpenTelemetry here: `martlet.telemetry` makes the Watch, and knows what becomes of what it is told.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

from pydantic_core import PydanticUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.types import Scope
from starlette.websockets import WebSocket

from martlet._engine.run.solve import Solving
from martlet._engine.run.threads import in_thread
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.http_errors import RequestValidationError, WebSocketRequestValidationError
from martlet._engine.words.telemetry_options import KEY as KEY

Refusal = RequestValidationError | WebSocketRequestValidationError


class Watch:
    """What watches one request or WebSocket connection; this one watches nothing."""

    def select(self, path: str, *, mount: bool = False) -> None:
        """Note the template of the route that answers, or of the mount that hands on."""

    def begin(self, endpoint: Callable[..., Any], connection: Request | WebSocket) -> None:
        """Note the endpoint that is to answer, and the Request or WebSocket that it may be given."""

    def read(self, body: Any) -> None:
        """Note the body before it is validated, None where there is none."""

    def read_text(self, text: bytes) -> None:
        """Note a body of JSON that nobody has parsed."""

    def solved(self, values: dict[str, Any], errors: Sequence[Any]) -> None:
        """Note the arguments of the endpoint, and what is wrong with them."""

    def refuse(self, error: Refusal) -> None:
        """Note that the request does not fit the declaration."""

    def fail(self, error: BaseException) -> None:
        """Note an exception that is nobody's."""

    def enter(self, operation: str) -> None:
        """Begin a part of the work on the request, and end the one before it."""

    def leave(self, error: BaseException | None = None) -> None:
        """End the part that was begun last, if it has not ended."""

    def call(self, endpoint: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        """Call a plain function as a part of the work, in the thread where this is called."""
        return endpoint(**arguments)

    def __enter__(self) -> None:
        """Begin a stretch of the work; the parts within it end with it at the latest."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self.leave(error)


UNWATCHED: Final = Watch()


def watch_of(scope: Mapping[str, Any]) -> Watch:
    """Return what watches a request."""
    watch: Watch | None = scope.get(KEY)
    return UNWATCHED if watch is None else watch


def select(scope: Scope, route: Any) -> None:
    """Note that a route of any class was chosen; those without a template are passed over."""
    path = getattr(route, "path_format", None)
    if path is not None:
        watch_of(scope).select(path, mount=isinstance(route, Mount))


class Answering(Protocol):
    """What `respond` asks of a Responder."""

    @property
    def plan(self) -> Any: ...

    async def read(self, request: Request, solving: Solving) -> None: ...

    async def solve(self, request: Request, solving: Solving) -> dict[str, Any]: ...

    def check(self, request: Request, solving: Solving) -> None: ...

    async def finish(self, arguments: dict[str, Any], scope: Scope, solving: Solving) -> Response: ...


async def respond(responder: Answering, request: Request, solving: Solving) -> Response:
    """Do what `Responder.respond` does, and tell of it."""
    watch = watch_of(request.scope)
    watch.begin(responder.plan.endpoint, request)
    try:
        await responder.read(request, solving)
    except RequestValidationError as refused:
        watch.refuse(refused)
        raise
    watch.read(None if solving.body is PydanticUndefined else solving.body)
    with watch:
        watch.enter("dependencies")
        arguments = await responder.solve(request, solving)
        watch.solved(arguments, solving.errors)
    try:
        responder.check(request, solving)
    except RequestValidationError as refused:
        watch.refuse(refused)
        raise
    return await responder.finish(arguments, request.scope, solving)


async def talk(
    endpoint: Callable[..., Any],
    websocket: WebSocket,
    solved: Awaitable[dict[str, Any]],
    solving: Solving,
    refusal: Callable[[Solving], WebSocketRequestValidationError],
) -> None:
    """Do what a WebSocket's route does, and tell of it.

    Args:
        endpoint: the endpoint.
        websocket: what it talks over.
        solved: its arguments.
        solving: what was found out on the way to them.
        refusal: makes the error for a handshake that does not fit.
    """
    watch = watch_of(websocket.scope)
    watch.begin(endpoint, websocket)
    with watch:
        watch.enter("dependencies")
        arguments = await solved
        watch.solved(arguments, solving.errors)
    if solving.errors:
        refused = refusal(solving)
        watch.refuse(refused)
        raise refused
    with watch:
        watch.enter("endpoint")
        await endpoint(**arguments)


async def call(endpoint: Callable[..., Any], arguments: dict[str, Any], *, is_coroutine: bool) -> Any:
    """Call an endpoint as a part of the work on the request of this context; a plain function in a thread."""
    if not is_coroutine:
        return await in_thread(_call, endpoint, arguments)
    with HOOKS.operation("endpoint", endpoint):
        return await endpoint(**arguments)


def _call(endpoint: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    with HOOKS.operation("endpoint", endpoint):
        return endpoint(**arguments)
