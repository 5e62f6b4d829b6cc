"""One process that serves: it loads the app, starts it, serves until it is told to stop, drains, and ends in time.

From SIGTERM or Ctrl-C on: nothing new is accepted, WebSockets are told to come back (1012), and requests with their
background tasks go on. What is still going on when its time is over is named in the log and cut off; then the app's
lifespan ends. A process that is still there at the deadline is ended without ceremony. A second Ctrl-C does not wait.
"""

import asyncio
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from types import FrameType
from typing import Any, Final

from martlet.cli.failures import ExitCode
from martlet.cli.load import load
from martlet.cli.mistakes import of_lifespan
from martlet.cli.pages import docs_of
from martlet.cli.servers import logs
from martlet.cli.servers.collecting import collect_seldom
from martlet.cli.servers.deadline import Deadline
from martlet.cli.servers.running import running, running_in
from martlet.cli.servers.serving import CUT_OFF, Serving
from martlet.cli.servers.site import Site, loop_factory

_LOGGER: Final = logging.getLogger("martlet.run")
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class Ready:
    """What a worker knows when it accepts connections.

    Args:
        app: the app, as `module:name`.
        docs: the path of its documentation, None for none.
        protocol: what the server speaks with it.
    """

    app: str
    docs: str | None
    protocol: str


class Worker:
    """Serves an app in this process.

    Args:
        serving: what was asked for.
        sockets: what listens already.
        announce: called once connections are accepted.
        end: ends the process at once, at the deadline; `os._exit` unless given.
    """

    def __init__(
        self,
        serving: Serving,
        sockets: Sequence[socket.socket],
        announce: Callable[[Ready], None],
        end: Callable[[], None] | None = None,
    ) -> None:
        self._serving = serving
        self._sockets = sockets
        self._announce = announce
        self._deadline = Deadline(serving.drain, self._name_what_is_left, end, code=ExitCode.USER_ERROR)
        self._site: Site | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._signalled: signal.Signals | None = None
        self._told = asyncio.Event()
        self._hurry = asyncio.Event()
        self._has_cut = False

    def run(self) -> int:
        """Serve, and return the exit code: 0 where all that had begun has ended by itself.

        Raises:
            Failure: the app cannot be imported or started.
        """
        serving = self._serving
        logs.set_up(serving.log_format, access=serving.access_log, verbose=serving.verbose)
        loaded = load(serving.target)
        site = self._site = _site(serving, loaded.app, self._sockets)
        ready = Ready(str(loaded.target), docs_of(loaded.app), site.protocol)
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            loop = self._loop = runner.get_loop()
            try:
                site.start(loop)
            except Exception as error:
                raise of_lifespan(error.__cause__ or error, loaded.target) from error
            collect_seldom()
            for each in _SIGNALS:
                signal.signal(each, self._on_signal)
            runner.run(self._serve(site, ready))
            site.end(loop)
        return ExitCode.USER_ERROR if self._has_cut else ExitCode.OK

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        """Begin to stop; called between any two instructions, so that even a loop that is blocked has its deadline."""
        if self._loop is None or self._loop.is_closed():
            return
        if self._signalled is None:
            self._signalled = signal.Signals(number)
            self._deadline.start()
            self._loop.call_soon_threadsafe(self._told.set)
        elif number == signal.SIGINT:
            self._loop.call_soon_threadsafe(self._hurry.set)

    async def _serve(self, site: Site, ready: Ready) -> None:
        serving = asyncio.ensure_future(site.serve(partial(self._announce, ready)))
        told = asyncio.ensure_future(self._told.wait())
        await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            told.cancel()
            await serving
        else:
            await self._drain(site, serving)

    async def _drain(self, site: Site, serving: asyncio.Future[None]) -> None:
        began = time.monotonic()
        patience = self._serving.patience
        count = len(site.tasks())
        name = self._signalled.name if self._signalled else ""
        if count:
            _LOGGER.info("%s: %d in progress, which may take %g s more", name, count, patience)
        else:
            _LOGGER.info("%s: nothing in progress", name)
        await site.stop()
        hurry = asyncio.ensure_future(self._hurry.wait())
        left = patience - (time.monotonic() - began)
        ending = asyncio.ensure_future(_all_that_has_begun(site, serving))
        await asyncio.wait({ending, hurry}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        hurry.cancel()
        if not ending.done():
            ending.cancel()
            await self._cut(site, serving)
        _LOGGER.info("Stopped after %.1f s", time.monotonic() - began)

    async def _cut(self, site: Site, serving: asyncio.Future[None]) -> None:
        """End what is still going on: `finally` blocks run."""
        self._has_cut = True
        tasks = site.tasks()
        self._name(tasks, "Cut off")
        for task in tasks:
            task.cancel(CUT_OFF)
        # Of the time that is left, half is for this, and half for the end of the lifespan.
        last = (self._serving.drain - self._serving.patience) / 2
        everything: set[asyncio.Future[Any]] = {*tasks, serving}
        await asyncio.wait(everything, timeout=last)
        serving.cancel()

    def _name_what_is_left(self) -> None:
        """Say what was not even ended by being cut off; called in a thread, at the deadline."""
        site, loop = self._site, self._loop
        _LOGGER.error("Not at an end after %g s: the process is ended.", self._serving.drain)
        if site is not None and loop is not None:
            self._name(asyncio.all_tasks(loop), "Still running")
            blocking = running_in(threading.main_thread().ident or 0)
            if blocking is not None:
                _LOGGER.warning("Blocks the loop: %s", blocking)

    @staticmethod
    def _name(tasks: Sequence[asyncio.Task[Any]] | set[asyncio.Task[Any]], what: str) -> None:
        for each in running(tasks):
            _LOGGER.warning("%s: %s", what, each)


async def _all_that_has_begun(site: Site, serving: asyncio.Future[None]) -> None:
    """Return once the server is done, and the requests too that Granian forgets: those whose client has left."""
    await asyncio.shield(serving)
    while tasks := site.tasks():
        await asyncio.wait(tasks)


def _site(serving: Serving, app: Any, sockets: Sequence[socket.socket]) -> Site:
    if serving.server == "granian":
        from martlet.cli.servers.on_granian import GranianSite  # noqa: PLC0415 - one server's packages are enough

        return GranianSite(serving, app, sockets)
    from martlet.cli.servers.on_uvicorn import UvicornSite  # noqa: PLC0415 - likewise

    return UvicornSite(serving, app, sockets)
