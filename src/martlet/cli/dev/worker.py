"""The process that imports the app and serves it, by uvicorn, until it is told to stop.

An app that cannot be imported or started is served all the same where its files are watched: as a page that says why
(`Broken`), on the terminal too. Otherwise that ends the command.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from mmap import mmap
from typing import Any, cast

import uvicorn
from uvicorn.config import STARTUP_FAILURE

from martlet.cli.console import Console
from martlet.cli.dev.banner import Banner
from martlet.cli.dev.broken import Broken
from martlet.cli.dev.lines import Lines, show_logs
from martlet.cli.dev.observe import Observed
from martlet.cli.dev.settings import Settings
from martlet.cli.failures import Failure
from martlet.cli.load import Loaded, load
from martlet.cli.mistakes import of_lifespan

# How long requests may go on when the app is to end, in seconds.
_GRACE = 1


class Worker:
    """Serves an app.

    Args:
        settings: what to serve.
        sockets: what listens already.
        began: when the command, or the reload, began, on the clock of `time.perf_counter`.
        gate: a pipe that ends when the app may be started; None for at once.
        life: a pipe that ends when the supervisor does; None where there is none.
        greeted: a byte that all workers share, 1 when one of them has said where the app is.
        failure: why there is no app to be served, where that is known.
    """

    def __init__(
        self,
        settings: Settings,
        sockets: Sequence[socket.socket],
        began: float,
        *,
        gate: int | None = None,
        life: int | None = None,
        greeted: mmap | None = None,
        failure: Failure | None = None,
    ) -> None:
        self.settings = settings
        self.sockets = sockets
        self.began = began
        self.gate = gate
        self.life = life
        self.greeted = greeted
        self.failure = failure
        self.console: Console = Console()
        self.lines: Lines = Lines(self.console, verbose=settings.verbose)

    def run(self) -> None:
        """Serve.

        Raises:
            Failure: there is nothing to serve, and nobody waits for that to change.
        """
        for stream in (sys.stdout, sys.stderr):
            # What the app prints is wanted when it is printed, in a pipe as well.
            cast("TextIOWrapper", stream).reconfigure(line_buffering=True)
        show_logs(self.console, verbose=self.settings.verbose)
        if self.failure is None:
            self._serve_app()
        if self.failure is not None:
            self._wait()
            over = asyncio.Event()
            self._serve(Broken(self.failure, over), lambda: None, over)

    def _serve_app(self) -> None:
        try:
            loaded = load(self.settings.target)
        except Failure as failure:
            self._fail(failure)
            return
        self._wait()
        observed = Observed(loaded.app, self.lines)
        self._serve(observed, lambda: self._greet(loaded))
        if observed.startup_error is not None:
            self._fail(of_lifespan(observed.startup_error, loaded.target))

    def _fail(self, failure: Failure) -> None:
        if not self.settings.folders:
            raise failure
        # Where packages are installed, nobody watches.
        saved = ", or save it anew when the package is there" if any(" pip " in line for line in failure.advice) else ""
        advice = f"Fix the file{saved}: it is being watched, and starts as soon as it imports."
        failure.advice = (*failure.advice, advice)
        self.console.failure(failure)
        self.failure = failure

    def _greet(self, loaded: Loaded) -> None:
        banner = Banner(self.console, self.settings, loaded, self.sockets, self.began)
        if self.greeted is not None and self.greeted[0]:
            banner.show_again()
            return
        banner.show()
        if self.greeted is not None:
            self.greeted[0] = 1

    def _wait(self) -> None:
        if self.gate is not None:
            os.read(self.gate, 1)
            os.close(self.gate)
            self.gate = None

    def _serve(self, app: Any, ready: Callable[[], None], stop: asyncio.Event | None = None) -> None:
        settings = self.settings
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            root_path=settings.root_path,
            proxy_headers=settings.proxy_headers,
            forwarded_allow_ips=settings.forwarded_allow_ips,
            timeout_graceful_shutdown=_GRACE,
        )
        server = _Server(config, ready, self.life, stop or asyncio.Event())
        try:
            with suppress(KeyboardInterrupt, asyncio.CancelledError):
                config.load()
                # uvicorn raises the signals again that it has answered.
                signal.signal(signal.SIGTERM, lambda *_: None)
                server.run(list(self.sockets))
        except SystemExit as end:
            if end.code != STARTUP_FAILURE:
                raise


class _Server(uvicorn.Server):
    """Says when it accepts connections, ends without waiting for its next tick, and does not outlive its supervisor."""

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], life: int | None, stop: asyncio.Event
    ) -> None:
        super().__init__(config)
        self.ready = ready
        self.life = life
        self.stop = stop
        self.leave: Callable[[], object] = self.stop.set

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        loop = asyncio.get_running_loop()
        # The app may take for ever to start: a lifespan that waits for a database is cancelled.
        starting = cast("asyncio.Task[None]", asyncio.current_task())
        self.leave = lambda: loop.call_soon_threadsafe(starting.cancel)
        await super().startup(sockets)
        self.leave = lambda: loop.call_soon_threadsafe(self.stop.set)
        if self.life is not None:
            loop.add_reader(self.life, self.handle_exit, signal.SIGTERM, None)
        self.ready()

    async def main_loop(self) -> None:
        counter = 0
        while not await self.on_tick(counter):
            counter = (counter + 1) % 864000
            with suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), 0.1)

    def handle_exit(self, sig: int, frame: Any) -> None:
        super().handle_exit(sig, frame)
        self.leave()
