import ctypes
import os
import platform
import threading
import time
from _thread import start_new_thread
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from martlet.cli.servers import scheduling
from martlet.cli.servers.scheduling import SHORTEST, native_threads, schedule_as_batch
from tests.cli.programs import Program
from tests.cli.test_run import SHOP, running

pytestmark = pytest.mark.skipif(scheduling._NUMBER is None, reason="this is Linux's, on machines that are known")

KNOWS_SLICES = tuple(int(part) for part in platform.release().split(".")[:2] if part.isdigit()) >= (6, 12)


def slice_of(thread: int) -> int:
    """Return a thread's slice in nanoseconds, by sched_getattr(2); 0 before Linux 6.12."""
    said = scheduling._Attributes()
    number = (scheduling._NUMBER or 0) + 1
    if ctypes.CDLL(None).syscall(number, thread, ctypes.byref(said), ctypes.sizeof(said), 0):
        pytest.fail(f"no slice of {thread}")
    return int(said.runtime)


@contextmanager
def native_thread() -> Iterator[int]:
    """Begin a thread that `threading` knows nothing of."""
    over, ids = Event(), list[int]()

    def live() -> None:
        ids.append(threading.get_native_id())
        over.wait(10)

    start_new_thread(live, ())
    while not ids:
        time.sleep(0.001)
    yield ids[0]
    over.set()


def test_python_s_threads_are_not_native() -> None:
    over = Event()
    ours = threading.Thread(target=over.wait, args=(10,))
    ours.start()
    with native_thread() as native:
        found = native_threads()
    over.set()
    ours.join()
    assert native in found
    assert not {ours.native_id, threading.get_native_id()} & found


def test_threads_work_in_batches_by_short_slices_and_the_rest_stays() -> None:
    with native_thread() as native, native_thread() as other:
        os.setpriority(os.PRIO_PROCESS, native, 3)
        before = slice_of(other)
        schedule_as_batch([native])
        assert slice_of(native) == (SHORTEST if KNOWS_SLICES else 0)
        assert slice_of(other) == before
        assert os.getpriority(os.PRIO_PROCESS, native) == 3
        assert os.sched_getscheduler(native) == os.SCHED_BATCH
        assert os.sched_getscheduler(other) == os.SCHED_OTHER


def test_a_policy_that_somebody_has_chosen_is_kept() -> None:
    with native_thread() as native:
        os.sched_setscheduler(native, os.SCHED_IDLE, os.sched_param(0))
        schedule_as_batch([native])
        assert os.sched_getscheduler(native) == os.SCHED_IDLE
        assert slice_of(native) != SHORTEST


def test_threads_that_have_ended_are_passed_over() -> None:
    with native_thread() as native:
        schedule_as_batch([2**22 + 1, native])
        assert slice_of(native) == (SHORTEST if KNOWS_SLICES else 0)


def test_nothing_is_done_where_it_is_not_known_how(monkeypatch: pytest.MonkeyPatch) -> None:
    with native_thread() as native:
        before = slice_of(native)
        with monkeypatch.context() as patched:
            patched.setattr(scheduling, "_NUMBER", None)
            assert native_threads() == set()
            schedule_as_batch([native])
        assert slice_of(native) == before


def test_the_threads_of_granian_work_in_batches_and_the_loop_does_not(program: Program) -> None:
    program.write(SHOP)
    with running(program, "--server", "granian") as (_, client):
        pid = client.get("/health").json()["pid"]
        threads = [int(each.name) for each in Path(f"/proc/{pid}/task").iterdir()]
        found = {thread: os.sched_getscheduler(thread) for thread in threads}
    assert found.pop(pid) == os.SCHED_OTHER
    assert list(found.values()).count(os.SCHED_BATCH) >= 2
