"""What an app answers to the errors that end a request, unless it is given handlers of its own.

Users call these from their own handlers, and override them.
"""

import sys
from collections.abc import Callable
from math import isfinite
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.status import WS_1008_POLICY_VIOLATION
from starlette.websockets import WebSocket

from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.http_errors import RequestValidationError, WebSocketRequestValidationError
from martlet._engine.words.lending import lend
from martlet._engine.words.status import is_body_allowed_for_status_code


def _encoded(value: Any) -> Any:
    """Return a value as data for JSON, by the function that has its name here: it is lent, and others replace it."""
    here: Any = sys.modules[__name__]
    return here.jsonable_encoder(value)


async def http_exception_handler(
    request: Request,  # noqa: ARG001 - what handlers are called with
    exc: HTTPException,
) -> Response:
    """Answer with the error's status, its headers, and its detail as JSON where the status allows content."""
    headers = getattr(exc, "headers", None)
    if not is_body_allowed_for_status_code(exc.status_code):
        return Response(status_code=exc.status_code, headers=headers)
    return JSONResponse({"detail": exc.detail}, status_code=exc.status_code, headers=headers)


async def request_validation_exception_handler(
    request: Request,  # noqa: ARG001 - what handlers are called with
    exc: RequestValidationError,
) -> JSONResponse:
    """Answer 422 with what is wrong with the request."""
    try:
        return JSONResponse({"detail": _encoded(exc.errors())}, status_code=422)
    except (ValueError, TypeError, RecursionError):
        # The errors quote an input that JSON cannot carry. FastAPI answers 500 then, but the mistake is the client's.
        return JSONResponse({"detail": _quotable(exc.errors())}, status_code=422)


async def websocket_request_validation_exception_handler(
    websocket: WebSocket, exc: WebSocketRequestValidationError
) -> None:
    """Close the WebSocket with 1008; before it was accepted, that refuses the handshake."""
    # COMPAT: the reason is a list in FastAPI as well; a server that has not accepted yet sends none of it.
    await websocket.close(code=WS_1008_POLICY_VIOLATION, reason=_encoded(exc.errors()))


_DEEPEST: Final = 50  # nesting of an input that is still quoted; the answer must not be what exhausts the stack
_MOST_BITS: Final = 14_000  # of a number that is still quoted; Python writes 4300 digits and no more
_LEFT_OUT: Final = "..."

_QUOTED: Final[tuple[tuple[Any, Callable[[Any, int], Any]], ...]] = (
    (type(None), lambda value, _: value),
    (str, lambda value, _: value.encode("utf-8", "backslashreplace").decode()),
    (bytes, lambda value, _: value.decode("utf-8", "backslashreplace")),
    (float, lambda value, _: value if isfinite(value) else None),
    (int, lambda value, _: value if value.bit_length() <= _MOST_BITS else _LEFT_OUT),
    (dict, lambda value, depth: {str(_quotable(key, depth)): _quotable(each, depth) for key, each in value.items()}),
    ((list, tuple), lambda value, depth: [_quotable(each, depth) for each in value]),
)


def _quotable(value: Any, depth: int = 0) -> Any:
    """Return `value` with everything that JSON cannot carry replaced by something it can."""
    if depth > _DEEPEST:
        return _LEFT_OUT
    for types, quote in _QUOTED:
        if isinstance(value, types):
            return quote(value, depth + 1)
    try:
        return _quotable(_encoded(value), depth + 1)
    except (ValueError, TypeError, RecursionError):
        return f"<{type(value).__name__}>"


# What these answer may be sent without asking them, where they are the app's.
HOOKS.answers_http = http_exception_handler
HOOKS.answers_invalid = request_validation_exception_handler

lend(__name__, {"jsonable_encoder": "martlet.encoders:"})
