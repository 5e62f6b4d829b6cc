"""An app's stack: what stands between the server and the router, outermost first in the order of FastAPI.

The app imports this with the first request, and with it all that serves and compiles.
"""

from collections.abc import Sequence
from typing import Any, Protocol

from starlette.middleware import Middleware
from starlette.types import ASGIApp, ExceptionHandler

from martlet._engine.serve.asgi import DirectStack as DirectStack
from martlet._engine.serve.innermost import innermost
from martlet._engine.serve.middleware import is_http_middleware, stacked
from martlet._engine.serve.outermost import Outermost


class Configured(Protocol):
    """An app, as far as its stack goes."""

    debug: bool
    exception_handlers: dict[Any, ExceptionHandler]
    max_body_size: int | None

    @property
    def router(self) -> Any:
        """What is innermost."""
        ...

    @property
    def user_middleware(self) -> Sequence[Middleware]:
        """What its user put around it, outermost first."""
        ...


def build_stack(app: Configured, *, is_bare: bool) -> ASGIApp:
    """Return an app's stack.

    Args:
        app: the app.
        is_bare: whether nothing has to stand between the server and the handlers.
    """
    server_error: ExceptionHandler | None = None
    handlers: dict[Any, ExceptionHandler] = {}
    for answers, handler in app.exception_handlers.items():
        if answers in (500, Exception):
            server_error = handler
        else:
            handlers[answers] = handler
    if is_bare:
        return DirectStack(app.router, handlers, server_error, debug=False, max_body_size=app.max_body_size)
    awaited = any(map(is_http_middleware, app.user_middleware))
    inside = stacked(app.user_middleware, innermost(app.router, handlers, debug=app.debug, awaited=awaited))
    return Outermost(inside, server_error, debug=app.debug, max_body_size=app.max_body_size)
