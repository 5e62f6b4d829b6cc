"""Streams over RSGI that stay bounded: through a pipe, which the server reads as if it were a file.

Granian's own streams take whatever they are given and keep it until the client reads it; a client that never does
would fill the memory. A file, however, it reads piece by piece, as the client takes them. So the answer is a file,
`/dev/fd/N`, and that file is the end of a pipe: when the pipe is full, its writer waits.

Each of these streams keeps one of Granian's threads for files busy (512 a worker, `--runtime-blocking-threads`), so
there are only so many at once.
"""

import asyncio
import os
import select
from array import array
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from martlet._engine.run.rsgi import RSGIHTTP, Pairs

CAN_PIPE: Final = Path("/dev/fd").is_dir()
"""Whether a pipe has a name here; on Windows it has none."""
AT_ONCE: Final[int] = getattr(select, "PIPE_BUF", 0)
"""How many bytes any empty pipe takes at once; none where there are no pipes."""
# (Windows has neither module.)
_fcntl: Any = import_module("fcntl") if CAN_PIPE else None
_termios: Any = import_module("termios") if CAN_PIPE else None

# Where Linux lists the descriptors of this process; elsewhere an empty body does not wait for its reader.
_DESCRIPTORS: Path | None = found if (found := Path("/proc/self/fd")).is_dir() else None

_THREADS: Final = "GRANIAN_RUNTIME_BLOCKING_THREADS"
_SPARE = 32
# How long the server may take until it reads: then it never will, since the client has gone.
_PATIENCE = 30.0
_NEXT_TRY = 1.0
_FIRST_LOOK, _LAST_LOOK = 0.001, 0.5


class Pipe:
    """The body of an answer that is sent in pieces.

    Args:
        proto: takes the answer.
        status: its status.
        headers: its headers.
        beginning: of the body, up to `AT_ONCE`.
    """

    open_now = 0
    """How many there are in this process."""

    def __init__(self, proto: RSGIHTTP, status: int, headers: Pairs, beginning: bytes = b"") -> None:
        self._loop = asyncio.get_running_loop()
        # The reading end stays open here until the server has opened its own by the name of this one.
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._writable = asyncio.Event()
        self._is_broken = self._is_closed = False
        self._written = os.write(self._writing, beginning) if beginning else 0
        self._waits = 0.0
        Pipe.open_now += 1
        proto.response_file(status, headers, f"/dev/fd/{self._reading}")
        self._looking = self._loop.call_later(_FIRST_LOOK, self._look, _FIRST_LOOK)

    async def write(self, data: bytes) -> bool:
        """Write, and return whether anybody reads; waits as long as the pipe is full."""
        left = memoryview(data)
        while left and not self._is_broken:
            try:
                count = os.write(self._writing, left)
            except BlockingIOError:
                await self._wait()
            except BrokenPipeError:
                self.abort()
            else:
                self._written += count
                left = left[count:]
        return not self._is_broken

    async def _wait(self) -> None:
        self._writable.clear()
        self._loop.add_writer(self._writing, self._writable.set)
        # That the reader has gone is no event for every loop (uvloop's), but the next write sees it.
        again = self._loop.call_later(_NEXT_TRY, self._writable.set)
        try:
            await self._writable.wait()
        finally:
            again.cancel()
            if self._writing >= 0:
                self._loop.remove_writer(self._writing)

    def close(self) -> None:
        """End the body, after what was written."""
        if self._is_closed:
            return
        self._is_closed = True
        Pipe.open_now -= 1
        self._loop.remove_writer(self._writing)
        # That the server has opened its end is seen by what it reads. Of an empty body it reads nothing: that one ends
        # once the server's descriptor is seen, since a reading end that waits in vain stays open for long.
        if self._written or self._reading < 0 or _DESCRIPTORS is None:
            self._end()

    def _end(self) -> None:
        if self._writing >= 0:
            os.close(self._writing)
            self._writing = -1

    def abort(self) -> None:
        """Wait no longer: nobody reads."""
        self._is_broken = True
        self.close()
        self._end()
        self._writable.set()
        self._let_go()

    def _look(self, waited: float) -> None:
        """Close the reading end once the server has its own: from then on a reader that goes away is noticed."""
        self._waits += waited
        if self._is_opened() or self._waits > _PATIENCE:
            self._let_go()
            if self._is_closed:
                self._end()
        else:
            wait = min(2 * waited, _LAST_LOOK)
            self._looking = self._loop.call_later(wait, self._look, wait)

    def _is_opened(self) -> bool:
        """Whether the server has its own reading end: it has read something, or has a descriptor of an empty body."""
        if self._is_closed and not self._written:
            return _DESCRIPTORS is not None and _is_open_elsewhere(_DESCRIPTORS, self._reading, self._writing)
        unread = array("i", [0])
        _fcntl.ioctl(self._reading, _termios.FIONREAD, unread)
        return unread[0] < self._written

    def _let_go(self) -> None:
        self._looking.cancel()
        if self._reading >= 0:
            os.close(self._reading)
            self._reading = -1


def _is_open_elsewhere(descriptors: Path, reading: int, writing: int) -> bool:
    """Whether this process has another descriptor of a pipe than these two."""
    name = (descriptors / str(reading)).readlink()
    for each in descriptors.iterdir():
        with suppress(OSError):  # closed by now, as the one that lists them
            if each.readlink() == name and int(each.name) not in (reading, writing):
                return True
    return False


class Channel:
    """Granian's own stream: what is sent in pieces where there are no pipes. Nothing bounds it."""

    def __init__(self, proto: RSGIHTTP, status: int, headers: Pairs) -> None:
        self._send = proto.response_stream(status, headers).send_bytes

    async def write(self, data: bytes) -> bool:
        """Write, and return whether anybody reads."""
        try:
            await self._send(data)
        except Exception:  # noqa: BLE001 - the server's own class: the client has gone
            return False
        return True

    def close(self) -> None:
        """End the body: the stream ends with the last reference to it."""
        del self._send

    abort = close


def room_for_one() -> bool:
    """Whether there is a thread of Granian's left for another pipe."""
    return Pipe.open_now < max(1, int(os.environ.get(_THREADS) or 512) - _SPARE)
