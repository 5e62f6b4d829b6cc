"""A coroutine with a task of its own that others may run on the spot, in the middle of their task, as far as it goes.

asyncio's own eager tasks (Python 3.12) refuse the context of the task that starts them, which here may be the same, and
are eager only once. What this coroutine waits for may have come before the loop gives its task a turn: then whoever
waits for the coroutine takes it further at once, and the turn finds it where it is by then.

While it runs on the spot, its task is the current one for asyncio and anyio. The functions that say so are there for
whoever makes tasks: https://docs.python.org/3/library/asyncio-extending.html#task-lifetime-support
"""

from asyncio import AbstractEventLoop, CancelledError, Future, Task, current_task, isfuture, wait
from asyncio.tasks import _enter_task, _leave_task
from collections.abc import Callable, Coroutine
from contextvars import Context, copy_context
from typing import Any, Final, NoReturn

from anyio import CancelScope

_NOTHING: Final = object()


class Eager(Coroutine[Any, Any, None]):
    """A coroutine, as its task sees it: the task is made of this object, which does not hold it.

    Args:
        coroutine: what is run; it keeps its errors to itself.
        context: what it is run in on the spot; None for the context of whoever does so.
    """

    __slots__ = ("_context", "_coroutine", "_has_ended", "_is_handed_over", "_is_told_already", "_waits_for")

    def __init__(self, coroutine: Coroutine[Any, Any, None], context: Context | None) -> None:
        self._coroutine = coroutine
        self._context = context
        # What it waits for, and whether its task was told so.
        self._waits_for: Any = _NOTHING
        self._is_handed_over = False
        self._has_ended = False
        # Whether its task is to hear of a cancellation that was raised on the spot.
        self._is_told_already = False

    def go_on(self, task: Task[None]) -> bool:
        """Run it on the spot, as `task`, which was made of this, up to where it has to wait.

        Returns:
            Whether it went on: what it waits for has come, or it had not begun.
        """
        if self._has_ended or not self._may_go_on():
            return False
        self._step(task, self._coroutine.send, None)
        return True

    def cancel(self, task: Task[None]) -> bool:
        """Raise CancelledError where it waits, on the spot, as `task`.

        Returns:
            Whether it has ended with that; if not, it waits again.
        """
        if not self._has_ended:
            waits_for, was_handed_over = self._waits_for, self._is_handed_over
            self._step(task, self._coroutine.throw, CancelledError())
            # Its task waits for that, and would go on doing so.
            self._is_told_already = was_handed_over and isfuture(waits_for) and waits_for.cancel()
        return self._has_ended

    def _step(self, task: Task[None], step: Callable[[Any], Any], given: Any) -> None:
        loop = task.get_loop()
        asking: Any = current_task(loop)
        _leave_task(loop, asking)
        _enter_task(loop, task)
        self._is_handed_over = False
        try:
            waits_for = step(given) if self._context is None else self._context.run(step, given)
            self._waits_for = waits_for
            _mark(waits_for, waited_for=False)
        except StopIteration:
            self._has_ended = True
        finally:
            del given  # an error whose traceback may hold this frame
            _leave_task(loop, task)
            _enter_task(loop, asking)

    def _may_go_on(self) -> bool:
        waits_for = self._waits_for
        if waits_for is _NOTHING:
            return True
        if type(waits_for) is not Future and not isfuture(waits_for):
            return False
        if not waits_for.done():
            return False
        # An error that the task waits for is raised by the task, and by nobody else: it would come twice.
        return not self._is_handed_over or not (waits_for.cancelled() or waits_for.exception())

    # ----------------------------------------------------------------------------------------------------- for the task

    def send(self, value: Any) -> Any:
        """Go on in the task, if that is where it waits or if what it waits for has come; else wait for that there."""
        if not (self._has_ended or self._is_handed_over or self._may_go_on()):
            return self._hand_over()
        return self._step_in_task(self._coroutine.send, value)

    def throw(self, *error: Any) -> Any:
        """Raise an error where it waits.

        If that is somewhere else than in the task, the task was cancelled, and what it waits for is what is cancelled.
        What comes of `cancel` was raised by that already.
        """
        try:
            if self._is_told_already:
                self._is_told_already = False
                return self.send(None)
            is_elsewhere = not (self._has_ended or self._is_handed_over)
            if is_elsewhere and isfuture(self._waits_for) and self._waits_for.cancel():
                return self._hand_over()
            return self._step_in_task(self._coroutine.throw, *error)
        finally:
            del error  # its traceback may hold this frame

    def _step_in_task(self, step: Callable[..., Any], *given: Any) -> Any:
        if self._has_ended:
            raise StopIteration
        try:
            self._waits_for = step(*given)
        except StopIteration:
            self._has_ended = True
            raise
        finally:
            del given  # as in `throw`
        self._is_handed_over = True
        return self._waits_for

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


class Beside:
    """A coroutine beside the task that makes it, in a task of its own that is run on the spot.

    Args:
        coroutine: what is run; it keeps its errors to itself.
        loop: the loop that this runs in.
    """

    __slots__ = ("_run", "_task")

    def __init__(self, coroutine: Coroutine[Any, Any, None], loop: AbstractEventLoop) -> None:
        context = copy_context()
        self._run = Eager(coroutine, context)
        self._task: Task[None] = Task(self._run, loop=loop, context=context)

    def go_on(self) -> bool:
        """Run it as far as it goes, and return whether it went on."""
        return self._run.go_on(self._task)

    async def end(self) -> None:
        """Cancel it: at once, unless it has to wait to clean up; every second if it goes on all the same."""
        while not self._run.cancel(self._task):
            with CancelScope(shield=True):
                await wait([self._task], timeout=1)


def _mark(waits_for: Any, *, waited_for: bool) -> None:
    """Mark what a coroutine waits for as such, on its way from there to a task and no longer.

    It is how asyncio tells `await` from a `yield`: others who wait for the same meanwhile would be refused.
    """
    if type(waits_for) is Future or isfuture(waits_for):
        waits_for._asyncio_future_blocking = waited_for
