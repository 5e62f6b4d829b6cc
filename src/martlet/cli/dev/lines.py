"""The lines that `martlet dev` prints while it serves: a request each, what went wrong, what uvicorn warns of."""

import logging
import time
import traceback
from typing import Any, Final

from martlet.cli.console import Console
from martlet.cli.dev.reasons import of_exception, plain
from martlet.cli.frames import users_places

_PATH: Final = 34
_COLORS: Final = {1: ("cyan",), 2: ("green",), 3: ("blue",), 4: ("yellow",), 5: ("bold", "red")}

# What uvicorn says of exceptions that have been shown already, and of what they leave behind.
_SAID: Final = (
    "Exception in ASGI application",
    "ASGI callable returned without",
    "Application startup failed",
    "Cancel ",
    "Traceback ",
)


class Lines:
    """Prints a line for each request.

    Args:
        console: where.
        verbose: whether to print tracebacks whole.
    """

    def __init__(self, console: Console, *, verbose: bool = False) -> None:
        self.console = console
        self.verbose = verbose

    def request(self, status: int | str, scope: Any, seconds: float, reason: str = "") -> None:
        """Print the line of a request.

        Args:
            status: what was answered; a word where nothing was.
            scope: the request.
            seconds: how long it took to answer.
            reason: why it is no success.
        """
        style = self.console.style
        colors = _COLORS.get(status // 100, ()) if isinstance(status, int) else _COLORS[5]
        taken = f"{seconds * 1000:.1f} ms" if seconds < 10 else f"{seconds:.0f} s"
        text = (
            f" {style(time.strftime('%H:%M:%S'), 'dim')}  {style(f'{status:<3}', *colors)}  "
            f"{named(scope):<{_PATH}} {taken:>9}"
        )
        self.console.line(f"{text}   {reason}" if reason else text)

    def exception(self, error: BaseException) -> None:
        """Print where an exception came from, below the line of its request."""
        if self.verbose:
            for line in "".join(traceback.format_exception(error)).splitlines():
                self.console.line(self.console.style(f"    {line}", "dim"))
            return
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        lines = [f"{place} in {place.function}: {plain(place.text)}" for place in users_places(error)]
        for line in lines[:-1] if cause is None else [*lines[:-1], f"after {of_exception(cause)}"]:
            self.console.line(self.console.style(f"           {line}", "dim"))

    def late(self, where: str, error: BaseException, when: str) -> None:
        """Print an exception that no answer can show, from a background task for example."""
        style = self.console.style
        mark = f" {style(time.strftime('%H:%M:%S'), 'dim')}  {style('!!!', *_COLORS[5])}"
        self.console.line(f"{mark}  {where}   {of_exception(error)}, {when}")
        self.exception(error)


def named(scope: Any) -> str:
    """Return method and path as they were asked for, and nothing that a terminal would act on."""
    raw: bytes | None = scope.get("raw_path")
    path = scope["path"] if raw is None else raw.decode("ascii", "backslashreplace")
    return plain(f"{scope.get('method', 'WS'):<5} {path}")


class _Warnings(logging.Handler):
    """Prints what uvicorn warns of, as lines among the others."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        super().__init__(logging.INFO if verbose else logging.WARNING)
        self.console = console

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if not message.startswith(_SAID):
            style = self.console.style
            self.console.line(
                f" {style(time.strftime('%H:%M:%S'), 'dim')}  {style(record.levelname, 'yellow')}  {message}"
            )


def show_logs(console: Console, *, verbose: bool) -> None:
    """Print what uvicorn logs: warnings, and all it says where that is wanted."""
    logger = logging.getLogger("uvicorn")
    logger.handlers = [_Warnings(console, verbose=verbose)]
    logger.setLevel(logging.INFO if verbose else logging.WARNING)
    logger.propagate = False
