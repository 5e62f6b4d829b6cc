"""What is served while there is no app: why there is none."""

import json
from typing import Any, Final

from martlet.cli.dev.page import failure_page
from martlet.cli.dev.wants import wants_page
from martlet.cli.failures import Failure

_CLOSED: Final = 1013  # "try again later"


class Broken:
    """Answers every request with a failure: a page for browsers, JSON for others.

    Args:
        failure: why there is no app.
    """

    def __init__(self, failure: Failure) -> None:
        self.failure = failure

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _CLOSED})
        else:
            kind, body = self._content(scope)
            headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})

    def _content(self, scope: Any) -> tuple[bytes, bytes]:
        failure = self.failure
        if wants_page(scope):
            return b"text/html; charset=utf-8", failure_page(failure).encode(errors="backslashreplace")
        said = {"detail": failure.headline, "code": failure.code, "lines": failure.details, "advice": failure.advice}
        return b"application/json", json.dumps(said).encode()
