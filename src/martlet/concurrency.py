"""Run blocking code off the event loop, and limit how much of it runs.

The functions for threads are Starlette's. Of our own is how a blocking context manager is entered and left, which a
`def` dependency with `yield` becomes.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager
from contextlib import asynccontextmanager as asynccontextmanager
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter
from anyio.to_thread import run_sync
from starlette.concurrency import iterate_in_threadpool as iterate_in_threadpool
from starlette.concurrency import run_in_threadpool as run_in_threadpool
from starlette.concurrency import run_until_first_complete as run_until_first_complete

from martlet._engine.words.concurrency import DependencyConcurrency as DependencyConcurrency

_DependencyConcurrency = DependencyConcurrency  # COMPAT: FastAPI's private name for it.

_T = TypeVar("_T")


@asynccontextmanager
async def contextmanager_in_threadpool(cm: AbstractContextManager[_T]) -> AsyncGenerator[_T, None]:
    """Enter and leave a blocking context manager in worker threads.

    Args:
        cm: the context manager; it is left exactly if it was entered, cancelled or not.
    """
    # Leaving never waits for a free thread of the shared pool: all of them may be held by requests that wait for the
    # very resource (a connection, say) that leaving would hand back. A limiter of its own gives it a thread at once.
    limiter = CapacityLimiter(1)
    value = await run_in_threadpool(cm.__enter__)
    try:
        yield value
    except BaseException as error:
        swallowed: bool | None = False
        with CancelScope(shield=True):
            swallowed = await run_sync(cm.__exit__, type(error), error, error.__traceback__, limiter=limiter)
        if not swallowed:
            raise
    else:
        with CancelScope(shield=True):
            await run_sync(cm.__exit__, None, None, None, limiter=limiter)
