"""Blocking context managers in threads, and limits for each event loop."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import ref

import anyio
import pytest
from anyio.to_thread import current_default_thread_limiter

from martlet import concurrency
from martlet.concurrency import DependencyConcurrency, contextmanager_in_threadpool

pytestmark = pytest.mark.anyio


class Recorder:
    """A blocking context manager that says what happened to it, and where."""

    def __init__(self, *, swallows: bool = False) -> None:
        self.swallows = swallows
        self.calls: list[object] = []
        self.threads: set[int] = set()

    def __enter__(self) -> str:
        self.threads.add(threading.get_ident())
        self.calls.append("enter")
        return "value"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        self.threads.add(threading.get_ident())
        self.calls.append(kind)
        return self.swallows


def fail() -> None:
    raise KeyError


async def test_it_is_entered_and_left_in_threads() -> None:
    recorder = Recorder()
    async with contextmanager_in_threadpool(recorder) as value:
        assert value == "value"
    assert recorder.calls == ["enter", None]
    assert threading.get_ident() not in recorder.threads


async def test_it_sees_the_exception_and_lets_it_through() -> None:
    recorder = Recorder()
    with pytest.raises(KeyError):
        async with contextmanager_in_threadpool(recorder):
            fail()
    assert recorder.calls == ["enter", KeyError]


async def test_it_may_swallow_the_exception() -> None:
    recorder = Recorder(swallows=True)
    async with contextmanager_in_threadpool(recorder):
        fail()
    assert recorder.calls == ["enter", KeyError]


async def test_leaving_needs_no_free_thread() -> None:
    """Else requests that hold every thread would wait for what leaving gives back."""
    limiter = current_default_thread_limiter()
    entered = anyio.Event()
    leave = anyio.Event()
    left = anyio.Event()

    async def hold() -> None:
        async with contextmanager_in_threadpool(Recorder()):
            entered.set()
            await leave.wait()
        left.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(hold)
        await entered.wait()
        borrowers = [object() for _ in range(int(limiter.total_tokens))]
        for each in borrowers:
            limiter.acquire_on_behalf_of_nowait(each)
        leave.set()
        with anyio.fail_after(5):
            await left.wait()
        for each in borrowers:
            limiter.release_on_behalf_of(each)


async def test_it_is_left_when_cancelled() -> None:
    calls = []

    @contextmanager
    def resource() -> Iterator[None]:
        calls.append("enter")
        try:
            yield
        finally:
            calls.append("exit")

    with anyio.CancelScope() as scope:
        async with contextmanager_in_threadpool(resource()):
            scope.cancel()
            await anyio.sleep_forever()
    assert calls == ["enter", "exit"]


async def test_a_limit_has_one_semaphore_in_a_loop() -> None:
    one, other = DependencyConcurrency(2), DependencyConcurrency(2)
    assert one.get_semaphore() is one.get_semaphore()
    assert one.get_semaphore() is not other.get_semaphore()
    assert one.get_semaphore().value == 2


def test_a_limit_has_another_semaphore_in_another_loop() -> None:
    limit = DependencyConcurrency(1)

    async def semaphore() -> anyio.Semaphore:
        return limit.get_semaphore()

    assert anyio.run(semaphore) is not anyio.run(semaphore)


async def test_a_loop_keeps_no_limit_alive() -> None:
    limit = DependencyConcurrency(1)
    limit.get_semaphore()
    watch = ref(limit)
    del limit
    gc.collect()
    assert watch() is None


def test_the_window_has_every_name_of_fastapis() -> None:
    names = {
        "_DependencyConcurrency",
        "asynccontextmanager",
        "contextmanager_in_threadpool",
        "iterate_in_threadpool",
        "run_in_threadpool",
        "run_until_first_complete",
    }
    assert names <= set(vars(concurrency))
