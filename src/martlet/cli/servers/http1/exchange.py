"""One request and its answer, as ASGI's `receive` and `send`.

What an answer consists of is written together where it comes together: a plain one at its end, a stream in the loop's
next turn. An endpoint that blocks the loop between the parts of a stream gives it none: a part that comes late is
written at once, with what came before.

PERF: `bench json`, `bench stack-stream` with `martlet-run`, beside `martlet`.
"""

import asyncio
import logging
from collections.abc import Iterable
from socket import SO_LINGER, SOL_SOCKET
from struct import pack
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, Final

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.utils import get_client_addr, get_path_with_query_string

from martlet._engine.run.outgoing import check_length, is_bodiless
from martlet.cli.servers.http1.head import head_of

if TYPE_CHECKING:
    from martlet.cli.servers.http1.connection import Connection

_ERRORS: Final = logging.getLogger("uvicorn.error")
_ACCESS: Final = logging.getLogger("uvicorn.access")

# What is kept at most of an answer, in bytes: as much as a transport keeps before it calls for a pause.
_MOST: Final = 65536
# For so long parts come together, in seconds; then they are written, and the loop has its turn.
_LONGEST: Final = 0.001
# Of a closed socket: what was not sent yet is dropped, and the connection reset.
_RESET: Final = pack("ii", 1, 0)
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_FAILED: Final = b"Internal Server Error"
_FAILED_HEADERS: Final = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"content-length", b"%d" % len(_FAILED)),
    (b"connection", b"close"),
)


class Exchange:
    """What the app is given for one request.

    Args:
        connection: where the request came from.
        scope: its head.
        keep_alive: whether the client wants to go on after it.
        expects_continue: whether the client waits to be told that its body is wanted (RFC 9110, section 10.1.1).
    """

    is_server_s: ClassVar[bool] = True
    """See `ServerSide`."""

    # PERF: what is the same at the beginning of all exchanges is not set in each.
    task: Any = None
    """What answers it, once that has begun."""
    has_left: bool = False
    """Whether the client is gone."""
    is_whole: bool = False
    """Whether all of the request has come."""
    has_begun: bool = False
    """Whether something of the answer was sent; as long as not, it may begin anew."""
    is_complete: bool = False
    """Whether all of the answer was sent."""

    # Of the request: what of its body waits for the app, whether that was given the end, and what wakes up `receive`.
    _body: bytes | bytearray = b""
    _is_handed = False
    _change: asyncio.Event | None = None
    # Of the answer: its framing; what is kept of it, with the bytes of its body; and when a part of it was last late.
    _is_started = _is_chunked = _is_empty = False
    _length: int | None = None
    _status = _sent = _kept_size = 0
    _kept: list[bytes]
    _last = 0.0

    def __init__(self, connection: "Connection", scope: Scope, *, keep_alive: bool, expects_continue: bool) -> None:
        self.scope = scope
        self.keep_alive: bool = keep_alive
        self._connection = connection
        self._transport = connection.transport
        self._flow = connection.flow
        self._expects_continue = expects_continue
        self._is_head = scope["method"] == "HEAD"
        self._kept = []

    # ---------------------------------------------------------------------------------------------------------- serving

    async def run(self, app: ASGIApp) -> None:
        """Have the request answered; it is a 500, or broken off, where the app does not."""
        try:
            # (what ASGI does not allow an app to return is told, as uvicorn does)
            result: Any = await app(self.scope, self.receive, self.send)  # type: ignore[func-returns-value]
            if result is not None:
                _ERRORS.error("ASGI callable should return None, but returned '%s'.", result)
            if not (self.is_complete or self.has_left):
                what = "completing" if self._is_started else "starting"
                _ERRORS.error("ASGI callable returned without %s response.", what)
                self._fail()
        except BaseException as error:  # noqa: BLE001 - the task ends here, and a client waits for an answer
            _ERRORS.error("Exception in ASGI application\n", exc_info=error)
            self._fail()
        finally:
            self._connection.tasks.discard(self.task)

    def _fail(self) -> None:
        """Answer by a 500 where nothing of the answer has left, and break it off where something has."""
        if self.is_complete or self.has_left:
            return
        if self.has_begun:
            self.flush()
            if not (self._is_chunked or self._is_empty or self._length is not None):
                # The end of the connection is that of the body: only a reset one is seen to be broken off.
                self._transport.get_extra_info("socket").setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
            self._transport.close()
            return
        self._start(500, _FAILED_HEADERS)
        self._take(_FAILED, more=False)

    # -------------------------------------------------------------------------------------------------------- receiving

    async def receive(self) -> Message:
        """Return the next part of the body; after its end, wait until the client leaves or has its answer."""
        if self._expects_continue:
            self._expects_continue = False
            if not self._transport.is_closing():
                self._transport.write(_CONTINUE)
        while not (self.has_left or self.is_complete):
            if self._body or (self.is_whole and not self._is_handed):
                body, self._body = self._body, b""
                self._is_handed = self.is_whole
                return {"type": "http.request", "body": bytes(body), "more_body": not self.is_whole}
            self._connection.resume_reading()
            if self._change is None:
                self._change = asyncio.Event()
            self._change.clear()
            await self._change.wait()
        return {"type": "http.disconnect"}

    def take_body(self, data: bytes) -> int:
        """Take a part of the body; return how many bytes wait for the app. What comes after the answer is dropped."""
        if self.is_complete:
            return 0
        if not self._body:
            self._body = data
        else:
            # (many small chunks would be copied again and again)
            self._body = self._body if isinstance(self._body, bytearray) else bytearray(self._body)
            self._body += data
        self._wake()
        return len(self._body)

    def end_body(self) -> None:
        """Note that all of the request has come."""
        self.is_whole = True
        self._wake()

    def leave(self) -> None:
        """Note that the client is gone; nothing is written any more."""
        self.has_left = True
        self._kept = []
        self._wake()

    def _wake(self) -> None:
        if self._change is not None:
            self._change.set()

    # ---------------------------------------------------------------------------------------------------------- sending

    async def send(self, message: Message) -> None:
        """Take the next part of the answer; once the client is gone, it is dropped.

        Raises:
            InvalidAnswerError: it is not legal HTTP.
            RuntimeError: it comes out of turn.
        """
        if self._flow.write_paused and not self.has_left:
            await self._flow.drain()
        if self.has_left:
            # Whoever streams without end is cancelled by somebody who must have his turn.
            await asyncio.sleep(0)
            return
        kind = message["type"]
        if kind == "http.response.body" and self._is_started and not self.is_complete:
            if self._take(message.get("body", b""), more=message.get("more_body", False)):
                await asyncio.sleep(0)
        elif kind == "http.response.start" and not self.has_begun:
            self._start(message["status"], message.get("headers", ()))
        else:
            raise RuntimeError(f"Unexpected ASGI message {kind!r}: an answer is one start, then its body.")

    def _start(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Make the head, and keep it until something of the body comes."""
        connection = self._connection
        lines, length, closes = head_of(status, headers)
        self._is_started, self._status = True, status
        self._is_empty = self._is_head or is_bodiless(status)
        is_stream = length is None and not self._is_empty
        self._length = None if self._is_empty else length
        # (HTTP/1.0 knows no chunks: the end of the connection is that of the body)
        self._is_chunked = is_stream and self.scope["http_version"] >= "1.1"
        if self._is_chunked:
            lines.append(b"transfer-encoding: chunked\r\n")
        if closes or connection.is_last or (self._expects_continue and not self.is_whole):
            # (of a client that was not told to go on with its body, nobody knows whether that comes)
            self.keep_alive = False
        if not (self.keep_alive or closes):
            lines.append(b"connection: close\r\n")
        self._expects_continue = False
        lines.append(connection.stamp())
        self._kept, self._kept_size, self._sent, self._last = lines, 0, 0, 0.0
        if is_stream:
            self._last = monotonic()
            connection.loop.call_soon(self.flush)

    def _take(self, body: bytes, *, more: bool) -> bool:
        """Take a part of the body; return whether the loop ought to have its turn by now."""
        if type(body) is not bytes:
            body = bytes(body)  # its owner may fill it anew
        if self._length is not None:
            self._sent += len(body)
            check_length(self._length, self._sent, complete=not more)
        elif self._is_chunked:
            body = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            if not more:
                body += b"0\r\n\r\n"
        elif self._is_empty:
            body = b""
        if more:
            return self._keep_for_a_turn(body)
        self._kept.append(body)
        self._kept_size += len(body)
        self.is_complete = True
        self.flush()
        self._wake()
        self._connection.end(self)
        return False

    def _keep_for_a_turn(self, part: bytes) -> bool:
        """Keep a part that is not the last until the loop's next turn; return whether that is late."""
        if not (self._kept and self._last):
            self._connection.loop.call_soon(self.flush)
        self._kept.append(part)
        self._kept_size += len(part)
        now = monotonic()
        is_late = now - (self._last or now) > _LONGEST
        if is_late or not self._last:
            self._last = now
        if is_late or self._kept_size > _MOST:
            self.flush()
        return is_late

    def flush(self) -> None:
        """Write what is kept."""
        kept, size = self._kept, self._kept_size
        if not kept:
            return
        self._kept, self._kept_size = [], 0
        is_first, self.has_begun = not self.has_begun, True
        if self._transport.is_closing():
            return
        last = b""
        if size > _MOST:
            # Not `writelines`: asyncio's own, on Python 3.12 and 3.13, knows neither flow control nor resets.
            *kept, last = kept
        for data in (b"".join(kept), last):
            if data:
                self._transport.write(data)
        if is_first and self._connection.logs_access:
            self._log_access()

    def _log_access(self) -> None:
        scope: Any = self.scope
        try:
            client, path = get_client_addr(scope), get_path_with_query_string(scope)
        except Exception:  # noqa: BLE001 - the app may have made of its scope what it wanted
            _ERRORS.exception("A request cannot be logged.\n")
            return
        _ACCESS.info('%s - "%s %s HTTP/%s" %d', client, scope["method"], path, scope["http_version"], self._status)
