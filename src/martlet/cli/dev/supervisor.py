"""The process that the user started: listens, imports the framework once, forks a worker for each state of the code.

Its rules: it has one thread, since it forks; it never imports the user's code; it waits in one place, for changes of
files, ended workers and signals. The old worker ends while the new one imports, and the new one starts the app (its
lifespan) when the old one is gone. The socket stays open all the time: a request meanwhile waits, and is not refused.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from mmap import mmap
from typing import Final

from martlet.cli.console import Console
from martlet.cli.dev.settings import Settings
from martlet.cli.dev.watcher import watch
from martlet.cli.failures import ExitCode, Failure
from martlet.cli.frames import shown

_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
# How long a worker may take to end, in seconds.
_PATIENCE: Final = 3.0
_FRAMEWORK: Final = (
    "martlet.applications",
    "martlet.cli.dev.worker",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
)


@dataclass(slots=True)
class _Process:
    """A worker, as the supervisor sees it."""

    pid: int
    gate: int  # closing it lets the worker start the app; -1 when it is closed
    leaving: bool = False  # it was told to end
    deadline: float | None = None  # when to end it the hard way

    def open_gate(self) -> None:
        if self.gate >= 0:
            os.close(self.gate)
            self.gate = -1

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.leaving, self.deadline = True, None


@dataclass(slots=True)
class Supervisor:
    """Serves an app with reload until it is told to stop.

    Args:
        settings: what to serve.
        sockets: what listens already.
        began: when the command began, on the clock of `time.perf_counter`.
    """

    settings: Settings
    sockets: Sequence[socket.socket]
    began: float
    console: Console = field(default_factory=Console)
    _workers: list[_Process] = field(default_factory=list)  # the newest is the last
    _stopping: int = 0
    _greeted: mmap = field(default_factory=lambda: mmap(-1, 1))
    _life: tuple[int, int] = (-1, -1)
    _wakeup: tuple[int, int] = (-1, -1)
    _changes: int = -1
    _watcher: int = -1

    def run(self) -> int:
        """Serve, and return the exit code of the command."""
        # Workers read one end; it says nothing, and ends when this process does, however it ends.
        self._life = os.pipe()
        self._wakeup = os.pipe()
        for end in self._wakeup:
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._wakeup[1], warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)
        self._start_watcher()
        gc.disable()
        for module in _FRAMEWORK:
            import_module(module)
        gc.enable()
        gc.freeze()  # what is there is shared with all workers, as long as nobody writes to it
        if not self._stopping:
            self._start_worker(self.began)
        while self._workers:
            self._wait()
        os.kill(self._watcher, signal.SIGTERM)
        os.waitpid(self._watcher, 0)
        return ExitCode.OK

    # --------------------------------------------------------------------------------------------------- the processes

    def _start_watcher(self) -> None:
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            self._forget(read)
            _as_child(lambda: watch(self.settings.folders, write))
        os.close(write)
        self._watcher, self._changes = pid, read

    def _start_worker(self, began: float, failure: Failure | None = None) -> None:
        gate, opener = os.pipe()
        # A signal between the fork and the worker's own handlers would be answered by this object's copy there.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        pid = os.fork()
        if pid == 0:
            _as_child(lambda: self._be_worker(gate, opener, began, failure))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        os.close(gate)
        self._workers.append(_Process(pid, opener))
        self._open_gate()

    def _be_worker(self, gate: int, opener: int, began: float, failure: Failure | None) -> None:
        from martlet.cli.dev.worker import Worker  # noqa: PLC0415 - imported by now, after the watcher was forked

        self._forget(opener, *(worker.gate for worker in self._workers))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        pipes = {"gate": gate, "life": self._life[0]}
        Worker(self.settings, self.sockets, began, **pipes, greeted=self._greeted, failure=failure).run()

    def _forget(self, *pipes: int) -> None:
        """Give up, in a child, what is the supervisor's: its ends of pipes and its ways to answer signals."""
        signal.set_wakeup_fd(-1)
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for end in (self._life[1], self._changes, *self._wakeup, *pipes):
            if end >= 0:
                os.close(end)

    # --------------------------------------------------------------------------------------------------------- waiting

    def _on_signal(self, number: int, _: object) -> None:
        if number != signal.SIGCHLD:
            self._stopping += 1

    def _wait(self) -> None:
        """Wait for whatever comes first, and do what it asks for."""
        deadlines = [worker.deadline for worker in self._workers if worker.deadline is not None]
        patience = max(0.0, min(deadlines) - time.monotonic()) if deadlines else None
        watched = [self._wakeup[0]] if self._changes < 0 else [self._wakeup[0], self._changes]
        readable, _, _ = select.select(watched, [], [], patience)
        if self._wakeup[0] in readable:
            os.read(self._wakeup[0], 4096)
        if self._stopping:
            self._stop()
        self._reap()
        for worker in self._workers:
            if worker.deadline is not None and time.monotonic() >= worker.deadline:
                worker.kill()
        if self._changes in readable and not self._stopping:
            self._reload(os.read(self._changes, 1 << 20))

    def _reap(self) -> None:
        for worker in list(self._workers):
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                worker.open_gate()
                self._workers.remove(worker)
                if not worker.leaving:
                    self._replace(status)
        self._open_gate()

    def _open_gate(self) -> None:
        """Let the worker start the app once all before it have ended."""
        if len(self._workers) == 1:
            self._workers[0].open_gate()

    def _replace(self, status: int) -> None:
        """Put a worker that says what happened in the place of one that ended by itself."""
        code = os.waitstatus_to_exitcode(status)
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        failure = Failure(
            f"The process of {self.settings.target} ended {how}",
            advice="It starts again as soon as a file changes.",
        )
        self.console.failure(failure)
        self._start_worker(time.perf_counter(), failure)

    def _dismiss(self) -> None:
        """Tell all workers to end that have not been told."""
        for worker in self._workers:
            if not worker.leaving:
                worker.leaving = True
                worker.deadline = time.monotonic() + _PATIENCE
                os.kill(worker.pid, signal.SIGTERM)

    def _reload(self, data: bytes) -> None:
        began = time.perf_counter()
        if not data:
            self._changes = -1
            self.console.line("  The files are watched no more: restart to have changes served.")
            return
        paths = sorted({path for line in data.splitlines() for path in json.loads(line)})
        others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
        self.console.line()
        self.console.line(self.console.style(f"  changed: {shown(paths[0])}{others}", "dim"))
        self._dismiss()
        self._start_worker(began)

    def _stop(self) -> None:
        if self._stopping > 1:  # a second Ctrl-C, or a third
            for worker in self._workers:
                worker.kill()
        self._dismiss()
        self._stopping = 1


def _as_child(act: Callable[[], None]) -> None:
    """Do what a forked process is there for, and end it: it must not go on with what its parent was doing."""
    with suppress(KeyboardInterrupt):
        act()
    sys.exit(ExitCode.OK)
