"""Programs under test that listen on a socket: started, waited for, talked to, ended."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 40.0


class NotServing(RuntimeError):
    """A program ended, or said nothing over HTTP in time; the message has what it printed."""


@dataclass(slots=True)
class Served:
    """A program that answers.

    Args:
        url: where, without a slash at its end.
        process: the program.
        log: the file that takes what it prints.
    """

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        """Send the signal, wait, and return the exit code."""
        self.process.send_signal(by)
        return self.process.wait(PATIENCE)


def free_port() -> int:
    """Return a port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for a program of the examples, with the variables of `extra`."""
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH"), str(ROOT / "examples")]))
    return {**os.environ, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1", **extra}


def bookshop(server: str, port: int) -> list[str]:
    """Return the command that serves the bookshop: as `make demo` does, or by a server's own program."""
    if server == "demo":
        return [sys.executable, "-W", "error", "-m", "bookshop"]
    if server == "uvicorn":
        return [sys.executable, "-m", "uvicorn", "bookshop.main:app", "--port", str(port), "--no-access-log"]
    # Granian leaves the request of a client that went away unfinished, and with it anyio's thread for a plain `def`:
    # told to stop, its worker would wait for that thread for ever.
    patience = ["--workers-kill-timeout", "3"]
    return [sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), *patience, "bookshop.main:app"]


@contextmanager
def serving(command: Sequence[str], port: int, log: Path, extra: Mapping[str, str]) -> Iterator[Served]:
    """Run a program until the block ends, entered once it answers `GET /health`."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            env=environment(extra),
            cwd=log.parent,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    served = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        _wait(served)
        yield served
    finally:
        if process.poll() is None:
            try:
                served.end()
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # its workers too
                process.wait()


def _wait(served: Served) -> None:
    until = time.monotonic() + PATIENCE
    with httpx2.Client(timeout=5) as client:  # one, for each reads the certificates that it will not need
        while time.monotonic() < until:
            if served.process.poll() is not None:
                raise NotServing(f"it ended with {served.process.returncode}:\n{served.printed}")
            try:
                if client.get(f"{served.url}/health").status_code == 200:
                    return
            except httpx2.TransportError:
                pass
            time.sleep(0.05)
    raise NotServing(f"it did not answer in {PATIENCE} s:\n{served.printed}")
