"""How Linux gives the CPU to the threads of a server: in batches of work instead of request by request.

Granian reads and writes in one thread and hands requests over in another; the loop waits for that one in a third. Where
they share a core, the kernel goes from one to the other with each request, though more of them are there: on to the
loop with the first that is handed over, and away from the loop with the first answer. A thread of the policy
SCHED_BATCH interrupts nobody when it wakes up, and one with short slices is not interrupted for one with long ones: so
the loop finds all requests at once, and all their answers are written at once. Neither priority nor share of the CPU
changes. See decisions 0010 and 0012.

PERF: `bench json`, `bench stack-json` with `martlet-rsgi`: up to twice as many requests per CPU-second of one core.

Specification: sched(7), sched_setattr(2) and Linux's sched-eevdf.rst; before Linux 6.12 slices stay as they are.
"""

import ctypes
import os
import platform
import sys
import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar, Final

# No slice is shorter for the kernel, in nanoseconds.
SHORTEST: Final = 100_000
_THREADS: Final = Path("/proc/self/task")
# The system call by machine, of programs of 64 bits; glibc has no function for it before 2.41.
_NUMBERS: Final = {"x86_64": 314, "aarch64": 274, "riscv64": 274}
_NUMBER: Final = _NUMBERS.get(platform.machine()) if sys.maxsize > 2**32 and _THREADS.is_dir() else None


class _Attributes(ctypes.Structure):
    """`struct sched_attr`, as far as every kernel has it."""

    _fields_: ClassVar[Any] = [
        ("size", ctypes.c_uint32),
        ("policy", ctypes.c_uint32),
        ("flags", ctypes.c_uint64),
        ("nice", ctypes.c_int32),
        ("priority", ctypes.c_uint32),
        ("runtime", ctypes.c_uint64),
        ("deadline", ctypes.c_uint64),
        ("period", ctypes.c_uint64),
    ]


def native_threads() -> set[int]:
    """Return the ids of this process's threads that Python has not started; nothing where slices cannot be changed."""
    if _NUMBER is None:
        return set()
    return {int(entry.name) for entry in _THREADS.iterdir()} - {each.native_id for each in threading.enumerate()}


def schedule_as_batch(threads: Iterable[int]) -> None:
    """Give threads the policy SCHED_BATCH and the shortest slices, as far as the system allows that.

    Threads that have ended are passed over, and so are those that somebody has given a policy of their own.

    Args:
        threads: their ids.
    """
    if sys.platform != "linux" or _NUMBER is None:
        return
    for thread in threads:
        with suppress(OSError):
            if os.sched_getscheduler(thread) == os.SCHED_OTHER:
                nice = os.getpriority(os.PRIO_PROCESS, thread)
                said = _Attributes(size=ctypes.sizeof(_Attributes), policy=os.SCHED_BATCH, nice=nice, runtime=SHORTEST)
                call = ctypes.CDLL(None).syscall
                call(ctypes.c_long(_NUMBER), ctypes.c_int(thread), ctypes.byref(said), ctypes.c_uint(0))
