"""Give each request an exit stack that outlives its response.

Files of a form are closed by it. The app's compiled handlers close what they opened themselves; this class is for apps
and packages that put it around ASGI apps of their own.
"""

from contextlib import AsyncExitStack

from starlette.types import ASGIApp, Receive, Scope, Send


class AsyncExitStackMiddleware:
    """Keep an `AsyncExitStack` in the scope for as long as the app handles the request.

    Args:
        app: the ASGI app inside.
        context_name: the key of the scope under which the stack is found.
    """

    def __init__(self, app: ASGIApp, context_name: str = "fastapi_middleware_astack") -> None:
        self.app = app
        self.context_name = context_name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, then close what was put on its stack."""
        async with AsyncExitStack() as stack:
            scope[self.context_name] = stack
            await self.app(scope, receive, send)
