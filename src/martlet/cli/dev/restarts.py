"""Reload where the system cannot fork: watchfiles starts a process anew for each change.

It imports the framework each time, which the supervisor's workers need not, and listens by itself.
"""

import time

import watchfiles

from martlet.cli import sockets
from martlet.cli.console import Console
from martlet.cli.dev.settings import Settings
from martlet.cli.dev.watcher import DEBOUNCE, STEP, is_code_filter
from martlet.cli.dev.worker import Worker
from martlet.cli.failures import ExitCode
from martlet.cli.frames import shown


def serve_restarting(settings: Settings) -> int:
    """Serve until Ctrl-C, and return the exit code of the command."""
    watchfiles.run_process(
        *settings.folders,
        target=serve_once,
        args=(settings,),
        watch_filter=is_code_filter(),
        callback=_say,
        debounce=DEBOUNCE,
        step=STEP,
    )
    return ExitCode.OK


def serve_once(settings: Settings) -> None:
    """Serve one state of the code, in a process that was started for that."""
    began = time.perf_counter()
    listening = sockets.listen(settings.host, settings.port, command="martlet dev")
    Worker(settings, listening, began).run()


def _say(changes: set[tuple[watchfiles.Change, str]]) -> None:
    Console().line(f"\n  changed: {shown(min(path for _, path in changes))}")
