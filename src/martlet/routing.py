"""Routers and routes, under FastAPI's names."""

import sys
from collections.abc import Iterable, Iterator

from starlette.routing import BaseRoute as BaseRoute
from starlette.routing import Host as Host
from starlette.routing import Match as Match
from starlette.routing import Mount as Mount
from starlette.routing import NoMatchFound as NoMatchFound
from starlette.routing import compile_path as compile_path
from starlette.routing import get_name as get_name

from martlet._engine.compile.foreign import request_response as request_response
from martlet._engine.declare.contexts import RouteContext as RouteContext
from martlet._engine.declare.contexts import iter_route_contexts as iter_route_contexts
from martlet._engine.declare.flatten import IncludedRouter as _IncludedRouter
from martlet._engine.declare.flatten import flat_routes as _flat_routes
from martlet._engine.declare.flatten import original_of as _original_of
from martlet._engine.declare.route import APIRoute as APIRoute
from martlet._engine.declare.router import APIRouter as APIRouter
from martlet._engine.declare.scope import EFFECTIVE_ROUTE as _effective_route_context_var
from martlet._engine.declare.scope import restore as _restore_fastapi_scope_key
from martlet._engine.declare.websocket_route import APIWebSocketRoute as APIWebSocketRoute
from martlet._engine.words.hooks import HOOKS
from martlet._seams import get_request_handler as get_request_handler
from martlet._seams import get_websocket_app as get_websocket_app
from martlet._seams import open_seams
from martlet._seams import run_endpoint_function as run_endpoint_function
from martlet._seams import serialize_response as serialize_response
from martlet._seams import websocket_session as websocket_session
from martlet.dependencies.utils import get_dependant as get_dependant
from martlet.dependencies.utils import get_parameterless_sub_dependant as get_parameterless_sub_dependant
from martlet.dependencies.utils import solve_dependencies as solve_dependencies
from martlet.sse import _PING_INTERVAL as _PING_INTERVAL
from martlet.utils import create_model_field as create_model_field
from martlet.utils import generate_unique_id as generate_unique_id
from martlet.utils import get_value_or_default as get_value_or_default
from martlet.utils import is_body_allowed_for_status_code as is_body_allowed_for_status_code

# COMPAT: FastAPI's own tests and a few packages take these, underscore and all.
__all__ = [
    "_PING_INTERVAL",
    "APIRoute",
    "APIRouter",
    "APIWebSocketRoute",
    "BaseRoute",
    "Host",
    "Match",
    "Mount",
    "NoMatchFound",
    "RouteContext",
    "_IncludedRouter",
    "_effective_route_context_var",
    "_iter_included_route_candidates",
    "_restore_fastapi_scope_key",
    "compile_path",
    "create_model_field",
    "generate_unique_id",
    "get_dependant",
    "get_name",
    "get_parameterless_sub_dependant",
    "get_request_handler",
    "get_value_or_default",
    "get_websocket_app",
    "is_body_allowed_for_status_code",
    "iter_route_contexts",
    "request_response",
    "run_endpoint_function",
    "serialize_response",
    "solve_dependencies",
    "websocket_session",
]


HOOKS.ping_interval = lambda: _PING_INTERVAL
open_seams(sys.modules[__name__])


def _iter_included_route_candidates(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the declared path operations, and Starlette's routes with their full paths."""
    for route in _flat_routes(routes):
        yield _original_of(route) if isinstance(route, APIRoute) else route
