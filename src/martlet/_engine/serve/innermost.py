"""What stands inside of an app's middleware, as one ASGI callable: from the last middleware to the handler.

`Innermost` stands where Starlette's ExceptionMiddleware does and is one. A request that the table knows goes straight
to its handler, which answers exceptions by the app's handlers itself; what is nobody's goes out through the middleware.
Everything else goes the usual way.
"""

from collections.abc import Awaitable, Mapping
from typing import Any

from starlette._utils import get_route_path
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from martlet._engine.run.careful import FailureRules
from martlet._engine.run.outgoing import STARTED
from martlet._engine.serve.asgi import DirectStack
from martlet._engine.serve.freeze import NOTHING, Dispatcher
from martlet._engine.serve.misses import NotFound
from martlet._engine.words.epoch import EPOCH
from martlet.middleware.asyncexitstack import AsyncExitStackMiddleware


def innermost(router: Any, handlers: Mapping[Any, ExceptionHandler], *, debug: bool, awaited: bool) -> ASGIApp:
    """Return what stands inside of an app's middleware.

    Args:
        router: the app's router.
        handlers: the app's exception handlers, by class and by status, without those of 500 and Exception.
        debug: whether the app is debugged.
        awaited: whether an http middleware is among what stands around it.
    """
    # COMPAT: Sentry patches the class when it is described as a Middleware (tests/guests/test_sentry.py).
    described: Any = Middleware(ExceptionMiddleware, handlers=handlers, debug=debug)
    app = AsyncExitStackMiddleware(router)
    if router.is_bare and not debug:
        return Innermost(app, awaited=awaited, **described.kwargs)
    return ExceptionMiddleware(app, **described.kwargs)


class Innermost(ExceptionMiddleware):
    """Serves an app behind its middleware: the arguments are those of Starlette's class.

    Args:
        app: what answers all that the table does not.
        awaited: whether an http middleware is among what stands around it.
    """

    def __init__(self, app: Any, *, awaited: bool, **options: Any) -> None:
        super().__init__(app, **options)
        rules = FailureRules((self._exception_handlers, self._status_handlers))
        self.dispatcher = Dispatcher(app.app, rules, awaited=awaited)
        self._not_found = NotFound(app.app, rules)
        self._frozen = NOTHING

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Answer.

        PERF: `bench stack`.
        """
        if scope["type"] == "http":
            frozen = self._frozen
            if frozen.epoch != EPOCH.value:
                frozen = self._frozen = self.dispatcher.frozen
            path = get_route_path(scope) if scope.get("root_path") else scope["path"]
            hit = frozen.find(path, scope["method"]) or self._not_found.find(frozen, scope)
            if hit is not None:
                # A middleware may ask for an answer again, though one has begun.
                scope.pop(STARTED, None)
                return hit[0].handle(scope, receive, send, hit[1])
        return super().__call__(scope, receive, send)


def serving(stack: Any) -> Dispatcher | None:
    """Return what finds the handlers in an app's stack, if it is one that this module or `asgi.py` knows."""
    while stack is not None:
        if isinstance(stack, (DirectStack, Innermost)):
            return stack.dispatcher
        stack = getattr(stack, "app", None)
    return None
