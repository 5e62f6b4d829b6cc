"""Work to do after the response has been sent."""

from collections.abc import Callable
from inspect import CO_COROUTINE
from types import FunctionType
from typing import Any, Final, ParamSpec

import starlette.background
from starlette.background import BackgroundTask
from starlette.background import BackgroundTasks as StarletteBackgroundTasks

from martlet._engine.words.hooks import HOOKS
from martlet._engine.words.own import own

P = ParamSpec("P")

# What Starlette calls for a task that is added. Libraries put another in its place, which may be there already.
_ADD: Final = own(StarletteBackgroundTasks.add_task, starlette.background)
_INIT: Final = own(BackgroundTask.__init__, starlette.background)


class BackgroundTasks(StarletteBackgroundTasks):
    """The functions to call once the response is out; declare a parameter of this type to add to them.

    They run one after the other, in the order in which they were added, and the first that fails ends them.
    """

    def add_task(self, func: Callable[P, Any], *args: P.args, **kwargs: P.kwargs) -> None:
        """Add a function to be called after the response.

        Args:
            func: a coroutine function, or a plain one, which is called in a thread.
            args: its positional arguments.
            kwargs: its keyword arguments.
        """
        is_coroutine = type(func) is FunctionType and func.__code__.co_flags & CO_COROUTINE
        is_own_way = StarletteBackgroundTasks.add_task is _ADD and BackgroundTask.__init__ is _INIT
        if is_coroutine and is_own_way:
            self.tasks.append(_coroutine_task(func, args, kwargs))
        else:
            super().add_task(func, *args, **kwargs)

    async def __call__(self) -> None:
        """Call them."""
        for task in self.tasks:
            if HOOKS.watching:
                with HOOKS.operation("background_task", task.func):
                    await task()
            else:
                await task()


def _coroutine_task(func: Any, args: Any, kwargs: Any) -> BackgroundTask:
    """Return the task that calls a coroutine function.

    PERF: `bench stack-background`. Starlette's own constructor asks for what is known of the function already.
    """
    task = BackgroundTask.__new__(BackgroundTask)
    is_async: Any = True
    task.func, task.args, task.kwargs, task.is_async = func, args, kwargs, is_async
    return task
