"""Sending a StreamingResponse: as Starlette does, but with no task group around it.

A server that speaks ASGI 2.3 or older does not say by its `send` that the client has left: someone has to listen, and
the stream is cancelled when they hear of it. Starlette runs the stream in a task beside the one that listens, in a task
group; here the stream is run where it is sent, and who listens has a task that is begun and ended on the spot
(`eager.py`). It is begun when the stream first waits, since nobody hears of anything before that. Newer servers, trio,
and classes with a call of their own are left to Starlette.
"""

from asyncio import CancelledError, get_running_loop
from collections.abc import Awaitable, Generator
from typing import Any, Final

from anyio import CancelScope
from starlette.responses import Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from martlet._engine.run.eager import Beside

_CALL: Final = StreamingResponse.__call__
# Since this version the server raises OSError when it is to send to a client that has left.
_SEND_TELLS: Final = (2, 4)


def sending(response: Response, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
    """Return what sends a response when it is awaited: the call of the response, or what stands in for it."""
    if type(response).__call__ is _CALL and _has_to_listen(scope):
        return _stream(response, receive, send)
    return response(scope, receive, send)


def _has_to_listen(scope: Scope) -> bool:
    version = scope.get("asgi", {}).get("spec_version", "2.0")
    if scope["type"] != "http" or tuple(map(int, version.split("."))) >= _SEND_TELLS:
        return False
    try:
        get_running_loop()
    except RuntimeError:
        return False  # trio
    return True


async def _stream(response: Any, receive: Receive, send: Send) -> None:
    """Send a StreamingResponse for as long as its client is there; background tasks come in either case."""
    streaming = _Streaming(response, receive, send)
    with streaming.scope:
        try:
            await streaming
        finally:
            await streaming.end()
    if streaming.error is not None:
        raise streaming.error
    if response.background is not None:
        await response.background()


class _Streaming:
    """A stream, and who listens for its client.

    PERF: `bench stack-stream`.

    Args:
        response: what is sent.
        receive: what says that the client has left.
        send: where it goes.
    """

    __slots__ = (
        *("_excused", "_has_ended", "_is_sending", "_listening", "_receive", "_response", "_send"),
        *("error", "scope"),
    )

    def __init__(self, response: Any, receive: Receive, send: Send) -> None:
        self.scope = CancelScope()
        """What is cancelled when the client has left."""
        self.error: Exception | None = None
        """What was raised to who listens."""
        self._response = response
        self._receive = receive
        self._send = send
        self._listening: Beside | None = None
        self._is_sending = self._has_ended = False
        # How often something may wait to be sent before anybody listens.
        self._excused = 2

    def __await__(self) -> Generator[Any, Any, None]:
        """Run the stream, and have its client listened for from where it first waits for what to send.

        What waits while something is sent is an http middleware that takes its time for the head and for the end. Where
        that happens more often it is the server, which lets nobody wait for a client that has left, but has to tell
        somebody of it.
        """
        stream = self._response.stream_response(self._hand_on).__await__()
        step, given = stream.send, None
        while True:
            try:
                waits_for = step(given)
            except StopIteration:
                return
            finally:
                given = None  # an error, whose traceback holds this frame
            if self._listening is None:
                if self._is_sending and self._excused:
                    self._excused -= 1
                else:
                    self._listening = Beside(self._listen(), get_running_loop())
                    self._listening.go_on()
            try:
                yield waits_for
                step = stream.send
            except BaseException as error:  # noqa: BLE001 - raised where the stream waits
                step, given = stream.throw, error

    async def end(self) -> None:
        """Listen no more."""
        self._has_ended = True
        if self._listening is not None:
            await self._listening.end()

    async def _hand_on(self, message: Message) -> None:
        self._is_sending = True
        await self._send(message)
        self._is_sending = False

    async def _listen(self) -> None:
        try:
            await self._response.listen_for_disconnect(self._receive)
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - raised where the stream is sent
            self.error = error
        if not self._has_ended:
            self.scope.cancel()
