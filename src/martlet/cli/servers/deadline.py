"""The end that comes whatever happens: a thread that ends the process some seconds after it was told to.

The loop may be blocked, a thread may never return, an `atexit` function may hang: a thread of our own is in the way of
none of them. A signal handler starts it by writing to a pipe, which is safe in signal handlers; locks are not.

A thread of Python's cannot run while somebody holds the interpreter's lock and waits. For that case there is a timer of
`faulthandler` behind it, which needs no lock, says where everything stands, and ends the process.
"""

import faulthandler
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

# How long the last words may take, in seconds.
_GRACE: Final = 1.0


class Deadline:
    """Ends the process some seconds after `start`.

    Args:
        seconds: how many.
        last_words: called before, in the thread.
        end: ends the process; None for `os._exit`, and for the timer behind it.
        code: the exit code then.
    """

    def __init__(
        self, seconds: float, last_words: Callable[[], None], end: Callable[[], None] | None = None, *, code: int = 1
    ) -> None:
        self.seconds = seconds
        self._code = code
        self._last_words = last_words
        self._end = end
        self._reader, self._writer = os.pipe()
        threading.Thread(target=self._wait, name="martlet deadline", daemon=True).start()

    def start(self) -> None:
        """Let the time run; to be called once."""
        os.write(self._writer, b".")
        if self._end is None:
            with suppress(AttributeError, OSError, RuntimeError, ValueError):  # there may be nowhere to write to
                faulthandler.dump_traceback_later(self.seconds + _GRACE, exit=True, file=sys.stderr)

    def _wait(self) -> None:
        os.read(self._reader, 1)
        time.sleep(self.seconds)
        try:
            self._last_words()
        finally:
            if self._end is not None:
                self._end()
            else:
                os._exit(self._code)
