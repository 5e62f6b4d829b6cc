"""A coroutine with a task of its own that is run at once, in the middle of another task, up to where it first waits.

asyncio's own eager tasks (Python 3.12) refuse the context of the task that starts them, and belong to the loop once
they wait. Here the context may be the same, and a coroutine that waits for what has come meanwhile is taken further on
the spot. One that waits for nothing else costs no turn of the loop.

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

    __slots__ = ("_context", "_coroutine", "_is_left", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, None], context: Context | None) -> None:
        self._coroutine: Coroutine[Any, Any, None] | None = coroutine
        self._context = context
        self._waits_for: Any = _NOTHING
        # Once its task has begun, the loop alone takes it further.
        self._is_left = False

    def begin(self, task: Task[None]) -> None:
        """Run it on the spot as far as it goes, as `task`, which was made of this and has not begun."""
        self._step(self._coroutine, task)

    def go_on(self, task: Task[None], future: Future[None]) -> None:
        """Do so again if it waits for this future, which is done; unless the task has begun."""
        if self._waits_for is future and not self._is_left:
            self._step(self._coroutine, task)

    def _step(self, coroutine: Any, task: Task[None]) -> None:
        loop = task.get_loop()
        asking: Any = current_task(loop)
        _leave_task(loop, asking)
        _enter_task(loop, task)
        try:
            self._waits_for = coroutine.send(None) if self._context is None else self._context.run(coroutine.send, None)
        except StopIteration:
            self._coroutine, self._waits_for = None, _NOTHING
        finally:
            _leave_task(loop, task)
            _enter_task(loop, asking)

    # ----------------------------------------------------------------------------------------------------- for the task

    def send(self, value: Any) -> Any:
        """Go on in the task; at first, wait there for what it waits for already."""
        self._is_left = True
        if self._coroutine is None:
            raise StopIteration
        waits_for, self._waits_for = self._waits_for, _NOTHING
        return self._coroutine.send(value) if waits_for is _NOTHING else waits_for

    def throw(self, *error: Any) -> Any:
        """Raise an error where it waits: it was cancelled."""
        self._is_left = True
        if self._coroutine is None:
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
        if self._coroutine is not None:
            self._coroutine.close()
