"""Several workers: started together, replaced when one dies, renewed one by one on SIGHUP, ended within the deadline.

The listening sockets are the supervisor's, and the workers share them: while one is replaced, connections wait for the
others and none is refused. A worker is a process of its own from the start (`spawn`), so that it imports the code as it
is then; the drop-in comes along by itself. A worker whose supervisor is gone drains and ends.
"""

import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, Final

from martlet.cli.failures import FAILURES, ExitCode, Failure
from martlet.cli.servers import logs
from martlet.cli.servers.serving import Serving
from martlet.cli.servers.worker import Ready, Worker

_LOGGER: Final = logging.getLogger("martlet.run")
_SIGNALS: Final = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
_CONTEXT: Final = multiprocessing.get_context("spawn")
# A worker ends itself at the deadline; it is killed this much later if it could not even do that.
_SLACK: Final = 1.0
# A worker that dies sooner than this is not replaced at once, but after a pause that grows.
_YOUNG: Final = 5.0
_LONGEST_PAUSE: Final = 30.0


class WorkerFailure(Failure):
    """A worker died before it was ready, without saying why."""


class _Child:
    """A worker's process, as the supervisor sees it.

    Args:
        serving: what was asked for.
        sockets: what listens already.
        replaces: the worker that is to end once this one is ready.
    """

    def __init__(self, serving: Serving, sockets: Sequence[socket.socket], replaces: "_Child | None" = None) -> None:
        self.replaces = replaces
        self.is_ready = False
        self.is_ending = False
        self.born = time.monotonic()
        self.pipe, theirs = _CONTEXT.Pipe()
        self.process = _CONTEXT.Process(target=serve, args=(serving, list(sockets), theirs), name="martlet worker")
        self.process.start()
        theirs.close()

    def end(self) -> None:
        """Have it drain."""
        self.is_ending = True
        self.process.terminate()

    def end_replaced(self) -> None:
        """Have the worker drain that this one replaces, and those before it that are there still."""
        replaced, self.replaces = self.replaces, None
        while replaced is not None:
            replaced.end()
            replaced = replaced.replaces

    def told(self) -> Any:
        """Return what it has sent, None if nothing."""
        with suppress(EOFError, OSError):
            return self.pipe.recv() if self.pipe.poll() else None
        return None


class Supervisor:
    """Serves by several processes.

    Args:
        serving: what was asked for.
        sockets: what listens already.
        announce: called once all workers accept connections.
    """

    def __init__(self, serving: Serving, sockets: Sequence[socket.socket], announce: Callable[[Ready], None]) -> None:
        self._serving = serving
        self._sockets = sockets
        self._announce: Callable[[Ready], None] | None = announce
        self._children: list[_Child] = []
        self._signals: list[int] = []
        self._waker, self._woken = os.pipe()
        self._pause = 0.0
        self._due: list[float] = []
        self._until: float | None = None
        self._codes: list[int] = []

    def run(self) -> int:
        """Serve until SIGTERM or Ctrl-C, and return the exit code: that of the worker that fared worst.

        Raises:
            Failure: the app cannot be imported or started.
        """
        serving = self._serving
        logs.set_up(serving.log_format, access=serving.access_log, verbose=serving.verbose)
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        self._children = [_Child(serving, self._sockets) for _ in range(serving.workers)]
        try:
            while self._children or self._due:
                self._turn()
        finally:
            for child in self._children:
                child.process.kill()
        return max(self._codes, default=ExitCode.OK)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self._signals.append(number)
        os.write(self._woken, b".")

    def _turn(self) -> None:
        """Wait until something happens, and see to it."""
        pipes = [child.pipe for child in self._children if not child.is_ready]
        ends = [child.process.sentinel for child in self._children]
        happened = wait([*pipes, *ends, self._waker], self._patience())
        if self._waker in happened:
            os.read(self._waker, 4096)
        while self._signals:
            self._obey(self._signals.pop(0))
        for child in list(self._children):
            self._hear(child)
            if child.process.exitcode is not None:
                self._bury(child)
        self._start_what_is_due()
        if self._until is not None and time.monotonic() > self._until:
            for child in self._children:
                _LOGGER.error("Worker %d has not ended in time: it is killed.", child.process.pid)
                child.process.kill()

    def _patience(self) -> float | None:
        """Return how long nothing may happen, in seconds."""
        moments = [*self._due, *([] if self._until is None else [self._until])]
        return max(0.0, min(moments) - time.monotonic()) + 0.01 if moments else None

    def _obey(self, number: int) -> None:
        if number in {signal.SIGINT, signal.SIGTERM}:
            if self._until is None:
                self._until = time.monotonic() + self._serving.drain + _SLACK
                self._due.clear()
                self._announce = None
                self._close_sockets()
                for child in self._children:
                    child.end()
        elif self._until is None:
            _LOGGER.info("SIGHUP: each worker gives way to a new one.")
            # Those of an earlier SIGHUP that are still starting may have read the code before it was changed again.
            replaced = [child.replaces for child in self._children]
            present = [child for child in self._children if not child.is_ending and child not in replaced]
            self._children += [_Child(self._serving, self._sockets, replaces=child) for child in present]

    def _close_sockets(self) -> None:
        for sock in self._sockets:
            sock.close()

    def _hear(self, child: _Child) -> None:
        """Take in what a worker that was not ready yet has to say."""
        told = None if child.is_ready else child.told()
        if isinstance(told, Ready):
            child.is_ready = True
            child.end_replaced()
            if self._announce is not None and all(each.is_ready or each.is_ending for each in self._children):
                self._announce(told)
                self._announce = None
        elif told is not None:
            failure = _rebuilt(told)
            if self._announce is not None:
                raise failure
            _LOGGER.error("A new worker cannot serve: %s %s", failure.headline, "; ".join(failure.details))

    def _bury(self, child: _Child) -> None:
        """See to a worker that has ended."""
        self._children.remove(child)
        child.pipe.close()
        process = child.process
        code = process.exitcode or 0
        process.join()
        if child.is_ending or self._until is not None:
            # (one that was still starting had nothing to drain)
            self._codes.append(ExitCode.OK if code in {0, -signal.SIGTERM} else ExitCode.USER_ERROR)
            return
        successor = next((each for each in self._children if each.replaces is child), None)
        if self._announce is not None:
            raise WorkerFailure(f"A worker ended before it was ready, with exit code {code}")
        if successor is not None:
            successor.replaces = child.replaces
            _LOGGER.error("Worker %d has died (exit code %d): the one that was to replace it does.", process.pid, code)
            return
        if child.replaces is not None:
            _LOGGER.error("The new worker %d has ended: worker %d stays.", process.pid, child.replaces.process.pid)
            return
        age = time.monotonic() - child.born
        self._pause = min(_LONGEST_PAUSE, max(0.5, self._pause * 2)) if age < _YOUNG else 0.0
        _LOGGER.error("Worker %d has died (exit code %d): another takes its place.", process.pid, code)
        self._due.append(time.monotonic() + self._pause)

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        for moment in [moment for moment in self._due if moment <= now]:
            self._due.remove(moment)
            self._children.append(_Child(self._serving, self._sockets))


def _rebuilt(told: tuple[str, str, Sequence[str], Sequence[str]]) -> Failure:
    code, headline, details, advice = told
    return FAILURES[code](headline, details=details, advice=advice)


def serve(serving: Serving, sockets: Sequence[socket.socket], pipe: "Connection[Any, Any]") -> None:
    """Be a worker: what its process does.

    Args:
        serving: what was asked for.
        sockets: what listens already.
        pipe: to the supervisor.
    """
    threading.Thread(target=_watch, args=(pipe,), daemon=True).start()
    try:
        code = Worker(serving, sockets, pipe.send).run()
    except Failure as failure:
        pipe.send((failure.code, failure.headline, failure.details, failure.advice))
        code = failure.exit_code
    raise SystemExit(int(code))


def _watch(pipe: "Connection[Any, Any]") -> None:
    """Drain when the supervisor is gone, which sends nothing before."""
    with suppress(EOFError, OSError):
        pipe.recv()
    os.kill(os.getpid(), signal.SIGTERM)
