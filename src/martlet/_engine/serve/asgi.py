"""An app without middleware, as one ASGI callable: from the server to the handler with nothing in between.

`DirectStack` stands where Starlette's outermost middleware does and is one, so that whoever rebuilds the stack
(instrumentation does) finds what they expect. A request that the table knows goes straight to its handler, which
answers exceptions itself. Everything else goes the usual way through Starlette's two middlewares, and so does a request
of an app around this one that counts the bytes of bodies.
"""

from collections.abc import Mapping
from typing import Any

from starlette._utils import get_route_path
from starlette.middleware import Middleware
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ExceptionHandler, Receive, Scope, Send

from martlet._engine.match.table import Params
from martlet._engine.run.careful import FailureRules
from martlet._engine.run.limits import AppBodyLimitMiddleware
from martlet._engine.run.outgoing import OutgoingMiddleware
from martlet._engine.serve.freeze import NOTHING, AnyTarget, Dispatcher, Frozen
from martlet._engine.serve.misses import NotFound
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.errors import DeclarationError
from martlet.middleware.asyncexitstack import AsyncExitStackMiddleware


class DirectStack(ServerErrorMiddleware):
    """Serves an app.

    Args:
        router: the app's router.
        handlers: the app's exception handlers, by class and by status, without those of 500 and Exception.
        server_error: the handler of 500 or Exception, if there is one.
        debug: whether a 500 shows its traceback.
        max_body_size: the largest body in bytes, of routes that do not say so themselves; None for any.
    """

    def __init__(
        self,
        router: Any,
        handlers: Mapping[Any, ExceptionHandler],
        server_error: ExceptionHandler | None,
        *,
        debug: bool,
        max_body_size: int | None = None,
    ) -> None:
        # COMPAT: Sentry patches the class when it is described as a Middleware (tests/guests/test_sentry.py).
        described: Any = Middleware(ExceptionMiddleware, handlers=handlers, debug=debug)
        inner = ExceptionMiddleware(AsyncExitStackMiddleware(router), **described.kwargs)
        outermost = OutgoingMiddleware(AppBodyLimitMiddleware(inner, max_body_size))
        super().__init__(outermost, handler=server_error, debug=debug)
        rules = FailureRules((inner._exception_handlers, inner._status_handlers), self)
        self.dispatcher = Dispatcher(router, rules, max_body_size)
        self._not_found = NotFound(router, rules, max_body_size)
        self._frozen = NOTHING

    def table(self) -> Frozen | None:
        """Return the table of this moment.

        None where a route that was declared since the last one cannot be served: that comes up again in the app inside,
        whose middleware answers it as any other error.
        """
        if self._frozen.epoch != EPOCH.value:
            try:
                self._frozen = self.dispatcher.frozen
            except DeclarationError:
                return None
        return self._frozen

    def find(self, scope: Scope) -> tuple[AnyTarget | NotFound, Params] | None:
        """Return what answers a request by itself, if the table knows it."""
        if scope["type"] != "http":
            return None
        frozen = self._frozen if self._frozen.epoch == EPOCH.value else self.table()
        if frozen is None:
            return None
        path = get_route_path(scope) if scope.get("root_path") else scope["path"]
        hit = frozen.find(path, scope["method"]) or self._not_found.find(frozen, scope)
        return None if MAX_BODY_SIZE_SCOPE_KEY in scope else hit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        hit = self.find(scope)
        if hit is not None:
            await hit[0].handle(scope, receive, send, hit[1])
        else:
            await super().__call__(scope, receive, send)
