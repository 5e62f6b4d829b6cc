"""What happens to an exception: the handler of the app that fits it answers, or it goes on up.

The rules are Starlette's: a handler for the status of an HTTPException first, then the nearest class of the exception's
method resolution order; no answer can replace one that has begun.
"""

from collections.abc import Callable, Mapping
from typing import Any

from starlette._utils import is_async_callable
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import Receive, Scope, Send

from martlet._engine.run.body import UNREADABLE
from martlet._engine.run.last import marking
from martlet._engine.run.threads import in_thread

Handler = Callable[[Any, Any], Any]

# Where Starlette's ExceptionMiddleware leaves the handlers of the app.
HANDLERS = "starlette.exception_handlers"

# The form of a request that failed, whose files a handler may still read.
FORM = "__martlet_form__"


def handler_for(error: Exception, by_class: Mapping[Any, Handler], by_status: Mapping[int, Handler]) -> Handler | None:
    """Return the handler that answers `error`, None where it is nobody's."""
    if isinstance(error, HTTPException) and error.status_code in by_status:
        return by_status[error.status_code]
    return next((by_class[kind] for kind in type(error).__mro__ if kind in by_class), None)


async def call_handler(handler: Handler, connection: HTTPConnection, error: Exception) -> Any:
    """Return the handler's answer."""
    if is_async_callable(handler):
        return await handler(connection, error)
    return await in_thread(handler, connection, error)


async def answer_error(
    error: Exception,
    connection: HTTPConnection,
    receive: Receive,
    send: Send,
    *,
    started: bool,
    observed: bool = False,
) -> None:
    """Answer an exception by the handlers that the scope names.

    Args:
        connection: the Request or WebSocket; a handler may read the body from it again.
        started: whether an answer has begun.
        observed: whether something outside may want to know whether background tasks follow.

    Raises:
        Exception: `error` itself, where it is nobody's.
        RuntimeError: an answer has begun already.
    """
    scope: Scope = connection.scope
    answered = _answer_error(error, connection, receive, send, started=started, observed=observed)
    del error  # what is raised again has this frame in its traceback, and must not be held by it
    try:
        await answered
    finally:
        form = scope.pop(FORM, None)
        if form is not None:
            await form.close()


async def _answer_error(
    error: Exception, connection: HTTPConnection, receive: Receive, send: Send, *, started: bool, observed: bool
) -> None:
    scope: Scope = connection.scope
    by_class, by_status = scope.get(HANDLERS, ({}, {}))
    handler = handler_for(error, by_class, by_status)
    if handler is None and isinstance(error, ClientDisconnect) and not started:
        # The endpoint was reading the body, and nobody has asked for its answer any more: no mistake of the app's.
        error = HTTPException(status_code=400, detail=UNREADABLE)
        handler = handler_for(error, by_class, by_status)
    try:
        if handler is None:
            raise error
        if started:
            raise RuntimeError("Caught handled exception, but response already started.") from error
        response = await call_handler(handler, connection, error)
        if response is not None:
            await response(scope, receive, marking(response, send) if observed else send)
        # An exception instance that is raised again and again would keep the frames of every request.
        error.__traceback__ = None
    finally:
        del error  # its traceback may hold this frame, and with it the request
