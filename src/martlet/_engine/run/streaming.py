"""Sending a StreamingResponse: as Starlette does, but with no task group around it.

A server that speaks ASGI 2.3 or older does not say by its `send` that the client has left: someone has to listen, and
the stream is cancelled when they hear of it. Starlette runs the stream in a task beside the one that listens, in a task
group; here the stream is run where it is sent, and who listens has a task that is begun and ended on the spot
(`eager.py`). Newer servers, trio, and classes with a call of their own are left to Starlette.
"""

from asyncio import CancelledError, get_running_loop
from collections.abc import Awaitable
from typing import Any, Final

from anyio import CancelScope
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

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
    streaming = CancelScope()
    listener = _Listener(response.listen_for_disconnect(receive), streaming)
    with streaming:
        try:
            await response.stream_response(send)
        finally:
            await listener.end()
    if listener.error is not None:
        raise listener.error
    if response.background is not None:
        await response.background()


class _Listener:
    """Listens beside the stream.

    Args:
        listening: returns when the client has left.
        scope: what is cancelled then.
    """

    def __init__(self, listening: Awaitable[None], scope: CancelScope) -> None:
        self.error: Exception | None = None
        self._listening = listening
        self._scope = scope
        self._run = Beside(self._listen(), get_running_loop())
        self.end = self._run.end
        self._run.go_on()

    async def _listen(self) -> None:
        try:
            await self._listening
        except CancelledError:
            return
        except Exception as error:  # noqa: BLE001 - raised where the stream is sent
            self.error = error
        self._scope.cancel()
