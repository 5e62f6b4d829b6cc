"""What is served while there is no app: why there is none.

Its page asks once more, with a header that says so, and is answered when this state of the code is over. The page then
reloads, which waits for the next state: nobody looks every second, and what is selected on the page stays so.
"""

import asyncio
import json
from typing import Any, Final

from martlet.cli.dev.page import failure_page
from martlet.cli.dev.wants import wants_page
from martlet.cli.failures import Failure

_CLOSED: Final = 1013  # "try again later"
_WAIT: Final = b"martlet-wait"  # the header of page.js


class Broken:
    """Answers every request with a failure: a page for browsers, JSON for others.

    Args:
        failure: why there is no app.
        over: is set when the next state of the code is to be served.
    """

    def __init__(self, failure: Failure, over: asyncio.Event) -> None:
        self.failure = failure
        self.over = over

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _CLOSED})
        else:
            if any(name == _WAIT for name, _ in scope["headers"]):
                await self._wait(receive)
            kind, body = self._content(scope)
            headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 503, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})

    async def _wait(self, receive: Any) -> None:
        """Wait for the next state of the code, or for the page to be closed."""
        closed = asyncio.ensure_future(_disconnected(receive))
        over = asyncio.ensure_future(self.over.wait())
        _, pending = await asyncio.wait((closed, over), return_when=asyncio.FIRST_COMPLETED)
        for each in pending:
            each.cancel()

    def _content(self, scope: Any) -> tuple[bytes, bytes]:
        failure = self.failure
        if wants_page(scope):
            return b"text/html; charset=utf-8", failure_page(failure).encode(errors="backslashreplace")
        said = {"detail": failure.headline, "code": failure.code, "lines": failure.details, "advice": failure.advice}
        return b"application/json", json.dumps(said).encode()


async def _disconnected(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
