"""Run blocking code off the event loop, and limit how much of it runs.

The functions for threads are Starlette's. Of our own are the context managers that `yield` dependencies are made of:
each wraps another context manager and adds one rule to how it is left.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from contextlib import asynccontextmanager as asynccontextmanager
from typing import TypeVar

from anyio import CancelScope, CapacityLimiter, Semaphore
from anyio.lowlevel import checkpoint_if_cancelled
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


@asynccontextmanager
async def shielded_exit(cm: AbstractAsyncContextManager[_T], scope: CancelScope) -> AsyncGenerator[_T, None]:
    """Leave an async context manager undisturbed by the cancellation of `scope`.

    Args:
        cm: the context manager.
        scope: a cancel scope that was entered before `cm`; shielded while `cm` is left. Since it is the outer one, the
            scopes that `cm` itself opens are still left in the order in which they were entered.
    """
    before = scope.shield
    try:
        async with cm as value:
            try:
                yield value
            finally:
                scope.shield = True
    finally:
        scope.shield = before
    # A task group inside `cm` may have swallowed a cancellation that came while the shield was up.
    await checkpoint_if_cancelled()


@asynccontextmanager
async def limited(cm: AbstractAsyncContextManager[_T], semaphore: Semaphore) -> AsyncGenerator[_T, None]:
    """Hold `semaphore` for as long as an async context manager is open.

    Args:
        cm: the context manager; it looks after its own cancellation.
        semaphore: what limits how many of it are open.
    """
    async with semaphore, cm as value:
        yield value
