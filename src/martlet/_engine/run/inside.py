"""The app inside an http middleware: started by `call_next`, heard message by message, and seen to its end.

It runs in a task of its own, as Starlette has it, but with neither a task group nor memory streams in between: futures
hand its messages over. So cancel scopes and task groups on either side never meet those of the other, whatever task
takes the answer. Its task is begun on the spot, and goes on on the spot whenever what it waits for has come meanwhile
(`run/eager.py`). On Python 3.12 and later both sides share one context; on 3.11 what the app inside has set is set
outside when its answer begins.

The order of things is Starlette's: a message is taken before the next one is sent; the last one of the answer returns
to its sender once all of the answer is sent, so that background tasks come after it; then nothing more is heard, and a
client that is listened for has left. Where the middleware sends the answer as it came, which is the usual case, the app
sends the body by itself from there on.
"""

from asyncio import AbstractEventLoop, CancelledError, Future, Task, current_task
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, MutableMapping
from contextvars import Context, copy_context
from types import coroutine
from typing import Any, Final

from anyio import EndOfStream
from starlette.middleware.base import _StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.run.eager import Eager
from martlet._engine.run.last import LastMessage
from martlet._engine.run.outgoing import server_side
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
        loop: the loop that this runs in.
    """

    __slots__ = (
        *("_answered", "_app", "_cancelled", "_copied", "_ended", "_error", "_failed", "_goes_on", "_has_given_end"),
        *("_is_direct", "_is_last", "_listening", "_loop", "_messages", "_out", "_receive", "_run", "_scope", "_send"),
        *("_sent", "_task", "_waiting", "_waking"),
    )

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, loop: AbstractEventLoop) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._loop = loop
        # What was sent, and what is done when it is taken; nothing, where that is not waited for.
        self._messages: deque[tuple[Message, Future[None] | None]] = deque()
        # What takes the body from the app itself once the answer outside is that and nothing else, whether that is the
        # server, and whether no background tasks follow there.
        self._out: Send | None = None
        self._is_direct = self._is_last = False
        # Somebody outside waits for a message, or for the end.
        self._waiting: Future[None] | None = None
        # Those inside wait for the answer to be complete, or for the client.
        self._waking: tuple[Future[None], ...] = ()
        self._listening: set[Task[Any]] | None = None
        # Raised by the app, and by what takes the body.
        self._error: BaseException | None = None
        self._failed: Exception | None = None
        # Whether what follows the answer goes on at once, since no background tasks are among it.
        self._goes_on = False
        # Whether all of the answer was sent by the app itself, or its end is on its way; whether all is done outside.
        self._sent = self._has_given_end = self._answered = self._cancelled = self._ended = False
        context, is_shared = _context(self._loop)
        self._copied = None if is_shared else context
        self._run = Eager(self._serve(), self._copied)
        self._task: Task[None] = Task(self._run, loop=self._loop, context=context)

    # ------------------------------------------------------------------------------------------------- from the outside

    async def respond(self) -> "Answer":
        """Run the app until its answer begins, and return that: its body is what is still to come.

        Raises:
            Exception: the app's, where it fails before that.
            RuntimeError: it ends without an answer.
            UnexpectedMessageError: it begins with something else.
        """
        info = None
        self._run.go_on(self._task)
        try:
            if self._messages and self._messages[0][0]["type"] == "http.response.start":
                message = self._take()
            else:
                message, info = await self._start()
        finally:
            if self._copied is not None:
                _adopt(self._copied)
        return Answer(self, message, info)

    async def _start(self) -> tuple[Message, Mapping[str, Any] | None]:
        """Return the message that begins the answer, and what a test client is told of it."""
        info = None
        message = await self._next()
        while message is not None and message["type"] != "http.response.start":
            if message["type"] == "http.response.debug":
                info = message["info"]
            elif message["type"] == "http.response.early_hint":
                await self._send(message)
            else:
                raise UnexpectedMessageError(message)
            message = await self._next()
        if message is None:
            _tell_of_no_stream(self._error)
            self._raise()
            raise RuntimeError("No response returned.")
        return message, info

    async def body(self) -> AsyncGenerator[bytes | MutableMapping[str, Any]]:
        """Yield the parts of the answer's body; a file that the server is to send is a message."""
        while (message := await self._next()) is not None:
            if message["type"] == "http.response.pathsend":
                yield message
                return
            if message["type"] != "http.response.body":
                raise UnexpectedMessageError(message)
            if body := message.get("body", b""):
                yield body
            if not message.get("more_body", False):
                return

    async def pass_on(self, send: Send, *, is_last: bool) -> None:
        """Send the answer's body as Starlette sends what `body` yields: its parts, and an empty one at the end.

        The app sends it by itself from where it is now. What `send` raises is raised here, and not in the app.

        Args:
            send: where it goes.
            is_last: whether no background tasks follow from outside.
        """
        has_more, self._is_direct = True, server_side(send) is not None
        while has_more and self._messages:
            message, marks = self._take(), is_last and self._goes_on
            has_more = await _hand_on(message, send, is_direct=self._is_direct, is_last=marks)
        self._out, self._is_last = send, is_last
        try:
            while has_more and not (self._ended or self._sent or self._failed):
                if not self._run.go_on(self._task):
                    await self._wait()
        finally:
            self._out = None
        if self._failed is not None:
            self._cancel()
            self._error, self._failed = self._failed, None
            self._raise()
        if has_more and not self._sent:
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    def stop_listening(self) -> None:
        """Let the app know that the answer is complete: nothing more of it will be sent."""
        if self._answered:
            return
        self._answered = True
        for waking in (*self._waking, *(taken for _, taken in self._messages if taken is not None)):
            _wake(waking)
        for listening in self._listening or ():
            listening.cancel()

    async def finish(self) -> None:
        """Wait until the app has ended.

        Raises:
            Exception: the app's, unless it was raised already.
        """
        if self._goes_on:
            self._run.go_on(self._task)
        if not self._ended:
            await self._join()
        if self._error is not None:
            self._raise()

    def _raise(self) -> None:
        """Raise what the app has raised, if that is not done yet."""
        error, self._error = self._error, None
        if error is not None:
            try:
                raise error
            finally:
                del error  # its traceback holds this frame

    async def abandon(self) -> None:
        """Cancel the app, and wait until it has ended."""
        self._cancel()
        await self._join()

    def _cancel(self) -> None:
        if not (self._ended or self._cancelled):
            self._cancelled = True
            self._task.cancel()

    async def _join(self) -> None:
        cancelled: CancelledError | None = None
        # The next turn of its task may be its last: that comes before ours.
        waits: Callable[[], Awaitable[None]] = _turn
        while not self._ended:
            try:
                await waits()
                waits = self._wait
            except CancelledError as error:
                # A scope around this says so again and again; those inside are told once, and may clean up.
                self._cancel()
                cancelled = error
        if cancelled is not None:
            raise cancelled

    async def _next(self) -> Message | None:
        """Return the next message; None: there is none to come."""
        while not self._messages:
            if self._ended:
                return None
            if not self._run.go_on(self._task):
                await self._wait()
        return self._take()

    def _take(self) -> Message:
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

    def _tell(self) -> None:
        """Let who waits outside look again."""
        if self._waiting is not None:
            _wake(self._waiting)

    # -------------------------------------------------------------------------------------------------- from the inside

    async def _serve(self) -> None:
        try:
            await self._app(self._scope, self.receive, self.send)
        except CancelledError:
            pass  # from here or by someone inside: an app without an answer, or with half of one
        except BaseException as error:  # noqa: BLE001 - raised outside
            self._error = error
        finally:
            self._ended = True
            self._tell()

    async def send(self, message: Message) -> None:
        """Send on a part of the body, or hand over what is still asked for outside."""
        # (looked at here: who calls this and awaits it later, in a task of its own say, finds what is true by then)
        if self._answered:
            return
        if self._out is None:
            await self._hand_over(message)
            return
        goes_on = self._is_last and type(message) is LastMessage
        try:
            if await _hand_on(message, self._give, is_direct=self._is_direct, is_last=goes_on):
                return
            self._sent = True
        except CancelledError:
            # (as who waits for a client is told that the answer is complete: with its end, which is not sent again)
            self._sent = self._has_given_end
            raise
        except Exception as error:  # noqa: BLE001 - raised outside, and the app is cancelled
            self._failed, goes_on = error, False
        self._tell()
        if goes_on:
            self.stop_listening()
        else:
            until = self._loop.create_future()
            self._waking = (*self._waking, until)
            await until

    def _give(self, message: Message) -> Awaitable[None]:
        out: Any = self._out
        self._has_given_end = not message.get("more_body", False)
        sent: Awaitable[None] = out(message)
        return sent

    async def _hand_over(self, message: Message) -> None:
        """Let a message be taken outside.

        The last one of an answer waits until all of that was sent, any other one until it is taken.
        """
        kind = message["type"]
        until = self._loop.create_future()
        if kind == "http.response.pathsend" or (kind == "http.response.body" and not message.get("more_body", False)):
            self._waking = (*self._waking, until)
            self._goes_on = type(message) is LastMessage
            self._messages.append((message, None))
        else:
            self._messages.append((message, until))
        self._tell()
        try:
            await until
        except CancelledError:
            self._take_back(message)
            raise

    def _take_back(self, message: Message) -> None:
        """Forget a message that was not taken yet."""
        self._messages = deque(entry for entry in self._messages if entry[0] is not message)

    async def receive(self) -> Message:
        """Receive what the client sends; once the answer is complete, that it has left."""
        if self._is_complete():
            return {"type": _LEFT}
        task: Any = current_task(self._loop)
        already = task.cancelling()
        if self._listening is None:
            self._listening = set()
        self._listening.add(task)
        message: Message = {"type": _LEFT}
        try:
            message = await self._receive()
        except CancelledError:
            if not self._is_complete() or task.uncancel() > already:
                raise
        finally:
            self._listening.discard(task)
        return {"type": _LEFT} if self._is_complete() else message

    def _is_complete(self) -> bool:
        return self._answered


async def _hand_on(message: Message, out: Send, *, is_direct: bool, is_last: bool) -> bool:
    """Send a part of an answer's body outside, and its end with the last one; return whether there is more to come.

    Args:
        message: the part.
        out: where it goes.
        is_direct: whether that is surely the server, who does not mind if the end comes with the last part.
        is_last: whether the end is to be marked as the last message.
    """
    if message["type"] == "http.response.pathsend":
        await out(message)
        return False
    if message["type"] != "http.response.body":
        raise UnexpectedMessageError(message)
    body, has_more = message.get("body", b""), bool(message.get("more_body", False))
    if is_direct:
        if body or not has_more:
            await out(message)
        return has_more
    if body:
        await out({"type": "http.response.body", "body": body, "more_body": True})
    if not has_more:
        end: Message = {"type": "http.response.body", "body": b"", "more_body": False}
        await out(LastMessage(end) if is_last else end)
    return has_more


class Answer(_StreamingResponse):
    """What `call_next` returns: Starlette's class, of which the body is made an iterator only for those who ask for it.

    Args:
        inside: the app that answers.
        start: the message that began the answer.
        info: what a test client is told of it.
    """

    def __init__(self, inside: Inside, start: Message, info: Mapping[str, Any] | None) -> None:
        # Without Starlette's: it would make headers, to be replaced by those that there are.
        self._inside = inside
        self._body: Any = None
        self.status_code = start["status"]
        self.raw_headers = start.get("headers", [])
        self.media_type = None
        self.background: Any = None
        self.info = info

    @property
    def body_iterator(self) -> Any:
        """The parts of the body; may be set to others."""
        if self._body is None:
            self._body = self._inside.body()
        return self._body

    @body_iterator.setter
    def body_iterator(self, parts: Any) -> None:
        self._body = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer.

        PERF: `bench stack`.
        """
        if self._body is not None or self.info is not None:
            await super().__call__(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await self._inside.pass_on(send, is_last=self.background is None)
        if self.background:
            await self.background()


# The name that people look for in `type(response).__name__`.
Answer.__name__ = Answer.__qualname__ = _StreamingResponse.__name__


def _tell_of_no_stream(error: BaseException | None) -> None:
    """Give an error the origin that is told with its traceback: its own, and not that of another middleware.

    COMPAT: Starlette raises it while a stream has ended; its tests/middleware/test_base.py wants to find a context, and
    finds it suppressed.
    """
    if error is not None:
        error.__cause__ = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        error.__context__ = error.__context__ or EndOfStream()


@coroutine
def _turn() -> Generator[None]:
    """Let others have their turn: as `asyncio.sleep(0)`, which is two coroutines around this."""
    yield


def _wake(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _context(loop: AbstractEventLoop) -> tuple[Context, bool]:
    """Return the context that the app inside runs in, and whether it is that of the task outside."""
    task = current_task(loop)
    return (copy_context(), False) if _context_of is None or task is None else (_context_of(task), True)


def _adopt(context: Context) -> None:
    """Set what was set in a copy of this context."""
    for variable, value in context.items():
        if variable.get(_NOT_SET) is not value:
            variable.set(value)
