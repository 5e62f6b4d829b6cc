"""`martlet routes`: every route of an app, in the order in which they are tried."""

import re
import sys
from argparse import Namespace
from collections.abc import Sequence
from typing import Final

from martlet.cli.arguments import Parser, add_app, add_json
from martlet.cli.console import Console
from martlet.cli.failures import ExitCode, UsageFailure
from martlet.cli.looks.listing import Row, rows_of
from martlet.cli.looks.subject import load_app

_HEAD: Final = ("METHOD", "PATH", "NAME", "HANDLER", "ANSWER", "DEPENDENCIES")


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    add_app(parser)
    parser.add_argument("--grep", metavar="PATTERN", help="Only routes in whose path, name or handler this is found.")
    parser.add_argument("--method", metavar="METHOD", help="Only routes that take this method; WS for WebSockets.")
    add_json(parser)


def run(arguments: Namespace) -> int:
    """Print the routes.

    Raises:
        Failure: one of its subclasses, where there is no app, or the pattern is none.
    """
    pattern = _pattern(arguments.grep or "")
    app, _ = load_app(arguments)
    rows = list(rows_of(app))
    chosen = [row for row in rows if _takes(row, arguments.method) and pattern.search(_searched(row))]
    if arguments.json:
        Console().json([row.as_json() for row in chosen])
        return ExitCode.OK
    if chosen:
        _print(Console(), chosen)
    if len(chosen) < len(rows):
        Console(sys.stderr).line(f"{len(chosen)} of {len(rows)} routes")
    return ExitCode.OK


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.IGNORECASE)
    except re.error as error:
        raise UsageFailure(
            f"{text!r} is no regular expression: {error}",
            advice="Put a backslash before signs that stand for themselves.",
        ) from None


def _takes(row: Row, method: str | None) -> bool:
    if method is None:
        return True
    if method.upper() in {"WS", "WEBSOCKET"}:
        return row.kind == "websocket"
    return row.kind != "websocket" and (not row.methods or method.upper() in row.methods)


def _searched(row: Row) -> str:
    return "\n".join((row.path, row.name, row.handler, str(row.place)))


def _print(console: Console, rows: Sequence[Row]) -> None:
    cells = [
        (
            row.shown_method,
            row.path,
            row.name or "-",
            str(row.place) if row.place.file else row.handler,
            row.response_model or "-",
            ", ".join(row.dependencies) or "-",
        )
        for row in rows
    ]
    console.table([_HEAD, *cells], keep=2)
