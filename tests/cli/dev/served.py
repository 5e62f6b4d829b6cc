"""`martlet dev` as a program under test: started on a terminal or a pipe, read while it runs, asked, ended."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx2

PATIENCE = 30.0
# Makes the terminal the one whose Ctrl-C the program gets, and becomes the program.
TAKING_TERMINAL = (
    sys.executable,
    "-Sc",
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])",
)
APP = """
    from martlet import FastAPI

    app = FastAPI()

    @app.get("/")
    def root() -> str:
        return "one"
"""


class Dev:
    """A `martlet dev` that runs in a folder.

    Args:
        process: the program.
        out: what it prints comes out of this.
        terminal: the other end of its terminal, where it has one.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", out: int, folder: Path) -> None:
        self.process = process
        self.out = out
        self.folder = folder
        self.printed = ""

    def wait_for(self, pattern: str) -> "re.Match[str]":
        """Read until what was printed since the last call matches, and return the match."""
        until = time.monotonic() + PATIENCE
        while (found := re.search(pattern, self.printed)) is None:
            assert time.monotonic() < until, f"{pattern!r} is not in:\n{self.printed}"
            if not self._read():
                found = re.search(pattern, self.printed)
                assert found, f"it ended, and {pattern!r} is not in:\n{self.printed}"
                break
        self.printed = self.printed[found.end() :]
        return found

    def _read(self) -> bool:
        readable, _, _ = select.select([self.out], [], [], PATIENCE)
        assert readable, f"it says no more than:\n{self.printed}"
        try:
            data = os.read(self.out, 65536)
        except OSError:  # a terminal whose programs have ended
            return False
        self.printed += data.decode(errors="replace").replace("\r\n", "\n")
        return bool(data)

    def rest(self) -> str:
        """Return all that it prints until it ends."""
        while self._read():
            pass
        return self.printed

    def ready(self) -> str:
        """Wait until it accepts connections, and return its address."""
        self.wait_for(r"ready in \d+ ms")
        return self.wait_for(r"App +(http://\S+)")[1]

    def write(self, text: str, name: str = "main.py") -> None:
        """Change a file, in one step."""
        new = self.folder / f"{name}.new"
        new.write_text(dedent(text), encoding="utf-8")
        new.replace(self.folder / name)

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        """Send it a signal, and return its exit code."""
        self.process.send_signal(by)
        return self.wait()

    def wait(self) -> int:
        """Return its exit code."""
        self.rest()
        return self.process.wait(PATIENCE)

    def children(self) -> list[int]:
        """Return the processes that it has started."""
        done = subprocess.run(["pgrep", "-P", str(self.process.pid)], capture_output=True, text=True, check=False)
        return [int(line) for line in done.stdout.split()]


@contextmanager
def dev(
    folder: Path,
    *arguments: str,
    text: str = APP,
    terminal: bool = False,
    environ: Mapping[str, str] | None = None,
    command: tuple[str, ...] = ("-m", "martlet"),
) -> Iterator[Dev]:
    """Run `martlet dev` in a folder that has the app in main.py."""
    (folder / "main.py").write_text(dedent(text), encoding="utf-8")
    port = () if "--port" in arguments or "PORT" in (environ or {}) else ("--port", "0")
    read, write = pty.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [*(TAKING_TERMINAL if terminal else ()), sys.executable, *command, "dev", *arguments, *port],
        cwd=folder,
        env={**os.environ, "TERM": "dumb", **(environ or {})},
        stdout=write,
        stderr=write,
        start_new_session=True,
        stdin=write if terminal else subprocess.DEVNULL,
    )
    os.close(write)
    running = Dev(process, read, folder)
    try:
        yield running
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(read)


def is_running(pid: int) -> bool:
    """Return whether a process is there, and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def ask(url: str, **options: Any) -> httpx2.Response:
    """Return the answer to a GET."""
    return httpx2.get(url, timeout=PATIENCE, **options)
