"""The pool of threads: how many there are, when they come and go, and what outlives what."""

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from weakref import ref

import anyio
import anyio.to_thread
import pytest

from martlet._engine.run import lanes, threads
from martlet._engine.run.lanes import Pool
from martlet._engine.run.threads import in_thread

NAME = "Martlet worker thread"


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """A pool of its own for the test, whose threads are gone afterwards."""
    pool = Pool()
    monkeypatch.setattr(Pool, "current", pool)
    yield pool
    pool.close()
    assert not pool._threads


def pause(seconds: float) -> None:
    """Keep the loop from its turn, while the threads go on."""
    time.sleep(seconds)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.005)


async def hold(count: int) -> tuple[threading.Event, "asyncio.Future[list[bool]]"]:
    """Have so many hops wait in threads until the event is set."""
    end, begun = threading.Event(), threading.Semaphore(0)

    def wait() -> bool:
        begun.release()
        return end.wait(5)

    held = asyncio.gather(*(in_thread(wait) for _ in range(count)))
    await asyncio.sleep(0)
    for _ in range(count):
        begun.acquire()
    return end, held


def test_one_thread_is_enough_for_calls_one_after_the_other(pool: Pool) -> None:
    async def main() -> set[int]:
        return {await in_thread(threading.get_ident) for _ in range(50)}

    assert len(asyncio.run(main())) == 1
    assert [thread.name for thread in pool._threads] == [NAME]


def test_nobody_waits_for_those_who_block(pool: Pool) -> None:
    async def main() -> None:
        end, held = await hold(39)
        assert await asyncio.wait_for(in_thread(str, 1), 5) == "1"
        # All other users of threads have their own.
        loop = asyncio.get_running_loop()
        assert await asyncio.wait_for(anyio.to_thread.run_sync(str, 2), 5) == "2"
        assert await asyncio.wait_for(loop.run_in_executor(None, str, 3), 5) == "3"
        end.set()
        assert await held == [True] * 39

    asyncio.run(main())
    assert len(pool._threads) == 40


def test_what_was_done_meanwhile_is_handed_back_at_once(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> int:
        loop, calls = asyncio.get_running_loop(), []
        call_soon_threadsafe = loop.call_soon_threadsafe
        done = threading.Semaphore(0)

        def counted(*given: object, **options: object) -> asyncio.Handle:
            calls.append(given)
            return call_soon_threadsafe(*given, **options)  # type: ignore[arg-type]  # as they came

        monkeypatch.setattr(loop, "call_soon_threadsafe", counted)
        hops = asyncio.gather(*(in_thread(done.release) for _ in range(20)))
        await asyncio.sleep(0)
        for _ in range(20):
            done.acquire()
        pause(0.02)
        await hops
        return len(calls)

    assert asyncio.run(main()) <= 3


def test_threads_go_that_have_nothing_to_do(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "IDLE", 0.05)

    async def main() -> None:
        end, held = await hold(3)
        pause(0.2)
        assert len(pool._threads) == 3  # though they took nothing from the queue for long, they are at work
        end.set()
        await held

    asyncio.run(main())
    wait_until(lambda: not pool._threads)


def test_threads_that_went_are_not_counted_on(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst, a rest in which its threads go, and the first call of many: it may not be left to threads of before."""
    monkeypatch.setattr(lanes, "IDLE", 0.05)

    async def main() -> str:
        end, held = await hold(3)
        end.set()
        await held
        wait_until(lambda: not pool._threads)
        assert await in_thread(str, 1) == "1"
        wait_until(lambda: not pool._threads)
        assert (pool._staying, pool._under_way) == (0, 0)
        return await asyncio.wait_for(in_thread(str, 2), 5)

    assert asyncio.run(main()) == "2"


def test_a_thread_that_was_just_given_work_stays(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have waited too long when the work comes."""
    monkeypatch.setattr(lanes, "IDLE", 0.01)

    async def main() -> None:
        await in_thread(str)
        with pool._lock:
            pool._under_way += 1  # as if there were a hop that is not in the queue yet
        pause(0.05)
        assert len(pool._threads) == 1
        pool._under_way -= 1

    asyncio.run(main())
    wait_until(lambda: not pool._threads)


def test_threads_go_that_a_steady_load_does_not_need(pool: Pool) -> None:
    async def main() -> None:
        end, held = await hold(10)
        end.set()
        await held
        for _ in range(2):  # the first look still knows of the ten
            pool._next_look = 0
            await in_thread(str)

    asyncio.run(main())
    wait_until(lambda: len(pool._threads) == 1)


def test_loops_come_and_go_and_leave_nothing(pool: Pool) -> None:
    loops: list[ref[asyncio.AbstractEventLoop]] = []

    async def main() -> int:
        loops.append(ref(asyncio.get_running_loop()))
        return await in_thread(threading.get_ident)

    assert len({asyncio.run(main()) for _ in range(20)}) == 1
    gc.collect()
    # The thread lets go of a loop for the next one.
    assert not any(loop() for loop in loops[:-1])
    assert not any(loop in threads._lanes for loop in loops[:-1])


def test_a_waiting_thread_keeps_nothing_of_what_it_did(pool: Pool) -> None:
    class Thing:
        pass

    async def main() -> None:
        thing = await in_thread(Thing)
        made = ref(thing)
        del thing
        wait_until(lambda: made() is None)
        assert len(pool._threads) == 1

    asyncio.run(main())


def test_a_loop_may_be_closed_with_work_under_way(pool: Pool) -> None:
    async def main() -> threading.Event:
        end, held = await hold(2)
        assert not held.done()
        return end

    end = asyncio.run(main())
    end.set()
    wait_until(lambda: pool._under_way == 0)
    assert asyncio.run(in_thread_once()) == "1"


async def in_thread_once() -> str:
    return await in_thread(str, 1)


def test_what_nobody_waits_for_any_more_is_not_begun(pool: Pool) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        await in_thread(str)
        (lane,) = [lane for found, lane in threads._lanes.items() if found() is loop]
        hop = lanes.Hop(pytest.fail, (), {}, copy_context(), lane, loop)
        hop.abandoned = True
        pool.submit(hop)
        await hop.future
        assert hop.error is None

    asyncio.run(main())


def test_a_system_without_threads_refuses_and_no_token_is_lost(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    def start(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async def main() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", start)
            with pytest.raises(RuntimeError, match="can't start"):
                await in_thread(str)
        assert anyio.to_thread.current_default_thread_limiter().borrowed_tokens == 0
        assert await in_thread(str, 1) == "1"

    asyncio.run(main())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the system does not fork")
def test_a_forked_process_has_threads_of_its_own(pool: Pool) -> None:
    run_program(
        """
        def fork():
            child = os.fork()
            if child:
                return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            try:
                answer = asyncio.run(asyncio.wait_for(twice(), 5))
                os._exit(7 if answer == ["1", "1"] else 1)
            except BaseException:
                os._exit(2)

        async def twice():
            return [await in_thread(str, 1), await in_thread(str, 1)]

        async def main():
            await asyncio.gather(*(in_thread(time.sleep, 0.01) for _ in range(4)))
            print(await in_thread(fork), await in_thread(str, 1))

        asyncio.run(main())
        """,
        "7 1\n",
    )


def test_the_interpreters_exit_waits_for_what_runs() -> None:
    run_program(
        """
        def work():
            time.sleep(0.3)
            print("done")

        async def main():
            await asyncio.gather(*(in_thread(time.sleep, 0.01) for _ in range(4)))
            task = asyncio.ensure_future(in_thread(work))
            await asyncio.sleep(0.1)

        asyncio.run(main())
        print("exit")
        """,
        "exit\ndone\n",
    )


def run_program(text: str, output: str) -> None:
    """Run a program that has nothing but lanes, and no more time than it takes without waiting for idle threads."""
    opening = "import asyncio, os, time\nfrom martlet._engine.run.threads import in_thread\n"
    words = [sys.executable, "-W", "ignore:This process", "-c", opening + textwrap.dedent(text)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=8, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (output, "", 0)
