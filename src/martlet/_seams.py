"""The functions of `fastapi.routing` that others call, wrap and replace.

Sentry, Datadog, New Relic and Logfire put functions of their own in the place of these, to see what a request does. A
compiled handler calls none of them; so where one was replaced, routes are served the Starlette-shaped way, through the
functions as they are found in `martlet.routing` at that moment. Plan, validation and rendering stay the engine's own.
"""

import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

from pydantic_core import PydanticUndefined
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket

from martlet._engine.compile.foreign import RequestHandler, request_handler
from martlet._engine.read.annotations import is_subclass
from martlet._engine.read.body import BodyPlan
from martlet._engine.read.callables import Kind, is_generator
from martlet._engine.read.dependant import Dependant, flat_body_slots
from martlet._engine.read.graph import Graph
from martlet._engine.read.plan import Plan
from martlet._engine.read.result import Filters, Result, StreamKind
from martlet._engine.read.slot import Slot
from martlet._engine.run import telemetry
from martlet._engine.run.context import endpoint_context, source_context
from martlet._engine.run.errors import answer_error
from martlet._engine.run.exits import REQUEST_STACK, Exits
from martlet._engine.run.render import filter_options, validated
from martlet._engine.run.respond import Responder
from martlet._engine.run.solve import Solving
from martlet._engine.run.threads import in_thread
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.http_errors import EndpointContext, WebSocketRequestValidationError
from martlet._engine.words.types import IncEx
from martlet._engine.words.unset import DefaultPlaceholder, settled
from martlet.dependencies import utils
from martlet.encoders import jsonable_encoder
from martlet.sse import EventSourceResponse

_ROUTING: Final = "martlet.routing"
_NO_CLASS: Final = DefaultPlaceholder(JSONResponse)


async def run_endpoint_function(*, dependant: Dependant, values: dict[str, Any], is_coroutine: bool) -> Any:
    """Call an endpoint.

    Args:
        dependant: its signature.
        values: its arguments.
        is_coroutine: whether it is a coroutine function; others run in a worker thread.
    """
    endpoint: Any = dependant.call
    if HOOKS.watching:
        return await telemetry.call(endpoint, values, is_coroutine=is_coroutine)
    return await endpoint(**values) if is_coroutine else await in_thread(endpoint, **values)


async def serialize_response(
    *,
    field: Slot | None = None,
    response_content: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    is_coroutine: bool = True,
    endpoint_ctx: EndpointContext | None = None,
    dump_json: bool = False,
) -> Any:
    """Return a return value as the response class is given it.

    Args:
        field: the declared type; None: what `jsonable_encoder` makes of the value.
        response_content: the return value.
        include: what to keep; this and the four that follow are FastAPI's `response_model_*` options.
        exclude: what to leave out.
        by_alias: whether fields bear their aliases.
        exclude_unset: whether fields that were not set are left out.
        exclude_defaults: whether fields with their default are left out.
        exclude_none: whether fields that are None are left out.
        is_coroutine: whether the endpoint is a coroutine function; for others the value is validated in a thread.
        endpoint_ctx: where the endpoint is.
        dump_json: whether JSON bytes are returned, not data.

    Raises:
        ResponseValidationError: the value is not of the declared type.
    """
    if field is None:
        return jsonable_encoder(response_content)
    context = endpoint_ctx or EndpointContext()
    if is_coroutine:
        value = validated(field, response_content, context)
    else:
        value = await in_thread(validated, field, response_content, context)
    options = filter_options(Filters(include, exclude, by_alias, exclude_unset, exclude_defaults, exclude_none))
    return field.serialize_json(value, **options) if dump_json else field.serialize(value, **options)


def get_request_handler(
    dependant: Dependant,
    body_field: Slot | None = None,
    status_code: int | None = None,
    response_class: type[Response] | DefaultPlaceholder = _NO_CLASS,
    response_field: Slot | None = None,
    response_model_include: IncEx | None = None,
    response_model_exclude: IncEx | None = None,
    response_model_by_alias: bool = True,
    response_model_exclude_unset: bool = False,
    response_model_exclude_defaults: bool = False,
    response_model_exclude_none: bool = False,
    dependency_overrides_provider: Any = None,
    embed_body_fields: bool = False,
    strict_content_type: bool | DefaultPlaceholder = True,
    stream_item_field: Slot | None = None,
    is_json_stream: bool = False,
    form_limits: Mapping[str, int] | None = None,
) -> RequestHandler:
    """Return the coroutine function that answers requests to a signature.

    Args:
        dependant: the signature; its `call` is the endpoint.
        body_field: the slot that describes the body; None where nothing is read from it.
        status_code: the status of a plain answer.
        response_class: the class of the answer.
        response_field: the type of the answer.
        response_model_include: what to keep of it; this and the five that follow are as for path operations.
        response_model_exclude: what to leave out.
        response_model_by_alias: whether fields bear their aliases.
        response_model_exclude_unset: whether fields that were not set are left out.
        response_model_exclude_defaults: whether fields with their default are left out.
        response_model_exclude_none: whether fields that are None are left out.
        dependency_overrides_provider: the app whose overrides count.
        embed_body_fields: whether each body slot is a key of the body.
        strict_content_type: whether a body without a content type is taken as bytes.
        stream_item_field: the type of the items of a stream.
        is_json_stream: whether a generator's items are sent as JSON Lines.
        form_limits: how much of a form is read.
    """
    filters = Filters(
        include=response_model_include,
        exclude=response_model_exclude,
        by_alias=response_model_by_alias,
        exclude_unset=response_model_exclude_unset,
        exclude_defaults=response_model_exclude_defaults,
        exclude_none=response_model_exclude_none,
    )
    slots = tuple(flat_body_slots(dependant)) if body_field is not None else ()
    body = BodyPlan(slots, embed_body_fields, "", bool(settled(strict_content_type))) if slots else None
    stream: StreamKind = "jsonl" if is_json_stream else "raw"
    result = _result(dependant.call, stream, status_code, response_class, response_field, filters, stream_item_field)
    plan = _plan(dependant, body, result, form_limits)

    def responder(plan: Plan, graph: Graph) -> Responder:
        return SeamResponder(plan, graph, dependency_overrides_provider)

    return request_handler(plan, dependency_overrides_provider, responder)


def _result(
    endpoint: Any,
    stream: StreamKind | None,
    status_code: int | None,
    response_class: type[Response] | DefaultPlaceholder,
    field: Slot | None,
    filters: Filters,
    item_field: Slot | None,
) -> Result:
    chosen: type[Response] = settled(response_class)
    if not is_generator(endpoint):
        stream = None
    elif is_subclass(chosen, EventSourceResponse):
        stream = "sse"
    return Result(
        response_class=chosen,
        explicit_class=not isinstance(response_class, DefaultPlaceholder),
        status_code=status_code,
        model=None,
        field=field,
        filters=filters,
        stream=stream,
        item_type=None,
        item_field=item_field,
        description="",
        additional={},
        additional_fields={},
    )


def _plan(dependant: Dependant, body: BodyPlan | None, result: Result, limits: Mapping[str, int] | None) -> Plan:
    path = dependant.path or ""
    endpoint: Any = dependant.call
    return Plan(
        path=path,
        path_format=path,
        methods=(),
        name=getattr(endpoint, "__name__", "endpoint"),
        endpoint=endpoint,
        dependant=dependant,
        body=body,
        result=result,
        unique_id="",
        operation_id=None,
        summary=None,
        description="",
        tags=[],
        deprecated=None,
        include_in_schema=False,
        callbacks=(),
        openapi_extra=None,
        max_body_size=None,
        form_limits=limits,
    )


@dataclass(frozen=True)
class SeamResponder(Responder):
    """A Responder that takes each step through the function of `martlet.routing`, if that was replaced.

    Args:
        overrides_provider: the app whose overrides count.
    """

    overrides_provider: Any

    async def solve(self, request: Request, solving: Solving) -> dict[str, Any]:
        """Return what the endpoint is called with, by `solve_dependencies`."""
        if not _is_patched("solve_dependencies"):
            return await super().solve(request, solving)
        return await _solve(self.plan.dependant, solving, self.overrides_provider)

    async def call(self, arguments: dict[str, Any]) -> Any:
        """Call the endpoint, by `run_endpoint_function`."""
        if not _is_patched("run_endpoint_function"):
            return await super().call(arguments)
        return await _found("run_endpoint_function")(
            dependant=self.plan.dependant, values=arguments, is_coroutine=self.kind is Kind.COROUTINE
        )

    async def content(self, value: Any, scope: Scope) -> Any:
        """Return what the response class is given, by `serialize_response`."""
        if not _is_patched("serialize_response"):
            return await super().content(value, scope)
        result, filters = self.plan.result, self.plan.result.filters
        typed = result.field is not None and not result.explicit_class
        content = await _found("serialize_response")(
            field=result.field,
            response_content=value,
            include=filters.include,
            exclude=filters.exclude,
            by_alias=filters.by_alias,
            exclude_unset=filters.exclude_unset,
            exclude_defaults=filters.exclude_defaults,
            exclude_none=filters.exclude_none,
            is_coroutine=self.kind is Kind.COROUTINE,
            endpoint_ctx=self.context(scope),
            dump_json=typed,
        )
        return content if typed or result.explicit_class else JSONResponse(content).body


async def _solve(dependant: Dependant, solving: Solving, overrides_provider: Any) -> dict[str, Any]:
    """Return what an endpoint is called with, by the function that took the place of `solve_dependencies`."""
    solved = await _found("solve_dependencies")(
        request=solving.connection,
        dependant=dependant,
        body=solving.body,
        dependency_overrides_provider=overrides_provider,
        async_exit_stack=solving.connection.scope[REQUEST_STACK],
        embed_body_fields=solving.embed,
    )
    solving.errors.extend(solved.errors)
    solving.background, solving.response = solved.background_tasks, solved.response
    values: dict[str, Any] = solved.values
    return values


def _patched_solve(
    dependant: Dependant, solving: Solving, overrides_provider: Any
) -> Coroutine[Any, Any, dict[str, Any]] | None:
    """Return what solves a WebSocket's dependencies, if that was replaced."""
    return _solve(dependant, solving, overrides_provider) if _is_patched("solve_dependencies") else None


def get_websocket_app(
    dependant: Dependant, dependency_overrides_provider: Any = None, embed_body_fields: bool = False
) -> Callable[[WebSocket], Coroutine[Any, Any, Any]]:
    """Return the coroutine function that talks over a WebSocket.

    Args:
        dependant: the endpoint's signature.
        dependency_overrides_provider: the app whose overrides count.
        embed_body_fields: whether each body slot is a key of the body, of which a WebSocket has none.
    """
    source = source_context(dependant.call) if dependant.call is not None else EndpointContext()

    async def talk(websocket: WebSocket) -> None:
        solved = await _found("solve_dependencies")(
            request=websocket,
            dependant=dependant,
            body=PydanticUndefined,
            dependency_overrides_provider=dependency_overrides_provider,
            async_exit_stack=websocket.scope[REQUEST_STACK],
            embed_body_fields=embed_body_fields,
        )
        if solved.errors:
            context = endpoint_context(source, dependant.path or "", websocket.scope)
            raise WebSocketRequestValidationError(solved.errors, endpoint_ctx=context)
        endpoint: Any = dependant.call
        await endpoint(**solved.values)

    return talk


def websocket_session(func: Callable[[WebSocket], Awaitable[None]]) -> ASGIApp:
    """Return a function of a WebSocket as an ASGI app, with the two exit stacks and the app's exception handlers."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        try:
            exits = Exits(scope)
            async with exits.after_answer, exits.after_endpoint:
                await func(websocket)
        except Exception as error:  # noqa: BLE001 - the app's handlers choose, and the rest goes on up
            await answer_error(error, websocket, receive, send, started=False)

    return app


_OURS: Final[dict[str, Any]] = {
    "get_request_handler": get_request_handler,
    "run_endpoint_function": run_endpoint_function,
    "serialize_response": serialize_response,
    "solve_dependencies": utils.solve_dependencies,
}


def _found(name: str) -> Any:
    """Return a seam's function as it is now."""
    return getattr(sys.modules[_ROUTING], name, _OURS[name])


def _is_patched(name: str) -> bool:
    return _found(name) is not _OURS[name]


def _patched() -> str:
    """Return the names that were replaced, and the modules of what took their place."""
    found = ((name, _found(name)) for name in _OURS if _is_patched(name))
    return ", ".join(f"{name} (by {getattr(each, '__module__', type(each).__name__)})" for name, each in found)


def _patched_handler(route: Any) -> RequestHandler:
    """Return what answers a route's requests while a seam is patched: what FastAPI would have asked for."""
    handler: RequestHandler = _found("get_request_handler")(
        dependant=route.dependant,
        body_field=route.body_field,
        status_code=route.status_code,
        response_class=route.response_class,
        response_field=route.response_field,
        response_model_include=route.response_model_include,
        response_model_exclude=route.response_model_exclude,
        response_model_by_alias=route.response_model_by_alias,
        response_model_exclude_unset=route.response_model_exclude_unset,
        response_model_exclude_defaults=route.response_model_exclude_defaults,
        response_model_exclude_none=route.response_model_exclude_none,
        dependency_overrides_provider=route.dependency_overrides_provider,
        embed_body_fields=route._embed_body_fields,
        strict_content_type=route.strict_content_type,
        stream_item_field=route.stream_item_field,
        is_json_stream=route.is_json_stream,
        form_limits=route.form_limits,
    )
    return handler


class Seams(ModuleType):
    """The class of the module `martlet.routing`: replacing one of its functions has the routes looked at again."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _OURS:
            EPOCH.bump()


def open_seams(routing: ModuleType) -> None:
    """Have the engine ask whether a function of `routing` was replaced, and notice when one is."""
    HOOKS.patched = _patched
    HOOKS.patched_handler = _patched_handler
    HOOKS.patched_solve = _patched_solve
    routing.__class__ = Seams


__all__ = [
    "get_request_handler",
    "get_websocket_app",
    "open_seams",
    "run_endpoint_function",
    "serialize_response",
    "websocket_session",
]
