"""CORS: Starlette's, with the headers of the usual answers written beforehand.

Preflight requests, and answers that have a header of those already, are left to Starlette's own code.
"""

from typing import Any, Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import Message, Receive, Scope, Send

_VARY: Final = (b"vary", b"Origin")
_ALLOWED: Final = b"access-control-allow-origin"


class CORS(CORSMiddleware):
    """Lets pages of other origins call the app; the arguments are Starlette's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._simple = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in self.simple_headers.items()]
        self._ours = {name for name, _ in self._simple} | {_ALLOWED, _VARY[0]}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a preflight request; let the others through, and add to their answers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origin: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
                break
        if origin is not None and scope["method"] == "OPTIONS":
            await super().__call__(scope, receive, send)
            return

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                for name, _ in headers:
                    if name in self._ours:
                        await self.send(message, send, Headers(raw=scope["headers"]))
                        return
                message["headers"] = [*headers, *(self._added(origin) if origin is not None else ()), _VARY]
            await send(message)

        await self.app(scope, receive, add)

    def _added(self, origin: bytes) -> list[tuple[bytes, bytes]]:
        """Return what is added to an answer for an origin, ahead of `Vary`."""
        if not self.allow_all_origins:
            return [*self._simple, (_ALLOWED, origin)] if self._allows(origin) else self._simple
        if not self.allow_credentials:
            return self._simple
        return [(name, origin if name == _ALLOWED else value) for name, value in self._simple]

    def _allows(self, origin: bytes) -> bool:
        return self.is_allowed_origin(origin.decode("latin-1"))
