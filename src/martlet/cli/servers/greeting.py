"""What is said when connections are accepted: where the app is, and by what it is served."""

import json
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from martlet.cli.console import Console
from martlet.cli.servers.serving import Serving
from martlet.cli.servers.worker import Ready
from martlet.cli.sockets import url_of
from martlet.cli.version import VERSION

_WIDTH = 62


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is said when connections are accepted.

    Args:
        console: where.
        serving: what was asked for.
        sockets: where it listens.
        began: when the user began to wait, on the clock of `time.perf_counter`.
    """

    console: Console
    serving: Serving
    sockets: Sequence[socket.socket]
    began: float

    def show(self, ready: Ready) -> None:
        """Say it."""
        took = f"ready in {(time.perf_counter() - self.began) * 1000:.0f} ms"
        if self.serving.log_format == "json":
            self._show_json(ready, took)
            return
        line, style = self.console.line, self.console.style
        title = f"  martlet {VERSION}   run   {ready.app}"
        line()
        line(style(title, "bold") + " " * max(3, _WIDTH - len(title)) + style(took, "green"))
        line(f"  App    {style(self._url(), 'cyan')}")
        if ready.docs and self.serving.uds is None:
            line(f"  Docs   {style(self._url() + ready.docs, 'cyan')}")
        line("  " + style(f"{self._by(ready):<{_WIDTH - 2}}Ctrl-C stops", "dim"))
        line()

    def _show_json(self, ready: Ready, took: str) -> None:
        said = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": "info",
            "logger": "martlet.run",
            "pid": os.getpid(),
            "message": f"{ready.app}: {took}",
            "url": self._url(),
            "by": self._by(ready),
        }
        self.console.line(json.dumps(said, ensure_ascii=False))

    def _url(self) -> str:
        if self.serving.uds is not None:
            return f"unix:{self.serving.uds}"
        return url_of(self.serving.host, self.sockets[0].getsockname()[1])

    def _by(self, ready: Ready) -> str:
        serving = self.serving
        workers = f"{serving.workers} worker{'' if serving.workers == 1 else 's'}"
        return f"{workers} · {serving.server}, {ready.protocol} · drains for {serving.drain:g} s"
