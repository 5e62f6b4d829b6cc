import os
import subprocess
import sys
import threading
import time

import pytest

from martlet.cli.servers.deadline import Deadline


def test_it_ends_the_process_some_time_after_it_was_started() -> None:
    said: list[str] = []
    ended = threading.Event()
    deadline = Deadline(0.05, lambda: said.append("last words"), ended.set)
    assert not ended.wait(0.15)
    deadline.start()
    assert ended.wait(5)
    assert said == ["last words"]


def test_the_end_is_that_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    ended = threading.Event()

    def end(code: int) -> None:
        codes.append(code)
        ended.set()

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.setattr("faulthandler.dump_traceback_later", lambda *_, **__: None)
    Deadline(0.01, lambda: None, code=3).start()
    assert ended.wait(5)
    assert codes == [3]


HOLDING = """
import ctypes
from martlet.cli.servers.deadline import Deadline

def hold_the_lock_of_the_interpreter():
    ctypes.PyDLL(None).sleep(60)

Deadline(0.1, lambda: None).start()
hold_the_lock_of_the_interpreter()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the C library of Windows is not found by None")
def test_it_comes_although_no_thread_can_run() -> None:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", HOLDING], check=False, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "hold_the_lock_of_the_interpreter" in done.stderr
    assert time.monotonic() - began < 20
