"""What stands outside of an app's middleware, as one ASGI callable: it answers what is nobody's and checks what leaves.

`Outermost` stands where Starlette's ServerErrorMiddleware does and is one. The middlewares that it does the work of are
there, one inside the other, and serve what it does not: an app that is debugged, one whose stack somebody has put
something into, and one inside of another app that counts the bytes of bodies.
"""

from collections.abc import Awaitable

from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.types import ASGIApp, ExceptionHandler, Receive, Scope, Send

from martlet._engine.run.careful import server_error
from martlet._engine.run.limits import AppBodyLimitMiddleware
from martlet._engine.run.outgoing import Guard, OutgoingMiddleware, ServerSide, server_side


class Outermost(ServerErrorMiddleware):
    """Serves an app that has middleware.

    Args:
        app: the outermost middleware of the user's.
        handler: the handler of 500 or Exception, if there is one.
        debug: whether a 500 shows its traceback.
        max_body_size: the largest body in bytes; None for any.
    """

    def __init__(
        self, app: ASGIApp, handler: ExceptionHandler | None, *, debug: bool, max_body_size: int | None
    ) -> None:
        self._limit = AppBodyLimitMiddleware(app, max_body_size)
        self._outgoing = OutgoingMiddleware(self._limit)
        super().__init__(self._outgoing, handler=handler, debug=debug)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Answer.

        PERF: `bench stack`. One coroutine around the app, and one around each message, instead of three. Servers of
        ours hold messages to HTTP by themselves.
        """
        if not self._is_usual(scope):
            return super().__call__(scope, receive, send)
        server = server_side(send)
        if server is not None:
            return self._answer(scope, receive, send, server)
        guard = Guard({"method": scope["method"]}, send)
        return self._answer(scope, receive, guard, guard)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, sent: Guard | ServerSide) -> None:
        """Answer by what is inside, and by a 500 where that fails before anything of its answer was `sent`."""
        try:
            await self._limit.app(scope, receive, send)
        except Exception as error:
            await server_error(error, self, scope, receive, send, started=sent.has_begun)
            raise

    def _is_usual(self, scope: Scope) -> bool:
        """Whether this does the work of the middlewares inside for a request."""
        is_whole = self.app is self._outgoing and self._outgoing.app is self._limit and not self.debug
        return is_whole and scope["type"] == "http" and MAX_BODY_SIZE_SCOPE_KEY not in scope
