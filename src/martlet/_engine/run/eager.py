"""A coroutine with a task of its own that is run at once, in the middle of another task, up to where it first waits.

asyncio's own eager tasks (Python 3.12) refuse the context of the task that starts them; here it may be the same. What
the coroutine waits for may have come by the time that the loop begins with its task: then it goes on with that turn.

While it runs on the spot, its task is the current one for asyncio and anyio. The functions that say so are there for
whoever makes tasks: https://docs.python.org/3/library/asyncio-extending.html#task-lifetime-support
"""

from asyncio import Future, Task, current_task
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Coroutine
from contextvars import Context
from typing import Any, Final, NoReturn

_NOTHING: Final = object()


class Eager(Coroutine[Any, Any, None]):
    """A coroutine, as its task sees it: the task is made of this object, which does not hold it.

    Args:
        coroutine: what is run; it keeps its errors to itself.
        context: what it is run in on the spot; None for the context of whoever does so.
    """

    __slots__ = ("_context", "_coroutine", "_has_ended", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, None], context: Context | None) -> None:
        self._coroutine = coroutine
        self._context = context
        self._waits_for: Any = _NOTHING
        self._has_ended = False

    def begin(self, task: Task[None]) -> None:
        """Run it on the spot up to where it first waits, as `task`, which was made of this."""
        loop = task.get_loop()
        asking: Any = current_task(loop)
        begin = self._coroutine.send
        _leave_task(loop, asking)
        _enter_task(loop, task)
        try:
            self._waits_for = begin(None) if self._context is None else self._context.run(begin, None)
        except StopIteration:
            self._has_ended = True
        finally:
            _leave_task(loop, task)
            _enter_task(loop, asking)

    # ----------------------------------------------------------------------------------------------------- for the task

    def send(self, value: Any) -> Any:
        """Go on in the task; at first, wait there for what it waits for already, unless that has come meanwhile."""
        if self._has_ended:
            raise StopIteration
        waits_for, self._waits_for = self._waits_for, _NOTHING
        if waits_for is _NOTHING or (isinstance(waits_for, Future) and waits_for.done()):
            return self._coroutine.send(value)
        return waits_for

    def throw(self, *error: Any) -> Any:
        """Raise an error where it waits: it was cancelled."""
        if self._has_ended:
            raise StopIteration
        self._waits_for = _NOTHING
        try:
            return self._coroutine.throw(*error)
        finally:
            del error  # its traceback may hold this frame

    def __await__(self) -> NoReturn:
        raise RuntimeError("Only its task runs it.")

    def close(self) -> None:
        """Give it up: its task is destroyed before its end."""
        self._coroutine.close()
