"""Running plain functions off the event loop.

Plain `def` endpoints, dependencies and handlers may block, so they run in worker threads, within the limit of anyio's
default limiter (40 at once unless the app changes `total_tokens`). All is as if `anyio.to_thread.run_sync` ran them:
context variables, cancellation, ways back into the loop. On asyncio the threads are those of `run/lanes.py`, which
cost a fraction of anyio's; on trio they are anyio's.

A handler may take several calls over at once, as one Hop: each of them still has context variables of its own, and none
is begun after the request was cancelled.
"""

import re
from asyncio import AbstractEventLoop, CancelledError, current_task, get_running_loop
from collections.abc import Callable, Coroutine, Mapping
from contextvars import ContextVar, copy_context
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any, ParamSpec, Protocol, TypeVar
from weakref import ref

from anyio import CancelScope, CapacityLimiter, WouldBlock
from anyio.from_thread import check_cancelled
from anyio.lowlevel import checkpoint, checkpoint_if_cancelled
from anyio.to_thread import run_sync

from martlet._engine.run.lanes import Hop, Lane, Pool

P = ParamSpec("P")
T = TypeVar("T")

# sniffio is not required; it asks this variable which library runs, and in a thread none does.
_library: ContextVar[str | None] | None = (
    import_module("sniffio").current_async_library_cvar if find_spec("sniffio") else None
)

# How anyio says that a scope of its was cancelled, and not the task from outside.
_is_by_scope = re.compile("Cancelled (by|via) cancel scope ").match

# PERF: `bench sync`. A WeakKeyDictionary asks by a Python function; a dict of weak references does not.
_lanes: dict[ref[AbstractEventLoop], Lane] = {}


class Call(Protocol):
    """What makes a call of the user's within a hop: as if it had a thread of its own."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


def in_thread(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
    """Call a plain function in a worker thread, with the caller's context variables."""
    hop = _hop(call, args, kwargs)
    return run_sync(partial(call, *args, **kwargs)) if hop is None else _cross(hop, hop.lane.limiter)


def in_thread_at_once(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Coroutine[Any, Any, T]:
    """Do the same however many threads are busy: for what hands back something that all of them may wait for."""
    hop = _hop(call, args, kwargs)
    return run_sync(partial(call, *args, **kwargs), limiter=CapacityLimiter(1)) if hop is None else _cross(hop, None)


def in_one_hop(work: Callable[[Call], T]) -> Coroutine[Any, Any, T]:
    """Do work in a worker thread that calls several functions of the user's, one after another.

    Args:
        work: is given what to make each of the calls with.
    """
    hop = _hop(work, (), {})
    if hop is None:
        return run_sync(work, _call)
    hop.args = (hop.call,)
    return _cross(hop, hop.lane.limiter)


def within_scope() -> bool:
    """Whether a cancel scope of anyio's is around the caller; where nobody can tell, as under trio, it is."""
    return scope_watch()()


def scope_watch() -> Callable[[], bool]:
    """Return what says the same of the caller's task, at any time and at less cost."""
    try:
        loop = get_running_loop()
    except RuntimeError:
        return _is_around
    lane = _lanes.get(ref(loop)) or _open(loop)
    task: Any = current_task(loop)
    if lane is None or task is None:
        return _is_around
    state_of, watched = lane.states.get, ref(task)

    def is_around() -> bool:
        state = state_of(watched)
        return state is not None and state.cancel_scope is not None

    return is_around


def _is_around() -> bool:
    return True


def _call(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Make a call within a thread of anyio's."""
    check_cancelled()
    return copy_context().run(function, *args, **kwargs)


def _hop(function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Hop | None:
    """Return a hop from here to a thread; None where there is no lane: under trio."""
    try:
        loop = get_running_loop()
    except RuntimeError:
        return None
    lane = _lanes.get(ref(loop)) or _open(loop)
    if lane is None or current_task(loop) is None:  # trio may be the guest of an asyncio loop
        return None
    context = copy_context()
    if _library is not None and _library.get() is not None:
        context.run(_library.set, None)
    return Hop(function, args, kwargs, context, lane, loop)


def _open(loop: AbstractEventLoop) -> Lane | None:
    """Return a new lane; None where anyio does not have what the threads need to call back into the loop."""
    try:
        asyncio = import_module("anyio._backends._asyncio")
        backend, states = asyncio.AsyncIOBackend, asyncio._task_states.data
    except (ImportError, AttributeError):
        return None
    lane = _lanes[ref(loop, _lanes.pop)] = Lane(backend, states, backend.current_default_thread_limiter())
    return lane


async def _cross(hop: Hop, limiter: CapacityLimiter | None) -> Any:
    """Send a hop to a thread, wait until it is back, and return or raise what came of it.

    It waits as anyio waits for a thread: if a scope around it is cancelled, until the thread is done; if the task is
    cancelled from outside, no longer.

    Args:
        hop: the hop.
        limiter: says whether there may be one more; None: there may.
    """
    task: Any = current_task()
    state = hop.lane.states.get(ref(task))
    if state is not None:
        hop.scope = state.cancel_scope
        await checkpoint_if_cancelled()
    if task.cancelling():
        await checkpoint()
    if limiter is not None:
        try:
            limiter.acquire_on_behalf_of_nowait(hop)
        except WouldBlock:
            await limiter.acquire_on_behalf_of(hop)
    try:
        Pool.current.submit(hop)
        try:
            await hop.future
        except CancelledError as cancelled:
            if not (cancelled.args and _is_by_scope(str(cancelled.args[0]))):
                raise
        # Not within the `except`: another cancellation would look as if it were of the scope's as well.
        if not hop.back:
            await _wait_shielded(hop)
    finally:
        hop.abandoned = not hop.back
        if limiter is not None:
            limiter.release_on_behalf_of(hop)
    if hop.error is None:
        return hop.result
    error, hop.error = hop.error, None
    try:
        raise error
    finally:
        del error  # its traceback holds this frame


async def _wait_shielded(hop: Hop) -> None:
    """Wait for a hop though a scope was cancelled: a shield costs as much as the hop, so there was none until then."""
    hop.future = hop.loop.create_future()
    with CancelScope(shield=True):
        await hop.future
