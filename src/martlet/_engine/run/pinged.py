"""Events with a comment in between wherever their source is silent for long.

The source runs in a task of its own, since waiting for it with a timeout would cancel it in the middle. That task is
taken to the next event on the spot (`eager.py`): only a source that has to wait costs turns of the loop and a timer. On
trio, anyio does the same for more.

COMPAT: FastAPI has the source in a task group, and so whatever is raised in there comes as a group.
"""

from asyncio import AbstractEventLoop, CancelledError, Future, get_running_loop
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager, nullcontext
from typing import Any, Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream

from martlet._engine.run.eager import Beside
from martlet._engine.words.hooks import HOOKS
from martlet.sse import KEEPALIVE_COMMENT

_NOTHING: Final = b""


@asynccontextmanager
async def pinged(source: AsyncIterator[bytes]) -> AsyncIterator[AsyncGenerator[bytes]]:
    """Give the events of `source`, none of which is empty, and the comments; the source is closed in the end."""
    try:
        loop = get_running_loop()
    except RuntimeError:
        async with _pinged_on_trio(source) as events:
            yield events
        return
    producer = _Producer(source, loop)
    try:
        yield producer.events()
    except Exception as error:
        if producer.has_raised(error):
            raise
        raise _group(error) from None
    finally:
        await producer.end()


def closed(source: Any) -> AbstractAsyncContextManager[Any]:
    """Close `source` at the end, if it can be: a decorated endpoint may return an iterator without `aclose`."""
    return aclosing(source) if hasattr(source, "aclose") else nullcontext()


def _group(error: BaseException) -> BaseExceptionGroup[BaseException]:
    return BaseExceptionGroup("unhandled errors in a TaskGroup", [error])


class _Producer:
    """Runs a source, one event ahead of who takes them.

    Args:
        source: the source.
        loop: the loop that this runs in.
    """

    def __init__(self, source: AsyncIterator[bytes], loop: AbstractEventLoop) -> None:
        self._source = source
        self._loop = loop
        self._event = _NOTHING
        self._taken: Future[None] = loop.create_future()
        self._waiting: Future[bool] | None = None
        self._error: BaseException | None = None
        self._raised: BaseException | None = None
        self._is_wanted = True
        self._ended = False
        self._run = Beside(self._produce(), loop)

    async def events(self) -> AsyncGenerator[bytes]:
        """Yield the events, and a comment whenever none came for so long."""
        while not self._ended or self._event:
            if self._event:
                event, self._event = self._event, _NOTHING
                if not self._taken.done():
                    self._taken.set_result(None)
                yield event
            elif not (self._run.go_on() or await self._comes()):
                yield KEEPALIVE_COMMENT
        self._raise()

    def has_raised(self, error: BaseException) -> bool:
        """Whether an error is the source's, as it was raised here."""
        return error is self._raised

    async def end(self) -> None:
        """End the source, wherever it is."""
        self._is_wanted = False
        self._raised = None
        await self._run.end()

    def _raise(self) -> None:
        error, self._error = self._error, None
        if error is not None:
            self._raised = _group(error)
            try:
                raise self._raised
            finally:
                del error  # its traceback holds this frame

    async def _comes(self) -> bool:
        """Wait for what the source does next, and return whether that came in time."""
        waiting: Future[bool] = self._loop.create_future()
        self._waiting = waiting
        timer = self._loop.call_later(HOOKS.ping_interval(), self._tell, False)
        try:
            return await waiting
        finally:
            self._waiting = None
            timer.cancel()

    def _tell(self, came: bool) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(came)

    async def _produce(self) -> None:
        try:
            async with closed(self._source):
                async for event in self._source:
                    await self._hand_over(event)
        except CancelledError:
            pass
        except BaseException as error:  # noqa: BLE001 - raised where the events are taken
            self._error = error
        finally:
            self._ended = True
            self._tell(True)

    async def _hand_over(self, event: bytes) -> None:
        if self._event:
            self._taken = self._loop.create_future()
            await self._taken
        if not self._is_wanted:
            raise CancelledError  # it has kept the first one to itself
        self._event = event
        self._tell(True)


@asynccontextmanager
async def _pinged_on_trio(source: AsyncIterator[bytes]) -> AsyncIterator[AsyncGenerator[bytes]]:
    sender, receiver = anyio.create_memory_object_stream[bytes](max_buffer_size=1)

    async def produce() -> None:
        async with sender, closed(source):
            async for event in source:
                await sender.send(event)

    async with receiver, anyio.create_task_group() as tasks:
        tasks.start_soon(produce)
        yield _received(receiver)
        tasks.cancel_scope.cancel()


async def _received(receiver: MemoryObjectReceiveStream[bytes]) -> AsyncGenerator[bytes]:
    while True:
        event = KEEPALIVE_COMMENT
        with anyio.move_on_after(HOOKS.ping_interval()):
            try:
                event = await receiver.receive()
            except anyio.EndOfStream:
                return
        yield event
