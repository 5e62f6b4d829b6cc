"""Sessions: Starlette's, which is asked only for requests that bring a session or leave one.

A request without cookies gets an empty session; if it is still untouched when the answer begins, nothing more is done.
"""

from copy import copy

from starlette.middleware.sessions import Session, SessionMiddleware
from starlette.types import Message, Receive, Scope, Send


class Sessions(SessionMiddleware):
    """Keeps a session in a signed cookie; the arguments are Starlette's."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a session in the scope."""
        if scope["type"] != "http" or self._is_brought(scope):
            await super().__call__(scope, receive, send)
            return
        session = scope["session"] = Session()

        async def leave(message: Message) -> None:
            if message["type"] == "http.response.start":
                if scope["session"] is not session or session.accessed:
                    await self._write(scope, message, receive, send)
                    return
                message.setdefault("headers", [])
            await send(message)

        await self.app(scope, receive, leave)

    def _is_brought(self, scope: Scope) -> bool:
        name = self.session_cookie.encode("latin-1", "replace")
        return any(header == b"cookie" and name in value for header, value in scope["headers"])

    async def _write(self, scope: Scope, message: Message, receive: Receive, send: Send) -> None:
        """Have Starlette write the session of a request that brought none: it is told the start of the answer."""
        session = scope["session"]

        async def begin(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI
            scope["session"] = session
            await send(message)

        writer = copy(self)
        writer.app = begin
        await SessionMiddleware.__call__(writer, scope, receive, send)
