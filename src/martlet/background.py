"""Work to do after the response has been sent."""

from collections.abc import Callable
from typing import Any, ParamSpec

from starlette.background import BackgroundTasks as StarletteBackgroundTasks

from martlet._engine.words.hooks import HOOKS

P = ParamSpec("P")


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
        super().add_task(func, *args, **kwargs)

    async def __call__(self) -> None:
        """Call them."""
        for task in self.tasks:
            if HOOKS.watching:
                with HOOKS.operation("background_task", task.func):
                    await task()
            else:
                await task()
