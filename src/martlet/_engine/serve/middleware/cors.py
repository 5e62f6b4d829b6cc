"""CORS: Starlette's, with the headers of the usual answers written beforehand.

Preflight requests, and answers that have a header of those already, are left to Starlette's own code.
"""

from collections.abc import Awaitable
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

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Answer a preflight request; let the others through, and add to their answers."""
        if scope["type"] != "http":
            return self.app(scope, receive, send)
        origin: bytes | None = None
        for name, value in scope["headers"]:
            if name == b"origin":
                origin = value
                break
        if origin is not None and scope["method"] == "OPTIONS":
            return super().__call__(scope, receive, send)

        def add(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                headers = message.get("headers", ())
                for name, _ in headers:
                    if name in self._ours:
                        return self.send(message, send, Headers(raw=scope["headers"]))
                message["headers"] = [*headers, *(self._added(origin) if origin is not None else ()), _VARY]
            return send(message)

        return self.app(scope, receive, add)

    def _added(self, origin: bytes) -> list[tuple[bytes, bytes]]:
        """Return what is added to an answer for an origin, ahead of `Vary`."""
        if not self.allow_all_origins:
            return [*self._simple, (_ALLOWED, origin)] if self._allows(origin) else self._simple
        if not self.allow_credentials:
            return self._simple
        return [(name, origin if name == _ALLOWED else value) for name, value in self._simple]

    def _allows(self, origin: bytes) -> bool:
        return self.is_allowed_origin(origin.decode("latin-1"))
