"""The app inside an http middleware: started by `call_next`, heard message by message, and seen to its end.

It runs in a task of its own, as Starlette has it, but with neither a task group nor memory streams in between: futures
hand its messages over. So cancel scopes and task groups on either side never meet those of the other, whatever task
takes the answer. On Python 3.12 and later both sides share one context; on 3.11 what the app inside has set is set
outside when its answer begins.

The order of things is Starlette's: a message is handed over before the next one is sent; the last one of the answer
returns to its sender once all of the answer is sent, so that background tasks come after it; then nothing more is
heard, and a client that is listened for has left.
"""

from asyncio import AbstractEventLoop, CancelledError, Future, Task, current_task, get_running_loop
from collections import deque
from collections.abc import AsyncGenerator, Callable, MutableMapping
from contextlib import suppress
from contextvars import Context, copy_context
from typing import Any, Final

from anyio import CancelScope, EndOfStream
from starlette.middleware.base import _StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.words.errors import UnexpectedMessageError

_LEFT: Final = "http.disconnect"
_NOT_SET: Final = object()

# Python 3.12 and later.
_context_of: Callable[[Task[Any]], Context] | None = getattr(Task, "get_context", None)


class Inside:
    """One run of the app inside.

    Args:
        app: the app.
        scope: the request's.
        receive: what the app receives from, as long as the answer is not complete.
        send: takes what must not wait for the answer: early hints.
    """

    __slots__ = (
        *("_answered", "_app", "_cancelled", "_ended", "_error", "_listening", "_loop", "_messages", "_raised"),
        *("_receive", "_scope", "_send", "_task", "_waiting", "_waking"),
    )

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._loop: AbstractEventLoop = get_running_loop()
        self._messages: deque[tuple[Message, Future[None] | None]] = deque()
        self._waiting: Future[None] | None = None
        self._waking: list[Future[None]] = []
        self._listening: set[CancelScope] = set()
        self._task: Task[None] | None = None
        self._error: BaseException | None = None
        self._raised = self._answered = self._cancelled = self._ended = False

    # ------------------------------------------------------------------------------------------------- from the outside

    async def respond(self) -> _StreamingResponse:
        """Run the app until its answer begins, and return that: its body is what is still to come.

        Raises:
            Exception: the app's, where it fails before that.
            RuntimeError: it ends without an answer.
            UnexpectedMessageError: it begins with something else.
        """
        context = _context()
        self._task = Task(self._run(), loop=self._loop, context=context)
        info = None
        try:
            message = await self._next()
            while message["type"] in ("http.response.debug", "http.response.early_hint"):
                if message["type"] == "http.response.debug":
                    info = message["info"]
                else:
                    await self._send(message)
                message = await self._next()
        except EndOfStream:
            self._raised = True
            if self._error is None:
                raise RuntimeError("No response returned.") from None
            # As Starlette raises it: with its cause or context as its cause, so that this end is not told as one.
            raise self._error from self._error.__cause__ or self._error.__context__
        finally:
            _adopt(context)
        if message["type"] != "http.response.start":
            raise UnexpectedMessageError(message)
        response = _StreamingResponse(status_code=message["status"], content=self._body(), info=info)
        response.raw_headers = message.get("headers", [])
        return response

    async def _body(self) -> AsyncGenerator[bytes | MutableMapping[str, Any]]:
        with suppress(EndOfStream):
            while True:
                message = await self._next()
                if message["type"] == "http.response.pathsend":
                    yield message
                    return
                if message["type"] != "http.response.body":
                    raise UnexpectedMessageError(message)
                if body := message.get("body", b""):
                    yield body
                if not message.get("more_body", False):
                    return

    def stop_listening(self) -> None:
        """Let the app know that the answer is complete: nothing more of it will be sent."""
        self._answered = True
        for waking in (*self._waking, *(taken for _, taken in self._messages if taken is not None)):
            _wake(waking)
        for listening in self._listening:
            listening.cancel()

    async def finish(self) -> None:
        """Wait until the app has ended.

        Raises:
            Exception: the app's, unless it was raised already.
        """
        await self._join()
        if self._error is not None and not self._raised:
            raise self._error

    async def abandon(self) -> None:
        """Cancel the app, and wait until it has ended."""
        self._cancel()
        await self._join()

    def _cancel(self) -> None:
        if self._task is not None and not (self._ended or self._cancelled):
            self._cancelled = True
            self._task.cancel()

    async def _join(self) -> None:
        cancelled: CancelledError | None = None
        while self._task is not None and not self._ended:
            try:
                await self._wait()
            except CancelledError as error:
                # A scope around this says so again and again; those inside are told once, and may clean up.
                self._cancel()
                cancelled = error
        if cancelled is not None:
            raise cancelled

    async def _next(self) -> Message:
        """Return the next message.

        Raises:
            EndOfStream: there is none to come.
        """
        while not self._messages:
            if self._ended:
                raise EndOfStream
            await self._wait()
        message, taken = self._messages.popleft()
        if taken is not None:
            _wake(taken)
        return message

    async def _wait(self) -> None:
        """Wait for a message, or for the end."""
        self._waiting = self._loop.create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None

    # -------------------------------------------------------------------------------------------------- from the inside

    async def _run(self) -> None:
        try:
            await self._app(self._scope, self.receive, self.send)
        except CancelledError:
            pass  # from here or by someone inside: an app without an answer, or with half of one
        except BaseException as error:  # noqa: BLE001 - raised outside
            self._error = error
        finally:
            self._ended = True
            if self._waiting is not None:
                _wake(self._waiting)

    async def send(self, message: Message) -> None:
        """Hand a message over; the last one of an answer waits until all of it was sent."""
        if self._answered:
            return
        if self._waiting is not None and not self._waiting.done():
            self._messages.append((message, None))
            self._waiting.set_result(None)
        else:
            await self._hand_over(message)
        kind = message["type"]
        if kind == "http.response.pathsend" or (kind == "http.response.body" and not message.get("more_body", False)):
            await self._until_answered()

    async def _hand_over(self, message: Message) -> None:
        entry = (message, self._loop.create_future())
        self._messages.append(entry)
        try:
            await entry[1]
        except CancelledError:
            if entry in self._messages:
                self._messages.remove(entry)
            raise

    async def _until_answered(self) -> None:
        if not self._answered:
            waking = self._loop.create_future()
            self._waking.append(waking)
            await waking

    async def receive(self) -> Message:
        """Receive what the client sends; once the answer is complete, that it has left."""
        message: Message = {"type": _LEFT}
        if not self._answered:
            with CancelScope() as listening:
                self._listening.add(listening)
                try:
                    message = await self._receive()
                finally:
                    self._listening.discard(listening)
        return {"type": _LEFT} if self._answered else message


def _wake(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _context() -> Context:
    """Return the context in which the app inside runs: that of the task outside, where Python tells it."""
    task = current_task()
    return copy_context() if _context_of is None or task is None else _context_of(task)


def _adopt(context: Context) -> None:
    """Set what is set in a copy of this context; if it is this one itself, all is."""
    for variable, value in context.items():
        if variable.get(_NOT_SET) is not value:
            variable.set(value)
