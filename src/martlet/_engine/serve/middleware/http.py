"""`@app.middleware("http")`, and BaseHTTPMiddleware subclasses, driven without task groups and memory streams.

The middleware object is its user's, its request and response are Starlette's; what differs is how the app inside is run
(`run/inside.py`). So only a class whose `__call__` is Starlette's is driven. On trio it serves itself.
"""

from asyncio import get_running_loop

from starlette.middleware.base import BaseHTTPMiddleware, _CachedRequest, _StreamingResponse
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from martlet._engine.run.inside import Inside


class Driven:
    """Serves a BaseHTTPMiddleware.

    Args:
        middleware: the middleware.
    """

    def __init__(self, middleware: BaseHTTPMiddleware) -> None:
        self.app = middleware

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request by `dispatch`; hand on everything else."""
        middleware = self.app
        if scope["type"] != "http":
            await middleware.app(scope, receive, send)
            return
        try:
            loop = get_running_loop()
        except RuntimeError:
            await middleware(scope, receive, send)
            return
        request = _CachedRequest(scope, receive, send)
        runs: list[Inside] = []

        async def call_next(request: Request) -> _StreamingResponse:  # noqa: ARG001 - Starlette does not look at it
            inside = Inside(middleware.app, scope, wrapped_receive, send, loop)
            runs.append(inside)
            return await inside.respond()

        wrapped_receive = request.wrapped_receive
        try:
            response = await middleware.dispatch_func(request, call_next)
            await response(scope, wrapped_receive, send)
        except BaseException:
            for inside in runs:
                await inside.abandon()
            raise
        for inside in runs:
            inside.stop_listening()
        for inside in runs:
            await inside.finish()
