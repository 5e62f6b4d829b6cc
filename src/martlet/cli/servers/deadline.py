"""The end that comes whatever happens: a thread that ends the process some seconds after it was told to.

The loop may be blocked, a thread may never return, an `atexit` function may hang: a thread of our own is in the way of
none of them. A signal handler starts it by writing to a pipe, which is safe in signal handlers; locks are not.
"""

import os
import threading
import time
from collections.abc import Callable


class Deadline:
    """Ends the process some seconds after `start`.

    Args:
        seconds: how many.
        last_words: called before, in the thread.
        end: ends the process.
    """

    def __init__(self, seconds: float, last_words: Callable[[], None], end: Callable[[], None]) -> None:
        self.seconds = seconds
        self._last_words = last_words
        self._end = end
        self._reader, self._writer = os.pipe()
        threading.Thread(target=self._wait, name="martlet deadline", daemon=True).start()

    def start(self) -> None:
        """Let the time run; to be called once."""
        os.write(self._writer, b".")

    def _wait(self) -> None:
        os.read(self._reader, 1)
        time.sleep(self.seconds)
        try:
            self._last_words()
        finally:
            self._end()
