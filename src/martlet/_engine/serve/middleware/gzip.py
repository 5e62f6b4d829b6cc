"""GZip: Starlette's, whose objects are made only for answers that it compresses or adds a header to.

The start of an answer is kept until its first body says how long it is. An answer that is short and whole, or of a type
that is not compressed, then goes out as it came; every other one is told to Starlette's responder from its start. No
headers are looked at before, neither those of the request nor those of the answer.
"""

from collections.abc import Awaitable, Iterable
from typing import Any, Final

from starlette.middleware.gzip import GZipMiddleware, GZipResponder, IdentityResponder
from starlette.types import Message, Receive, Scope, Send

_START: Final = "http.response.start"
_BODY: Final = "http.response.body"


class GZip(GZipMiddleware):
    """Compresses answers for clients that take gzip; the arguments are Starlette's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._excluded = frozenset(self.exclude_content_types)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Let a request through, and look at its answer."""
        looks = scope["type"] == "http"
        return self.app(scope, receive, _Answer(self, send, scope["headers"]) if looks else send)

    def leaves_alone(self, message: Message) -> bool:
        """Whether an answer, by its start, is one that is not compressed."""
        kind = b""
        for name, value in message.get("headers", ()):
            if name == b"content-encoding":
                return True
            if name == b"content-type" and not kind:
                kind = value
        kind = kind.partition(b";")[0].strip().lower()
        return message["status"] == 206 or self._is_excluded(kind.decode("latin-1"))

    def _is_excluded(self, kind: str) -> bool:
        if kind in self._excluded or f"{kind.partition('/')[0]}/*" in self._excluded:
            return True
        return kind.startswith("application/grpc+") and "application/grpc" in self._excluded

    def responder(self, headers: Iterable[tuple[bytes, bytes]]) -> IdentityResponder:
        """Return Starlette's responder for one answer, to a request with these headers."""
        excluded = self.exclude_content_types
        accepted = next((value for name, value in headers if name == b"accept-encoding"), b"")
        if b"gzip" not in accepted:
            return IdentityResponder(self.app, self.minimum_size, exclude_content_types=excluded)
        return GZipResponder(
            self.app,
            self.minimum_size,
            compresslevel=self.compresslevel,
            thread_minimum_size=self.thread_minimum_size,
            exclude_content_types=excluded,
        )


class _Answer:
    """Sends one answer.

    Args:
        middleware: what is said of all answers.
        send: where the answer goes.
        headers: those of the request.
    """

    __slots__ = ("_headers", "_middleware", "_pass", "_send", "_start")

    def __init__(self, middleware: GZip, send: Send, headers: Iterable[tuple[bytes, bytes]]) -> None:
        self._middleware = middleware
        self._headers = headers
        self._send = send
        self._start: Message | None = None
        # Where messages go once that is known.
        self._pass: Send | None = None

    def __call__(self, message: Message) -> Awaitable[None]:
        return self._begin(message) if self._pass is None else self._pass(message)

    async def _begin(self, message: Message) -> None:
        start = self._start
        if start is None and message["type"] == _START:
            self._start = message
            return
        if start is not None and (self._is_short(message) or self._middleware.leaves_alone(start)):
            self._pass = self._send
        else:
            responder = self._middleware.responder(self._headers)
            responder.send = self._send
            self._pass = responder.send_with_compression
        if start is not None:
            await self._pass(start)
        await self._pass(message)

    def _is_short(self, message: Message) -> bool:
        is_whole = message["type"] == _BODY and not message.get("more_body", False)
        return is_whole and len(message.get("body", b"")) < self._middleware.minimum_size
