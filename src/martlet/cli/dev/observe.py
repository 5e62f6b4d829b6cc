"""What stands around the app: each request becomes a line, an exception that nobody answers a page.

An app's own answer is never replaced but for one: the plain `Internal Server Error` that Starlette sends before it
raises the exception again, or its page of an app in debug mode. It is held back until the exception comes or does not.
"""

import time
from typing import Any, Final

from martlet.cli.dev import reasons
from martlet.cli.dev.lines import Lines, named
from martlet.cli.dev.page import trouble_json, trouble_page
from martlet.cli.dev.trouble import trouble_of
from martlet.cli.dev.wants import wants_page

_READ_AT_MOST: Final = 16 * 1024
_ANONYMOUS: Final = b"Internal Server Error"


class Observed:
    """An ASGI app around the user's.

    Args:
        app: the user's.
        lines: where requests are printed.

    Attributes:
        startup_error: what the app raised when it was started.
    """

    def __init__(self, app: Any, lines: Lines) -> None:
        self.app = app
        self.lines = lines
        self.startup_error: BaseException | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve."""
        if scope["type"] == "http":
            await _Exchange(self, scope, send).run(receive)
        elif scope["type"] == "websocket":
            await _Socket(self, scope, send).run(receive)
        else:
            await self._live(scope, receive, send)

    async def _live(self, scope: Any, receive: Any, send: Any) -> None:
        said: list[str] = []

        async def noting(message: Any) -> None:
            said.append(message["type"])
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            # (An app that knows no lifespan raises as well, and says nothing before.)
            if "lifespan.startup.failed" in said:
                self.startup_error = error
            elif said:
                self.lines.late("the lifespan", error, "while the app was stopped")
            raise


class _Exchange:
    """A request and its answer."""

    def __init__(self, around: Observed, scope: Any, send: Any) -> None:
        self.around = around
        self.scope = scope
        self.out = send
        self.began = time.perf_counter()
        self.status = 0
        self.kind = b""
        self.body = b""
        self.reads = False
        self.held: list[Any] = []
        self.complete = False
        self.printed = False

    async def run(self, receive: Any) -> None:
        try:
            await self.around.app(self.scope, receive, self.send)
        except Exception as error:
            await self.fail(error)
            if self.status and not self.complete:
                raise  # the rest of the answer will not come: only that ends the connection
        else:
            await self.release()
            if not self.printed:
                self.print(self.status or "none", "" if self.complete else "the app ended without a complete answer")

    async def send(self, message: Any) -> None:
        kind = message["type"]
        if kind == "http.response.start":
            self.start(message)
            if self.may_be_replaced(message):
                self.held.append(message)
                return
        elif self.held:
            self.held.append(message)
            return
        elif kind == "http.response.body" and self.reads and len(self.body) < _READ_AT_MOST:
            self.body += message.get("body", b"")
        await self.forward(message)

    async def forward(self, message: Any) -> None:
        await self.out(message)
        kind = message["type"]
        if kind == "http.response.pathsend" or (kind == "http.response.body" and not message.get("more_body", False)):
            self.complete = True
            if self.status < 500:  # else an exception may come that says why
                self.print(self.status, reasons.of_answer(self.status, self.kind, self.body) if self.reads else "")

    def start(self, message: Any) -> None:
        headers = dict(message.get("headers", ()))
        self.status = message["status"]
        self.kind = headers.get(b"content-type", b"")
        self.reads = 400 <= self.status < 500 and b"content-encoding" not in headers

    def may_be_replaced(self, message: Any) -> bool:
        if self.status != 500:
            return False
        length = (b"content-length", b"%d" % len(_ANONYMOUS))
        anonymous = self.kind.startswith(b"text/plain") and length in map(tuple, message.get("headers", ()))
        return anonymous or bool(getattr(self.scope.get("app"), "debug", False))

    async def release(self) -> None:
        """Send what was held back: no exception came."""
        held, self.held = self.held, []
        for message in held:
            await self.forward(message)

    async def fail(self, error: Exception) -> None:
        if self.printed:
            self.around.lines.late(named(self.scope), error, "after the answer")
            return
        if self.held or not self.status:
            self.held.clear()
            await self.answer(error)
        self.print(self.status, reasons.of_exception(error))
        self.around.lines.exception(error)

    async def answer(self, error: Exception) -> None:
        trouble = trouble_of(error, self.scope)
        if wants_page(self.scope):
            kind, text = b"text/html; charset=utf-8", trouble_page(trouble)
        else:
            kind, text = b"application/json", trouble_json(trouble)
        body = text.encode(errors="backslashreplace")
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
        self.status = 500
        await self.out({"type": "http.response.start", "status": 500, "headers": headers})
        await self.out({"type": "http.response.body", "body": body})
        self.complete = True

    def print(self, status: int | str, reason: str) -> None:
        self.printed = True
        self.around.lines.request(status, self.scope, time.perf_counter() - self.began, reason)


class _Socket:
    """A WebSocket connection: a line when it is accepted or refused, and one when it ends."""

    def __init__(self, around: Observed, scope: Any, send: Any) -> None:
        self.around = around
        self.scope = scope
        self.out = send
        self.began = time.perf_counter()
        self.accepted = False
        self.ended = False

    async def run(self, receive: Any) -> None:
        async def noting() -> Any:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                self.end(message.get("code", 1005), message.get("reason") or "")
            return message

        try:
            await self.around.app(self.scope, noting, self.send)
        except Exception as error:
            if not self.ended:
                self.end(1011 if self.accepted else 500, reasons.of_exception(error))
                self.around.lines.exception(error)
            raise

    async def send(self, message: Any) -> None:
        await self.out(message)
        kind = message["type"]
        if kind == "websocket.accept":
            self.accepted = True
            self.print(101, "")
        elif kind == "websocket.close":
            self.end(message.get("code", 1000) if self.accepted else 403, message.get("reason") or "")
        elif kind == "websocket.http.response.start":
            self.end(message["status"], "")

    def end(self, status: int, reason: str) -> None:
        if not self.ended:
            self.ended = True
            self.print(status, reasons.plain(reason))

    def print(self, status: int, reason: str) -> None:
        self.around.lines.request(status, self.scope, time.perf_counter() - self.began, reason)
