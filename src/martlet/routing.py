"""Routers and routes, under FastAPI's names."""

import sys
from collections.abc import Iterable, Iterator

from pydantic_core import PydanticUndefined as Undefined
from starlette import routing as routing
from starlette._exception_handler import wrap_app_handling_exceptions as wrap_app_handling_exceptions
from starlette._utils import get_route_path as get_route_path
from starlette._utils import is_async_callable as is_async_callable
from starlette.concurrency import iterate_in_threadpool as iterate_in_threadpool
from starlette.concurrency import run_in_threadpool as run_in_threadpool
from starlette.datastructures import URL as URL
from starlette.datastructures import URLPath as URLPath
from starlette.exceptions import HTTPException as HTTPException
from starlette.middleware import Middleware as Middleware
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY as MAX_BODY_SIZE_SCOPE_KEY
from starlette.requests import Request as Request
from starlette.responses import JSONResponse as JSONResponse
from starlette.responses import PlainTextResponse as PlainTextResponse
from starlette.responses import RedirectResponse as RedirectResponse
from starlette.responses import Response as Response
from starlette.responses import StreamingResponse as StreamingResponse
from starlette.routing import BaseRoute as BaseRoute
from starlette.routing import Host as Host
from starlette.routing import Match as Match
from starlette.routing import Mount as Mount
from starlette.routing import NoMatchFound as NoMatchFound
from starlette.routing import compile_path as compile_path
from starlette.routing import get_name as get_name
from starlette.types import ASGIApp as ASGIApp
from starlette.types import Lifespan as Lifespan
from starlette.types import Receive as Receive
from starlette.types import Scope as Scope
from starlette.types import Send as Send
from starlette.websockets import WebSocket as WebSocket

from martlet._body_limit import get_body_limit_error as get_body_limit_error
from martlet._body_limit import get_body_size_limit as get_body_size_limit
from martlet._body_limit import validate_max_body_size as validate_max_body_size
from martlet._body_limit import wrap_app_with_body_limit as wrap_app_with_body_limit
from martlet._engine.compile.foreign import request_response as request_response
from martlet._engine.declare.contexts import EffectiveRouteContext as _EffectiveRouteContext
from martlet._engine.declare.contexts import RouteContext as RouteContext
from martlet._engine.declare.contexts import iter_route_contexts as iter_route_contexts
from martlet._engine.declare.contexts import iter_routes_with_context as _iter_routes_with_context
from martlet._engine.declare.flatten import IncludedRouter as _IncludedRouter
from martlet._engine.declare.flatten import flat_routes as _flat_routes
from martlet._engine.declare.flatten import original_of as _original_of
from martlet._engine.declare.lifespan import DefaultLifespan as _DefaultLifespan
from martlet._engine.declare.route import APIRoute as APIRoute
from martlet._engine.declare.router import APIRouter as APIRouter
from martlet._engine.declare.websocket_route import APIWebSocketRoute as APIWebSocketRoute
from martlet._engine.read.annotations import is_subclass as lenient_issubclass
from martlet._engine.read.slot import Slot as ModelField
from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.lending import lend
from martlet._engine.words.scope import EFFECTIVE_ROUTE as _effective_route_context_var
from martlet._engine.words.scope import effective_route_of as _get_scope_effective_route_context
from martlet._engine.words.scope import restore as _restore_fastapi_scope_key
from martlet._form_limits import _FormLimits as _FormLimits
from martlet._form_limits import _validate_form_limits as _validate_form_limits
from martlet._seams import get_request_handler as get_request_handler
from martlet._seams import get_websocket_app as get_websocket_app
from martlet._seams import open_seams
from martlet._seams import run_endpoint_function as run_endpoint_function
from martlet._seams import serialize_response as serialize_response
from martlet._seams import websocket_session as websocket_session
from martlet.datastructures import Default as Default
from martlet.datastructures import DefaultPlaceholder as DefaultPlaceholder
from martlet.dependencies.models import Dependant as Dependant
from martlet.dependencies.models import _is_async_gen_callable as _is_async_gen_callable
from martlet.dependencies.models import _is_coroutine_callable as _is_coroutine_callable
from martlet.dependencies.models import _is_gen_callable as _is_gen_callable
from martlet.dependencies.utils import SolvedDependency as SolvedDependency
from martlet.dependencies.utils import _get_body_field as _get_body_field
from martlet.dependencies.utils import _get_flat_body_params as _get_flat_body_params
from martlet.dependencies.utils import _should_embed_body_fields as _should_embed_body_fields
from martlet.dependencies.utils import get_dependant as get_dependant
from martlet.dependencies.utils import get_parameterless_sub_dependant as get_parameterless_sub_dependant
from martlet.dependencies.utils import get_stream_item_type as get_stream_item_type
from martlet.dependencies.utils import get_typed_return_annotation as get_typed_return_annotation
from martlet.dependencies.utils import solve_dependencies as solve_dependencies
from martlet.encoders import jsonable_encoder as jsonable_encoder
from martlet.exceptions import EndpointContext as EndpointContext
from martlet.exceptions import FastAPIError as FastAPIError
from martlet.exceptions import RequestValidationError as RequestValidationError
from martlet.exceptions import ResponseValidationError as ResponseValidationError
from martlet.exceptions import WebSocketRequestValidationError as WebSocketRequestValidationError
from martlet.sse import _PING_INTERVAL as _PING_INTERVAL
from martlet.sse import KEEPALIVE_COMMENT as KEEPALIVE_COMMENT
from martlet.sse import EventSourceResponse as EventSourceResponse
from martlet.sse import ServerSentEvent as ServerSentEvent
from martlet.sse import format_sse_event as format_sse_event
from martlet.types import DecoratedCallable as DecoratedCallable
from martlet.types import IncEx as IncEx
from martlet.utils import create_model_field as create_model_field
from martlet.utils import generate_unique_id as generate_unique_id
from martlet.utils import get_value_or_default as get_value_or_default
from martlet.utils import is_body_allowed_for_status_code as is_body_allowed_for_status_code

# COMPAT: FastAPI's own tests and a few packages take these, underscore and all.
__all__ = [
    "KEEPALIVE_COMMENT",
    "MAX_BODY_SIZE_SCOPE_KEY",
    "URL",
    "_PING_INTERVAL",
    "APIRoute",
    "APIRouter",
    "APIWebSocketRoute",
    "ASGIApp",
    "BaseRoute",
    "DecoratedCallable",
    "Default",
    "DefaultPlaceholder",
    "Dependant",
    "EndpointContext",
    "EventSourceResponse",
    "FastAPIError",
    "HTTPException",
    "Host",
    "IncEx",
    "JSONResponse",
    "Lifespan",
    "Match",
    "Middleware",
    "ModelField",
    "Mount",
    "NoMatchFound",
    "PlainTextResponse",
    "Receive",
    "RedirectResponse",
    "Request",
    "RequestValidationError",
    "Response",
    "ResponseValidationError",
    "RouteContext",
    "Scope",
    "Send",
    "ServerSentEvent",
    "SolvedDependency",
    "StreamingResponse",
    "URLPath",
    "Undefined",
    "WebSocket",
    "WebSocketRequestValidationError",
    "_DefaultLifespan",
    "_EffectiveRouteContext",
    "_FormLimits",
    "_IncludedRouter",
    "_effective_route_context_var",
    "_get_body_field",
    "_get_flat_body_params",
    "_get_scope_effective_route_context",
    "_is_async_gen_callable",
    "_is_coroutine_callable",
    "_is_gen_callable",
    "_iter_included_route_candidates",
    "_iter_routes_with_context",
    "_restore_fastapi_scope_key",
    "_should_embed_body_fields",
    "_validate_form_limits",
    "compile_path",
    "create_model_field",
    "format_sse_event",
    "generate_unique_id",
    "get_body_limit_error",
    "get_body_size_limit",
    "get_dependant",
    "get_name",
    "get_parameterless_sub_dependant",
    "get_request_handler",
    "get_route_path",
    "get_stream_item_type",
    "get_typed_return_annotation",
    "get_value_or_default",
    "get_websocket_app",
    "is_async_callable",
    "is_body_allowed_for_status_code",
    "iter_route_contexts",
    "iterate_in_threadpool",
    "jsonable_encoder",
    "lenient_issubclass",
    "request_response",
    "routing",
    "run_endpoint_function",
    "run_in_threadpool",
    "serialize_response",
    "solve_dependencies",
    "validate_max_body_size",
    "websocket_session",
    "wrap_app_handling_exceptions",
    "wrap_app_with_body_limit",
]


HOOKS.ping_interval = lambda: _PING_INTERVAL
open_seams(sys.modules[__name__])


def _iter_included_route_candidates(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the declared path operations, and Starlette's routes with their full paths."""
    for route in _flat_routes(routes):
        yield _original_of(route) if isinstance(route, APIRoute) else route


lend(
    __name__,
    {
        "params": "martlet.params",
        "StaticFiles": "starlette.staticfiles:",
        "get_telemetry_data": "martlet.telemetry:",
        "_operation": "martlet.telemetry._api:",
        "_route_selected": "martlet.telemetry._api:",
        "_validation_failed": "martlet.telemetry._api:",
    },
)
