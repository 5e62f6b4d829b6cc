"""A coroutine that is begun on the spot: whose task is the current one, when it waits for the loop, and how it ends."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar, copy_context
from typing import Any

import anyio
import pytest

from martlet._engine.run.eager import Eager

VALUE: ContextVar[str] = ContextVar("value", default="unset")
Work = Callable[[list[Any]], Awaitable[None]]


def begun(work: Work, log: list[Any]) -> tuple[Eager, "asyncio.Task[None]"]:
    """Begin some work on the spot, and return it with its task."""

    async def run() -> None:
        try:
            await work(log)
        except BaseException as error:
            log.append(type(error).__name__)

    context = copy_context()
    eager = Eager(run(), context)
    task = asyncio.Task(eager, loop=asyncio.get_running_loop(), context=context)
    eager.go_on(task)
    return eager, task


def test_what_waits_for_nothing_has_ended_at_once() -> None:
    async def work(log: list[Any]) -> None:
        log.append(asyncio.current_task())
        VALUE.set("inside")

    async def main() -> None:
        log: list[Any] = []
        outside = asyncio.current_task()
        _, task = begun(work, log)
        assert log == [task]
        assert asyncio.current_task() is outside
        assert VALUE.get() == "unset"
        await task

    asyncio.run(main())


def test_what_waits_goes_on_in_its_task() -> None:
    async def work(log: list[Any]) -> None:
        for seconds in (0, 0.001):
            await asyncio.sleep(seconds)
            log.append(asyncio.current_task())
        async with asyncio.timeout(0.001):  # of this task, wherever it was entered
            await asyncio.sleep(5)

    async def main() -> None:
        log: list[Any] = []
        _, task = begun(work, log)
        assert log == []
        await task
        assert log == [task, task, "TimeoutError"]

    asyncio.run(main())


def test_scopes_that_are_entered_at_once_are_those_of_its_task() -> None:
    async def work(log: list[Any]) -> None:
        with anyio.move_on_after(0.001) as scope:
            await anyio.sleep(5)
        log.append(scope.cancelled_caught)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.sleep, 0)
        log.append("done")

    async def main() -> list[Any]:
        log: list[Any] = []
        _, task = begun(work, log)
        with anyio.CancelScope():
            await task
        return log

    assert asyncio.run(main()) == [True, "done"]


def test_it_goes_on_in_the_first_turn_when_what_it_waits_for_has_come() -> None:
    async def main() -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def work(log: list[Any]) -> None:
            await future
            log.append(asyncio.current_task())

        log: list[Any] = []
        _, task = begun(work, log)
        future.set_result(None)
        assert log == []
        await asyncio.sleep(0)
        assert log == [task]
        await task

    asyncio.run(main())


def test_it_goes_on_on_the_spot_whenever_what_it_waits_for_has_come() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[int]] = [loop.create_future() for _ in range(4)]

        async def work(log: list[Any]) -> None:
            for future in futures:
                number = await future
                log.append((number, asyncio.current_task()))

        log: list[Any] = []
        eager, task = begun(work, log)
        assert not eager.go_on(task)
        futures[0].set_result(0)  # before the task has begun
        assert eager.go_on(task)
        await asyncio.sleep(0)  # the task waits for the second
        assert not eager.go_on(task)
        futures[1].set_result(1)
        futures[2].set_result(2)  # while the task is to be told of the second
        assert eager.go_on(task)
        assert log == [(0, task), (1, task), (2, task)]
        await asyncio.sleep(0)
        futures[3].set_result(3)
        assert eager.go_on(task)
        assert len(log) == 4
        assert not eager.go_on(task)
        await task

    asyncio.run(main())


def test_what_nobody_can_wait_for_is_refused_by_its_task() -> None:
    class Odd:
        def __await__(self) -> Any:
            yield 42

    async def work(log: list[Any]) -> None:
        await Odd()

    async def main() -> list[Any]:
        log: list[Any] = []
        eager, task = begun(work, log)
        assert not eager.go_on(task)
        await task
        return log

    assert asyncio.run(main()) == ["RuntimeError"]


@pytest.mark.parametrize("begins", [False, True])
@pytest.mark.parametrize("how", ["fails", "is cancelled"])
def test_an_error_that_it_waits_for_comes_once(how: str, begins: bool) -> None:
    async def main() -> list[Any]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def work(log: list[Any]) -> None:
            try:
                await future
            except (ValueError, asyncio.CancelledError) as error:
                log.append(type(error).__name__)
            await asyncio.sleep(0.001)
            log.append("goes on")

        log: list[Any] = []
        eager, task = begun(work, log)
        if begins:
            await asyncio.sleep(0)
        future.cancel() if how == "is cancelled" else future.set_exception(ValueError())
        assert eager.go_on(task) is not begins
        await task
        return log

    assert asyncio.run(main()) == ["CancelledError" if how == "is cancelled" else "ValueError", "goes on"]


def test_many_may_wait_for_the_same() -> None:
    async def main() -> None:
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def work(log: list[Any]) -> None:
            log.append(await future)

        log: list[Any] = []
        tasks = [begun(work, log)[1] for _ in range(3)]
        tasks.append(asyncio.ensure_future(work(log)))
        await asyncio.sleep(0)
        tasks += [begun(work, log)[1]]
        asyncio.get_running_loop().call_later(0.001, future.set_result, "come")
        await asyncio.gather(*tasks)
        assert log == ["come"] * 5

    asyncio.run(main())


@pytest.mark.parametrize("begins", [False, True])
def test_what_it_waits_for_is_cancelled_with_it(begins: bool) -> None:
    async def main() -> None:
        waits = asyncio.ensure_future(asyncio.sleep(5))

        async def work(log: list[Any]) -> None:
            await waits

        log: list[Any] = []
        _, task = begun(work, log)
        if begins:
            await asyncio.sleep(0)
        task.cancel()
        await task
        assert waits.cancelled()
        assert log == ["CancelledError"]

    asyncio.run(main())


@pytest.mark.parametrize("begins", [False, True])
def test_it_is_cancelled_where_it_waits(begins: bool) -> None:
    async def work(log: list[Any]) -> None:
        try:
            await asyncio.sleep(5)
        finally:
            await asyncio.sleep(0)
            log.append("cleaned up")

    async def main() -> list[Any]:
        log: list[Any] = []
        _, task = begun(work, log)
        if begins:
            await asyncio.sleep(0)
        task.cancel()
        await task
        return log

    assert asyncio.run(main()) == ["cleaned up", "CancelledError"]


def test_cancelling_what_has_ended_changes_nothing() -> None:
    async def work(log: list[Any]) -> None:
        log.append("done")

    async def main() -> list[Any]:
        log: list[Any] = []
        _, task = begun(work, log)
        task.cancel()
        await task
        return log

    assert asyncio.run(main()) == ["done"]


def test_it_is_closed_with_what_it_runs() -> None:
    async def waits(log: list[Any]) -> None:
        await asyncio.sleep(5)

    async def ends(log: list[Any]) -> None:
        log.append("done")

    async def main() -> list[Any]:
        log: list[Any] = []
        eager, task = begun(ends, log)
        with pytest.raises(RuntimeError, match="Only its task"):
            await eager
        eager.close()
        await task
        eager, task = begun(waits, log)
        eager.close()
        task.cancel()
        with pytest.raises(RuntimeError, match="already awaited"):
            await task
        return log

    assert asyncio.run(main()) == ["done", "GeneratorExit"]
