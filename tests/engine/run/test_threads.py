"""Plain functions in threads: whatever can be seen of them is as it is under `anyio.to_thread.run_sync`."""

import asyncio
import threading
import time
import traceback
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import pytest
import sniffio
from anyio.to_thread import current_default_thread_limiter, run_sync

from martlet._engine.run import threads
from martlet._engine.run.lanes import Pool
from martlet._engine.run.threads import Call, in_one_hop, in_thread, in_thread_at_once

pytestmark = pytest.mark.anyio

Run = Callable[[Callable[[], Any]], Coroutine[Any, Any, Any]]


async def as_a_hop(function: Callable[[], Any]) -> Any:
    """Run a function as the only call of a hop."""
    return await in_one_hop(lambda call: call(function))


async def by_anyio(function: Callable[[], Any]) -> Any:
    """Run a function as it is to be run: what holds for ours is asked of the original as well."""
    return await run_sync(function)


@pytest.fixture(params=[in_thread, as_a_hop, by_anyio], ids=["in_thread", "as_a_hop", "by_anyio"])
def run(request: pytest.FixtureRequest) -> Run:
    way: Run = request.param
    return way


@pytest.fixture
def on_asyncio(anyio_backend_name: str) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("of tasks that asyncio cancels")


word: ContextVar[str] = ContextVar("word", default="")


async def test_the_function_runs_in_another_thread(run: Run) -> None:
    assert await run(threading.get_ident) != threading.get_ident()


async def test_arguments_of_any_name_are_passed_on() -> None:
    def join(call: str, function: str, self: str, func: str, *, args: str) -> str:
        return f"{call} {function} {self} {func} {args}"

    names = {"call": "a", "function": "b", "self": "c", "func": "d", "args": "e"}
    assert await in_thread(join, **names) == "a b c d e"
    assert await in_one_hop(lambda call: call(join, **names)) == "a b c d e"


async def test_context_variables_are_the_callers_and_changes_are_lost(run: Run) -> None:
    word.set("given")

    def change() -> str:
        before = word.get()
        word.set("changed")
        return before

    assert await run(change) == "given"
    assert word.get() == "given"


async def test_calls_of_a_hop_do_not_see_each_others_variables() -> None:
    word.set("given")

    def change() -> str:
        before = word.get()
        word.set("changed")
        return before

    def work(call: Call) -> list[str]:
        return [call(change), call(change), word.get()]

    assert await in_one_hop(work) == ["given", "given", "given"]


async def test_no_async_library_runs_in_the_thread(run: Run) -> None:
    def library() -> str:
        with suppress(sniffio.AsyncLibraryNotFoundError):
            return sniffio.current_async_library()
        return "none"

    assert await run(library) == "none"


async def test_it_works_without_sniffio(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "_library", None)
    assert await in_thread(str) == ""


async def test_the_thread_calls_back_into_the_loop(run: Run, anyio_backend_name: str) -> None:
    async def library() -> str:
        await anyio.lowlevel.checkpoint()
        return sniffio.current_async_library()

    def there_and_back() -> tuple[str, int]:
        anyio.from_thread.check_cancelled()
        return anyio.from_thread.run(library), anyio.from_thread.run_sync(threading.get_ident)

    assert await run(there_and_back) == (anyio_backend_name, threading.get_ident())


async def test_exceptions_bring_their_traceback(run: Run) -> None:
    def break_down() -> None:
        raise KeyError("broken")

    with pytest.raises(KeyError, match="broken") as caught:
        await run(break_down)
    assert "break_down" in [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


async def test_stop_iteration_becomes_a_runtime_error(run: Run) -> None:
    with pytest.raises(RuntimeError, match="coroutine raised StopIteration") as caught:
        await run(partial(next, iter(())))
    assert isinstance(caught.value.__cause__, StopIteration)


async def test_what_is_no_exception_comes_through(run: Run) -> None:
    class Stop(BaseException):
        pass

    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        await run(stop)


# Limits


async def test_a_token_is_borrowed_as_long_as_the_function_runs(run: Run) -> None:
    limiter = current_default_thread_limiter()
    assert await run(lambda: limiter.borrowed_tokens) == 1
    assert limiter.borrowed_tokens == 0


async def test_no_more_run_at_once_than_there_are_tokens(run: Run) -> None:
    limiter = current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 2
    busy: list[int] = []
    most = 0

    def work() -> None:
        nonlocal most
        busy.append(1)
        most = max(most, len(busy))
        time.sleep(0.01)
        busy.pop()

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(run, work)
    limiter.total_tokens = before
    assert (most, limiter.borrowed_tokens) == (2, 0)


@contextmanager
def no_token_left() -> Iterator[None]:
    limiter = current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 1
    limiter.acquire_on_behalf_of_nowait(before)
    yield
    limiter.release_on_behalf_of(before)
    limiter.total_tokens = before


async def test_who_waits_for_a_token_can_be_cancelled(run: Run) -> None:
    limiter = current_default_thread_limiter()
    with no_token_left(), anyio.move_on_after(0.01) as scope:
        await run(pytest.fail)
    assert scope.cancelled_caught
    assert (limiter.borrowed_tokens, limiter.statistics().tasks_waiting) == (0, 0)


async def test_what_is_called_at_once_waits_for_no_token() -> None:
    with no_token_left():
        assert await in_thread_at_once(str, 1) == "1"


# Cancellation


def late_value() -> str:
    time.sleep(0.1)
    return "value"


async def test_a_cancelled_scope_waits_for_the_thread_and_the_value_is_kept(run: Run) -> None:
    values = []
    with anyio.move_on_after(0.02) as scope:
        values.append(await run(late_value))
        await anyio.lowlevel.checkpoint()
        values.append("not cancelled")
    assert values == ["value"]
    assert scope.cancelled_caught


async def test_a_cancelled_scope_waits_for_the_exception(run: Run) -> None:
    def work() -> None:
        time.sleep(0.1)
        raise KeyError

    with pytest.raises(KeyError), anyio.move_on_after(0.02):
        await run(work)


async def test_nothing_is_called_in_a_scope_that_is_cancelled(run: Run) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await run(pytest.fail)
    assert scope.cancelled_caught


async def test_the_thread_can_ask_whether_it_is_cancelled(run: Run) -> None:
    def ask() -> None:
        while True:
            time.sleep(0.005)
            anyio.from_thread.check_cancelled()

    with anyio.move_on_after(0.02) as scope:
        await run(ask)
    assert scope.cancelled_caught


async def test_no_call_of_a_hop_is_begun_in_a_scope_that_was_cancelled() -> None:
    with anyio.move_on_after(0.02) as scope:
        await in_one_hop(lambda call: (call(time.sleep, 0.1), call(pytest.fail)))
    assert scope.cancelled_caught


@pytest.mark.usefixtures("on_asyncio")
async def test_a_cancelled_task_does_not_wait(run: Run) -> None:
    end = threading.Event()
    task = asyncio.ensure_future(run(end.wait))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert current_default_thread_limiter().borrowed_tokens == 0
    end.set()
    assert await run(threading.get_ident)


@pytest.mark.usefixtures("on_asyncio")
async def test_a_cancelled_task_does_not_wait_though_a_scope_was_cancelled_too(run: Run) -> None:
    end = threading.Event()
    scope = anyio.CancelScope()

    async def work() -> None:
        with scope:
            await run(end.wait)

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0.02)
    scope.cancel()
    await asyncio.sleep(0.02)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    end.set()


@pytest.mark.usefixtures("on_asyncio")
async def test_no_call_of_a_hop_is_begun_by_a_task_that_was_cancelled() -> None:
    first, done = threading.Event(), threading.Event()

    def work(call: Call) -> None:
        try:
            call(first.wait)
            call(pytest.fail)
        finally:
            done.set()

    task = asyncio.ensure_future(in_one_hop(work))
    await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.wait([task])
    first.set()
    assert await in_thread(done.wait, 5)


@pytest.mark.usefixtures("on_asyncio")
async def test_nothing_is_called_by_a_task_that_has_cancelled_itself(run: Run) -> None:
    async def work() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        await run(pytest.fail)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.ensure_future(work())


@pytest.mark.usefixtures("on_asyncio")
async def test_a_scope_that_is_cancelled_with_the_value_at_hand_does_not_wait_again() -> None:
    scope = anyio.CancelScope()
    other = threads._hop(str, (), {})
    assert other is not None
    done = threading.Event()
    values: list[None] = []

    async def work() -> None:
        with scope:
            values.append(await in_thread(done.set))  # type: ignore[func-returns-value]  # that it came is what counts

    task = asyncio.ensure_future(work())
    await asyncio.sleep(0)
    done.wait(5)
    while not other.lane._done:  # the loop has no turn until then
        pass
    scope.cancel()
    other.lane._receive()
    await task
    assert values == [None]


# Where there are no lanes


async def test_a_coroutine_that_no_task_runs_is_not_ours(anyio_backend_name: str) -> None:
    found: list[object] = []
    if anyio_backend_name == "asyncio":
        asyncio.get_running_loop().call_soon(lambda: found.append(threads._hop(str, (), {})))
        await asyncio.sleep(0)
    else:
        found.append(threads._hop(str, (), {}))
    assert found == [None]


@pytest.mark.parametrize("missing", [ImportError, AttributeError])
async def test_where_anyio_is_another_one_it_runs_everything(
    monkeypatch: pytest.MonkeyPatch, missing: type[Exception]
) -> None:
    def import_module(name: str) -> Any:
        raise missing(name)

    monkeypatch.setattr(threads, "_lanes", {})
    monkeypatch.setattr(threads, "import_module", import_module)
    monkeypatch.setattr(Pool, "submit", pytest.fail)
    assert await in_thread(str, 1) == "1"
    assert await in_one_hop(lambda call: call(str, 1) + call(str, 2)) == "12"
