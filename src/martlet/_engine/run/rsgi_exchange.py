"""One request over RSGI as ASGI's `receive` and `send`: the bridge, for whatever has no direct way.

An answer that says its length and is there at once goes out in one call, and so does a small one without a length that
is complete before the loop's next turn. Any other goes through a pipe, piece by piece, which stays bounded
(`rsgi_pipe.py`). As under uvicorn, what is sent to a client that has left is dropped, and `receive` says that it has
left.

What goes out is held to HTTP here too: Granian drops a header that is not legal, and a status that is none ends its
worker. RSGI cannot break off a body: of a stream that fails after something of it has left, the client sees the end too
early only if it was told a length.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from time import monotonic
from typing import Any, ClassVar, Final

from starlette.types import Message, Scope

from martlet._engine.run.limits import announced
from martlet._engine.run.outgoing import check_final_status, check_length, is_bodiless
from martlet._engine.run.rsgi import RSGIHTTP, Pairs, RSGIScope, asgi_scope, ends, legal_texts
from martlet._engine.run.rsgi_clients import Client
from martlet._engine.run.rsgi_pipe import AT_ONCE, CAN_PIPE, Channel, Pipe, room_for_one
from martlet.logger import logger

# A body up to this size is taken at once, in bytes; larger ones, and those of unknown size, piece by piece.
_WHOLE: Final = 1 << 20
# The parts of a stream that are kept until the loop's next turn come within this time, in seconds: an endpoint that
# blocks the loop gives it no turn, and its parts are not to wait for the end (the first one waits for the second).
_LONGEST: Final = 0.001


class Exchange:
    """What ASGI's `receive` and `send` are for one request.

    Args:
        scope: the head of the request.
        proto: its body and its answer.
    """

    __slots__ = (
        *("_announced", "_begun", "_client", "_has_left", "_head", "_is_answered", "_is_empty", "_is_ended"),
        *("_is_read", "_kept", "_length", "_opening", "_outlet", "_over", "_pieces", "_proto", "_read", "_scope"),
        *("_sent", "_watching"),
    )

    is_server_s: ClassVar[bool] = True
    """See `ServerSide`."""

    def __init__(self, scope: RSGIScope, proto: RSGIHTTP) -> None:
        self._scope = scope
        self._proto = proto
        self._pieces: AsyncIterator[bytes] | None = None
        self._announced: int | None = None
        self._read = 0
        self._is_read = False
        # Set when the answer is complete or the client has left; made when somebody waits for that.
        self._over: asyncio.Event | None = None
        self._watching: asyncio.Task[None] | None = None
        self._client: Client | None = None
        self._has_left = False
        self._head: tuple[int, Pairs] | None = None
        self._length: int | None = None
        self._is_empty = False
        self._sent = 0
        self._outlet: Pipe | Channel | None = None
        # Whether all of it was handed over; whether nothing more comes from the app.
        self._is_answered = self._is_ended = False
        # The beginning of a stream, and what begins its answer in the loop's next turn.
        self._kept = b""
        self._begun = 0.0
        self._opening: asyncio.Handle | None = None

    # -------------------------------------------------------------------------------------------------------- receiving

    async def receive(self) -> Message:
        """Return the next part of the body, and after its end wait until the client leaves or has its answer."""
        if self._is_read:
            await self._wait()
            return {"type": "http.disconnect"}
        if self._pieces is None:
            headers = self._scope.headers
            length = headers.get("content-length")
            if length is None and self._is_http1 and "transfer-encoding" not in headers:
                self._is_read = True
                return _body(b"")
            self._announced = announced(length) if length is not None else None
            if self._announced is not None and self._announced <= _WHOLE:
                return await self._receive_whole()
            self._pieces = aiter(self._proto)
        return await self._receive_piece(self._pieces)

    @property
    def _is_http1(self) -> bool:
        return self._scope.http_version.startswith("1")

    async def _receive_whole(self) -> Message:
        self._is_read = True
        try:
            return _body(await self._proto())
        except Exception:  # noqa: BLE001 - the server's own class: the client has gone
            return self._leave()

    async def _receive_piece(self, pieces: AsyncIterator[bytes]) -> Message:
        piece = await _next_piece(pieces) or b""
        self._read += len(piece)
        if piece:
            return _body(piece, more=True)
        self._is_read = True
        if self._announced is not None:
            is_broken = self._read < self._announced
        else:
            # COMPAT: Granian marks the end by one empty piece; an error, and then the end, are two.
            is_broken = self._is_http1 and await _next_piece(pieces) is not None
        return self._leave() if is_broken else _body(b"")

    def _leave(self) -> Message:
        """Note that the client has left, and tell those who wait for that."""
        self._has_left = True
        if self._over is not None:
            self._over.set()
        return {"type": "http.disconnect"}

    async def _wait(self) -> None:
        if not (self._has_left or self._is_ended):
            await self._watch().wait()

    def _watch(self) -> asyncio.Event:
        """Notice from now on when the client leaves; return the event that is set then."""
        if self._over is None:
            self._over = asyncio.Event()
            self._watching = asyncio.get_running_loop().create_task(self._watch_client())
        return self._over

    async def _watch_client(self) -> None:
        await self._proto.client_disconnect()
        self._lose()

    def _lose(self) -> None:
        if self._outlet is not None:
            self._outlet.abort()
        self._leave()

    # ---------------------------------------------------------------------------------------------------------- sending

    @property
    def has_begun(self) -> bool:
        """Whether something of the answer was sent; as long as not, it may begin anew."""
        return self._is_answered or self._outlet is not None

    async def send(self, message: Message) -> None:
        """Take the next part of the answer.

        Raises:
            InvalidAnswerError: it is not legal HTTP.
            RuntimeError: it comes out of turn.
        """
        kind = message["type"]
        if kind == "http.response.start" and not self.has_begun:
            self._head = self._checked(message["status"], message.get("headers", ()))
        elif kind == "http.response.body" and self._head is not None:
            body, has_more = message.get("body", b""), message.get("more_body", False)
            if not self._take(self._head, body, more=has_more):
                await self._write(self._head, body, more=has_more)
        else:
            raise RuntimeError(f"Unexpected ASGI message {kind!r}: an answer is one start, then its body.")

    def _checked(self, status: int, headers: Any) -> tuple[int, Pairs]:
        """Return the head of an answer, and begin it in the loop's next turn unless it announces a length."""
        check_final_status(status)
        texts, length = legal_texts(headers)
        is_head = self._scope.method == "HEAD"
        self._is_empty = is_head or is_bodiless(status)
        self._length = None if is_head or status == 304 else length
        self._sent = 0
        if self._opening is not None:
            self._forget()
        if self._length is None and not self._is_empty:
            # A stream; its first piece may take its time, and the head does not wait for it.
            self._begun = monotonic()
            self._opening = asyncio.get_running_loop().call_soon(self._open, (status, texts))
        return status, texts

    def _take(self, head: tuple[int, Pairs], body: bytes, *, more: bool) -> bool:
        """Take a part of the body; return whether it is done with: it was sent, or it is kept."""
        self._sent += len(body)
        if self._length is not None:
            check_length(self._length, self._sent, complete=not more)
        elif more and self._opening is not None and self._sent <= AT_ONCE and monotonic() - self._begun <= _LONGEST:
            self._kept += body
            return True
        is_first = not self._is_answered and self._outlet is None
        if is_first and (self._is_empty or not more or self._sent == self._length):
            self._answer(*head, self._kept + body)
        if self._is_answered and (self._is_empty or not more):
            # (a stream without an end is asked for by HEAD, too: it is over)
            self._finish()
        return self._is_answered

    async def _write(self, head: tuple[int, Pairs], body: bytes, *, more: bool) -> None:
        self._open(head)
        if self._outlet is None or self._has_left:
            # Whoever streams without end is cancelled by somebody who must have his turn.
            await asyncio.sleep(0)
        elif not await self._outlet.write(body):
            self._leave()
        if not more:
            self.close()

    def _answer(self, status: int, headers: Pairs, body: bytes) -> None:
        """Answer at once, by all of the body."""
        if self._is_empty:
            self._proto.response_empty(status, headers)
        else:
            self._proto.response_bytes(status, headers, bytes(body))
        self._open_no_more()
        self._is_answered = True

    def _open(self, head: tuple[int, Pairs]) -> None:
        """Begin an answer in pieces, unless it has begun."""
        self._open_no_more()
        if self._outlet is not None or self._is_answered or self._has_left:
            return
        if CAN_PIPE and not room_for_one():
            logger.error("There are too many streams at once: raise Granian's --runtime-blocking-threads.")
            self._proto.response_bytes(503, [("retry-after", "1")], b"")
            self._leave()
            self._finish()
            return
        if CAN_PIPE:
            self._outlet = Pipe(self._proto, *head, self._kept)
            self._client = Client(*ends(self._scope), self._lose, asyncio.get_running_loop())
        else:
            self._outlet = Channel(self._proto, *head)
        self._watch()

    def _open_no_more(self) -> None:
        if self._opening is not None:
            self._opening.cancel()
            self._opening = None

    def _forget(self) -> None:
        """Drop the beginning of a stream that was kept."""
        self._open_no_more()
        self._head, self._kept = None, b""

    def end(self) -> None:
        """Note that nothing more comes from the app: an answer that is not whole has failed."""
        if not (self._is_answered or self._is_ended or self._has_left):
            what = "completing" if self._head is not None else "starting"
            logger.error("ASGI callable returned without %s response.", what)
            self.fail()

    def fail(self) -> None:
        """Drop what is kept of an answer that will not be whole: where nothing of it was sent, the server says 500."""
        if not self.has_begun:
            self._forget()

    def close(self) -> None:
        """End what is left open; nothing more will be sent."""
        if self._is_ended:
            return
        try:
            if self._opening is not None and self._head is not None:
                self._open(self._head)
            if self._outlet is not None:
                self._outlet.close()
        finally:
            self._finish()

    def _finish(self) -> None:
        self._is_answered = self._is_ended = True
        self._open_no_more()
        if self._client is not None:
            self._client.forget()
            self._client = None
        if self._watching is not None:
            # A task that was cancelled keeps the frame in which it was: it must not be kept in turn.
            watching, self._watching = self._watching, None
            watching.cancel()
        if self._over is not None:
            self._over.set()


def _body(content: bytes, *, more: bool = False) -> Message:
    return {"type": "http.request", "body": content, "more_body": more}


async def _next_piece(pieces: AsyncIterator[bytes]) -> bytes | None:
    """Return the next piece of a body, None at its end.

    Not `anext(pieces, None)`: Granian's `__anext__` says at once that it is over, and CPython up to 3.13 then follows a
    null pointer.
    """
    try:
        return await anext(pieces)
    except StopAsyncIteration:
        return None


def _has_more_to_tell(error: Exception) -> bool:
    """Whether an error has a cause or parts: Granian tells of neither."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return before is not None or isinstance(error, ExceptionGroup)


class Bridge:
    """Calls what speaks ASGI for requests over RSGI.

    Args:
        app: the app that scopes name.
        state: what the lifespan has left for each request; None where it said nothing.
    """

    def __init__(self, app: Any, state: Mapping[str, Any] | None = None) -> None:
        self.app = app
        self.state = state

    def open_scope(self, scope: RSGIScope) -> Scope:
        """Return ASGI's scope of a request."""
        return asgi_scope(scope, self.app, self.state)

    async def serve(
        self,
        serve: Callable[..., Awaitable[Any]],
        scope: RSGIScope,
        proto: RSGIHTTP,
        *more: Any,
        goes_to_server: bool = True,
    ) -> None:
        """Answer a request by an ASGI app.

        Args:
            serve: the app.
            scope: the head of the request.
            proto: its body and its answer.
            more: what the app is given beside ASGI's three arguments.
            goes_to_server: whether what it raises is the server's to tell, and nobody's here to answer.
        """
        exchange = Exchange(scope, proto)
        try:
            await serve(self.open_scope(scope), exchange.receive, exchange.send, *more)
            exchange.end()
        except BaseException as error:
            exchange.fail()
            if goes_to_server and isinstance(error, Exception) and _has_more_to_tell(error):
                logger.error("Of this error the server tells the last part alone:", exc_info=error)
            raise
        finally:
            exchange.close()
