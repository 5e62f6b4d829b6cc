"""What a handler that was compiled for RSGI calls: to read the request, and to leave the straight way.

There it has `bridge, scope, proto` where one over ASGI has `scope, receive, send`.
"""

from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, cookie_parser
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from martlet._engine.run import limits
from martlet._engine.run.body import UNREADABLE
from martlet._engine.run.careful import Careful, Failures, Path
from martlet._engine.run.notes import Notes
from martlet._engine.run.outgoing import STARTED, check_final_status, check_length
from martlet._engine.run.rsgi import RSGIHTTP, RSGIHeaders, RSGIScope, legal_texts
from martlet._engine.run.rsgi_exchange import Bridge
from martlet._engine.run.send import send_response as asgi_send_response

_BEGUN: Final = "__martlet_begun__"


async def read_body(proto: RSGIHTTP) -> bytes:
    """Return the whole body.

    Raises:
        HTTPException: 400, it cannot be read: the client has gone.
    """
    try:
        return await proto()
    except Exception as error:  # noqa: BLE001 - the server's own class
        raise HTTPException(status_code=400, detail=UNREADABLE) from ClientDisconnect(error)


async def read_within(proto: RSGIHTTP, scope: RSGIScope, limit: int) -> bytes:
    """Return the whole body of up to `limit` bytes, which may have announced its length.

    Raises:
        HTTPException: 400, it cannot be read: the client has gone; 413, it is too large.
    """
    if "content-length" in scope.headers:
        return await read_body(proto)
    pieces: list[bytes] = []
    left = limit
    async for piece in proto:
        if not piece and pieces and not pieces[-1] and scope.http_version.startswith("1"):
            raise HTTPException(status_code=400, detail=UNREADABLE) from ClientDisconnect()  # see `Exchange`
        left -= len(piece)
        if left < 0:
            raise limits.exceeded()
        pieces.append(piece)
    return b"".join(pieces)


def is_larger(headers: RSGIHeaders, limit: int) -> bool:
    """Whether a body is declared to be larger than `limit` bytes."""
    length = headers.get("content-length")
    return length is not None and limits.is_above(length, limit)


async def too_large(bridge: Bridge, scope: RSGIScope, proto: RSGIHTTP) -> None:
    """Answer 413."""
    await bridge.serve(limits.too_large, scope, proto)


def header_texts(
    headers: RSGIHeaders, wanted: Mapping[str, str], many: AbstractSet[str] = frozenset()
) -> dict[str, Any]:
    """Return the wanted headers.

    Args:
        headers: all of them.
        wanted: lower-case header name -> key in the result.
        many: the keys whose values are all taken, as a list.
    """
    values: dict[str, Any] = {}
    for name, key in wanted.items():
        if key in many:
            if found := headers.get_all(name):
                values[key] = found
        elif (value := headers.get(name)) is not None:
            values[key] = value
    return values


def cookie_texts(headers: RSGIHeaders, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return the wanted cookies: name -> key in the result."""
    values: dict[str, Any] = {}
    for value in headers.get_all("cookie"):
        cookies = cookie_parser(value)
        values.update((key, cookies[cookie]) for cookie, key in wanted.items() if cookie in cookies)
    return values


async def send_response(response: Response, bridge: Bridge, scope: RSGIScope, proto: RSGIHTTP) -> None:
    """Send a response that is legal HTTP: in one call, if it is there at once.

    Raises:
        InvalidAnswerError: it is not legal.
    """
    if type(response).__call__ is not Response.__call__ or scope.method == "HEAD":
        await _serve(bridge, _send_response, scope, proto, response)
        return
    status, body = response.status_code, bytes(response.body)
    check_final_status(status)
    texts, length = legal_texts(response.raw_headers)
    if length is not None and status != 304:
        check_length(length, len(body), complete=True)
    proto.response_bytes(status, texts, body)
    if response.background is not None:
        try:
            await response.background()
        except Exception as error:
            _note_begun(error)
            raise


async def _send_response(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    await asgi_send_response(response, scope, receive, send)


async def _serve(
    bridge: Bridge, serve: Callable[..., Awaitable[None]], scope: RSGIScope, proto: RSGIHTTP, *more: Any
) -> None:
    """Answer over ASGI, and note on an exception whether it came after the answer had begun."""

    async def noting(opened: Scope, receive: Receive, send: Send) -> None:
        try:
            await serve(opened, receive, send, *more)
        except Exception as error:
            if opened.get(STARTED):
                _note_begun(error)
            raise

    await bridge.serve(noting, scope, proto, goes_to_server=False)


def _note_begun(error: Exception) -> None:
    # The handler that sees the exception has no scope to look into.
    vars(error)[_BEGUN] = True


class CarefulOverRSGI:
    """The careful way of a route.

    Args:
        careful: the same over ASGI.
        limit: the largest body in bytes; None for any.
    """

    def __init__(self, careful: Careful, limit: int | None) -> None:
        self._careful = careful
        self._limit = limit

    async def __call__(
        self,
        bridge: Bridge,
        scope: RSGIScope,
        proto: RSGIHTTP,
        path: Path,
        body: bytes | None = None,
        *,
        noted: Notes | None = None,
    ) -> None:
        """Answer from the beginning: no dependency has run."""
        await _serve(bridge, partial(self._answer, noted), scope, proto, path, body)

    async def _answer(
        self, noted: Notes | None, scope: Scope, receive: Receive, send: Send, path: Path, body: bytes | None
    ) -> None:
        await self._careful(scope, _held(scope, receive, self._limit), send, path, body, noted=noted)


class FailuresOverRSGI:
    """What the handler of a route does with an exception.

    Args:
        failures: the same over ASGI.
        limit: the largest body in bytes; None for any.
    """

    def __init__(self, failures: Failures, limit: int | None) -> None:
        self._failures = failures
        self._limit = limit

    async def __call__(
        self,
        error: Exception,
        bridge: Bridge,
        scope: RSGIScope,
        proto: RSGIHTTP,
        path: Path,
        body: bytes | None = None,
        *,
        started: bool = False,
    ) -> None:
        """Answer the exception; raise it as well if it is nobody's."""
        started = vars(error).pop(_BEGUN, started)
        # What is raised again has these frames in its traceback, and must not be held by them: it is handed over.
        errors = [error]
        del error

        async def answer(opened: Scope, receive: Receive, send: Send) -> None:
            held = _held(opened, receive, self._limit)
            await self._failures(errors.pop(), opened, held, send, path, body, started=started)

        await bridge.serve(answer, scope, proto)


def _held(scope: Scope, receive: Receive, limit: int | None) -> Receive:
    """Return `receive` held to a limit; a body that announces more was refused already."""
    return receive if limit is None else limits.limited(scope, receive, limit) or receive
