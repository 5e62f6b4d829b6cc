"""A coroutine with a task of its own that others may run on the spot, in the middle of their own task, as far as it goes.

asyncio's own eager tasks (Python 3.12) refuse the context of the task that starts them, which here may be the same, and
they are eager only once. What this coroutine waits for may have come before the loop gives its task a turn: then whoever
waits for the coroutine takes it further at once, and the turn finds it where it is by then.

While it runs on the spot, its task is the current one for asyncio and anyio. The functions that say so are there for
whoever makes tasks: https://docs.python.org/3/library/asyncio-extending.html#task-lifetime-support
"""

from asyncio import Task, current_task, isfuture
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

    __slots__ = ("_context", "_coroutine", "_has_ended", "_is_handed_over", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, None], context: Context | None) -> None:
        self._coroutine = coroutine
        self._context = context
        # What it waits for, and whether its task was told so.
        self._waits_for: Any = _NOTHING
        self._is_handed_over = False
        self._has_ended = False

    def go_on(self, task: Task[None]) -> bool:
        """Run it on the spot, as `task`, which was made of this, up to where it has to wait.

        Returns:
            Whether it went on: what it waits for has come, or it had not begun.
        """
        if self._has_ended or not self._may_go_on():
            return False
        loop = task.get_loop()
        asking: Any = current_task(loop)
        step = self._coroutine.send
        _leave_task(loop, asking)
        _enter_task(loop, task)
        try:
            self._waits_for = step(None) if self._context is None else self._context.run(step, None)
            self._is_handed_over = False
            _mark(self._waits_for, waited_for=False)
        except StopIteration:
            self._has_ended = True
        finally:
            _leave_task(loop, task)
            _enter_task(loop, asking)
        return True

    def _may_go_on(self) -> bool:
        waits_for = self._waits_for
        return waits_for is _NOTHING or (isfuture(waits_for) and waits_for.done())

    # ----------------------------------------------------------------------------------------------------- for the task

    def send(self, value: Any) -> Any:
        """Go on in the task, if that is where it waits or if what it waits for has come; else wait for that there."""
        if self._has_ended:
            raise StopIteration
        if not self._is_handed_over and not self._may_go_on():
            return self._hand_over()
        self._waits_for = self._coroutine.send(value)
        self._is_handed_over = True
        return self._waits_for

    def throw(self, *error: Any) -> Any:
        """Raise an error where it waits.

        If that is somewhere else than in the task, the task was cancelled, and what it waits for is what is cancelled.
        """
        try:
            if self._has_ended:
                raise StopIteration
            if not self._is_handed_over and isfuture(self._waits_for) and self._waits_for.cancel():
                return self._hand_over()
            self._waits_for = self._coroutine.throw(*error)
            self._is_handed_over = True
            return self._waits_for
        finally:
            del error  # its traceback may hold this frame

    def _hand_over(self) -> Any:
        """Return what it waits for to the task."""
        self._is_handed_over = True
        _mark(self._waits_for, waited_for=True)
        return self._waits_for

    def __await__(self) -> NoReturn:
        raise RuntimeError("Only its task runs it.")

    def close(self) -> None:
        """Give it up: its task is destroyed before its end."""
        self._coroutine.close()


def _mark(waits_for: Any, *, waited_for: bool) -> None:
    """Mark what a coroutine waits for as such, on its way from there to a task and no longer.

    It is how asyncio tells `await` from a `yield`: others who wait for the same meanwhile would be refused.
    """
    if isfuture(waits_for):
        waits_for._asyncio_future_blocking = waited_for
