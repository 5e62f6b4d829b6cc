"""One server process, pinned to a core, and the CPU time that it and its children have used."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from bench.contenders import REPOSITORY, Contender
from bench.workloads import Workload

STARTS_WITHIN = 30.0
ENDS_WITHIN = 5.0


class MeasuringError(RuntimeError):
    """Nothing can be measured; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server.

    Args:
        process: its first process.
        port: where it listens, on 127.0.0.1.
    """

    process: subprocess.Popen[bytes]
    port: int

    def cpu_seconds(self) -> float:
        """Return user and system time of the process and all below it."""
        ticks = sum(_ticks(pid) for pid in _tree(self.process.pid))
        return ticks / os.sysconf("SC_CLK_TCK")

    def answer(self, workload: Workload) -> tuple[int, bytes]:
        """Send the workload's request once, and return the status and the body of the answer."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{workload.target}",
            data=workload.content or None,
            method=workload.method,
            headers=workload.all_headers,
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 -- likewise
                return response.status, response.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


@contextmanager
def serving(contender: Contender, workload: Workload, core: int) -> Iterator[Server]:
    """Run a contender's program for one workload until the block ends.

    Raises:
        MeasuringError: it did not start, or answers something else than it should.
    """
    port = free_port()
    words = [*pinned_to(core), *contender.command(workload, port)]
    environ = {**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'src'}"}
    # A file and not a pipe: who logs a traceback for each client that leaves would fill that, and stand still.
    with (
        TemporaryFile() as said,
        subprocess.Popen(words, env=environ, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=said) as process,
    ):
        server = Server(process, port)
        try:
            _wait(server, said)
            wrong = "" if workload.socket else workload.check(*server.answer(workload))
            if wrong:
                raise MeasuringError(f"{contender.name} on {workload.name}: {wrong}")
            yield server
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server; one that does not heed the signal is killed, with all below it."""
    below = _tree(process.pid)
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        for pid in below:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def pinned_to(core: int) -> list[str]:
    """Return the words before a command that keep it on one core; nothing where there is but one."""
    if (os.cpu_count() or 1) < 2 or not shutil.which("taskset"):
        return []
    return ["taskset", "--cpu-list", str(core)]


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: Server, said: IO[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if server.process.poll() is not None:
            said.seek(0)
            raise MeasuringError(f"the server ended before it listened:\n{said.read().decode()}")
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise MeasuringError(f"the server does not listen after {STARTS_WITHIN:.0f} seconds")


def _tree(root: int) -> Sequence[int]:
    """Return a process and its descendants."""
    parents = {int(entry.name): _parent(int(entry.name)) for entry in Path("/proc").iterdir() if entry.name.isdigit()}
    found = [root]
    for pid in found:
        found.extend(child for child, parent in parents.items() if parent == pid)
    return found


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat behind the program's name, which may hold spaces; see proc(5)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _ticks(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0
