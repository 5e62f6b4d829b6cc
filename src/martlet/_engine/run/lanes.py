"""The pool of threads under `run/threads.py`: work goes in by one queue, and comes back to its loop in batches.

A loop has a Lane. Threads put what they have done into the Lane's deque, and the first to do so wakes the loop; the
others find it woken, so that one call of the loop hands back all that was done meanwhile. The threads belong to the
process: loops come and go, and there are never fewer threads than hops under way, so that none waits for another.

Threads go when they had nothing to do for a while. At the interpreter's exit running calls are waited for. A forked
process has none of its parent's threads, and so begins with a pool of its own.
"""

import atexit
import os
from asyncio import AbstractEventLoop, CancelledError, Future, Task
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import Context, copy_context
from queue import Empty, SimpleQueue
from threading import Lock, Thread, current_thread
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import ref

from anyio import CancelScope, CapacityLimiter
from anyio._core._eventloop import claim_worker_thread, threadlocals
from anyio.abc import AsyncBackend
from anyio.from_thread import check_cancelled

if TYPE_CHECKING:
    from anyio._backends._asyncio import TaskState

IDLE = 10.0
"""How many seconds a thread waits for work before it goes, as in anyio."""


class Hop:
    """Work that goes to a thread and comes back; called there with arguments of its own.

    Args:
        function: what is called in the thread.
        args: its arguments.
        kwargs: its keyword arguments.
        context: the context variables of whoever asks for it.
        lane: where it comes back.
        loop: the lane's event loop.
    """

    __slots__ = (
        *("abandoned", "args", "back", "context", "error", "function", "future", "kwargs", "lane", "loop", "result"),
        "scope",
    )

    def __init__(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        context: Context,
        lane: "Lane",
        loop: AbstractEventLoop,
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs = kwargs
        self.context = context
        self.lane = lane
        self.loop = loop
        # Of whoever asks: anyio looks there when the function asks whether it is cancelled.
        self.scope: CancelScope | None = None
        self.future: Future[None] = loop.create_future()
        self.abandoned = False
        self.back = False
        self.result: Any = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do the work, in the thread, and keep what comes of it."""
        if self.abandoned:
            return
        args, self.args = self.args, ()  # (`call` among them holds this hop)
        if self.scope is not None:
            threadlocals.current_cancel_scope = self.scope
        try:
            self.result = self.context.run(self.function, *args, **self.kwargs)
        except BaseException as error:  # noqa: BLE001 - it is raised where the hop was asked for
            self.error = error
            args = ()  # its traceback holds this frame
        if self.scope is not None:
            threadlocals.current_cancel_scope = self.lane.open_air

    def call(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Make one of several calls of this hop, unless nobody waits for it any more.

        Raises:
            CancelledError: the task, or a scope around it, was cancelled.
        """
        if self.abandoned:
            raise CancelledError
        if self.scope is not None:
            check_cancelled()
        return copy_context().run(function, *args, **kwargs)


class Lane:
    """One event loop's way back from the threads.

    Args:
        backend: what anyio needs to know in the threads, so that they can call back into the loop.
        states: the cancel scopes of tasks by weak reference, as anyio keeps them.
        limiter: anyio's limit on threads in this loop; shared with all who ask anyio for one.
    """

    __slots__ = ("_done", "_woken", "backend", "limiter", "open_air", "states")

    def __init__(
        self, backend: type[AsyncBackend], states: Mapping[ref[Task[Any]], "TaskState"], limiter: CapacityLimiter
    ) -> None:
        self.backend = backend
        self.states = states
        self.limiter = limiter
        # What anyio finds as the cancel scope in a thread whose caller is in none. (Older versions of anyio need one to
        # let the function call back into the loop.)
        self.open_air = CancelScope()
        self._done: deque[Hop] = deque()
        self._woken = False

    def hand_back(self, hop: Hop) -> None:
        """Bring a hop back from its thread."""
        self._done.append(hop)
        if not self._woken:
            # Two threads may come to this at once; then the loop is called twice, and finds nothing the second time.
            self._woken = True
            with suppress(RuntimeError):  # the loop was closed, so nobody waits any more
                hop.loop.call_soon_threadsafe(self._receive)

    def _receive(self) -> None:
        # First of all: what is put there from now on calls again, unless it is found here.
        self._woken = False
        while self._done:
            hop = self._done.popleft()
            hop.back = True
            if not hop.future.done():
                hop.future.set_result(None)


class Pool:
    """The threads of a process."""

    current: ClassVar["Pool"]

    def __init__(self) -> None:
        self._queue: SimpleQueue[Hop | None] = SimpleQueue()
        self._lock = Lock()
        self._threads: set[Thread] = set()
        self._staying = 0  # threads that were not told to go
        self._under_way = 0  # hops
        self._most = 0  # of them at once, since it was looked last
        self._next_look = 0.0

    def submit(self, hop: Hop) -> None:
        """Have a hop made; in a new thread, if there would be more hops than threads.

        Raises:
            RuntimeError: the system gives no more threads.
        """
        with self._lock:
            if self._under_way == self._staying:
                self._start()
            self._under_way += 1
            if self._under_way > self._most:  # noqa: PLR1730 - `max` takes three times as long, under the lock
                self._most = self._under_way
        self._queue.put(hop)

    def close(self) -> None:
        """Send all threads away, and wait until they have gone."""
        with self._lock:
            self._dismiss(self._staying)
            threads = [*self._threads]
        for thread in threads:
            thread.join()

    def _start(self) -> None:
        thread = Thread(target=self._serve, name="Martlet worker thread", daemon=True)
        thread.start()
        self._threads.add(thread)
        self._staying += 1

    def _dismiss(self, count: int) -> None:
        self._staying -= count
        for _ in range(count):
            self._queue.put(None)

    def _serve(self) -> None:
        """Make hops, for one loop after another: the life of a thread."""
        hop = self._take()
        while hop is not None:
            loop, lane = hop.loop, hop.lane
            with claim_worker_thread(lane.backend, loop):
                threadlocals.current_cancel_scope = lane.open_air
                while hop is not None and hop.loop is loop:
                    hop.run()
                    # Before it is handed back: whoever hears of the end finds this thread free.
                    self._end()
                    lane.hand_back(hop)
                    # No frame of this thread may keep a hop while it waits: it holds what belongs to a request.
                    hop = None
                    hop = self._take()
        with self._lock:
            self._threads.discard(current_thread())

    def _end(self) -> None:
        with self._lock:
            self._under_way -= 1
            now = monotonic()
            if now >= self._next_look:
                # Threads that found nothing to do have gone meanwhile: there may be fewer than there were hops at once.
                self._dismiss(max(self._staying - self._most, 0))
                self._most, self._next_look = self._under_way, now + IDLE

    def _take(self) -> Hop | None:
        """Wait for the next hop; None: the thread is to go."""
        while True:
            try:
                return self._queue.get(True, IDLE)
            except Empty:
                with self._lock:
                    if self._under_way < self._staying:
                        self._staying -= 1
                        return None


def _begin() -> None:
    Pool.current = Pool()


def _end_all() -> None:
    Pool.current.close()


_begin()
os.register_at_fork(after_in_child=_begin)
atexit.register(_end_all)
