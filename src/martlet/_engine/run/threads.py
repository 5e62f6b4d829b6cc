"""Running plain functions off the event loop.

Plain `def` endpoints, dependencies and handlers may block, so they run in anyio's worker threads, within the limit of
its default limiter (40 at once unless the app changes `total_tokens`).
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

P = ParamSpec("P")
T = TypeVar("T")


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a plain function in a worker thread, with the caller's context variables."""
    return await run_in_threadpool(call, *args, **kwargs)
