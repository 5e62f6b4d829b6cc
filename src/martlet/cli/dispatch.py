"""Which commands there are, and how one is run: parse, do, print what failed, return the exit code.

A command is a module of `commands` with two functions: `configure(parser)` declares its arguments, `run(arguments)`
does it and returns an exit code. It is imported when it is named and not before. What a command cannot do, it raises
as a `Failure`.
"""

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Final, Protocol, cast

from martlet.cli.arguments import Parser
from martlet.cli.console import Console
from martlet.cli.failures import ExitCode, Failure, TooLateFailure, UsageFailure
from martlet.cli.version import VERSION

BEGAN: Final = time.perf_counter()
"""When the command began."""

COMMANDS: Final[Mapping[str, str]] = {
    "dev": "Serve the app for development: reload, request log, error pages.",
    "run": "Serve the app in production.",
    "routes": "List the routes: method, path, endpoint, dependencies.",
    "explain": "Say which route answers a request, and how.",
    "openapi": "Print the OpenAPI document, or write it to a file.",
    "check": "Look for mistakes that only show in production.",
    "new": "Make a small project.",
}

# Commands whose output is read by people as it comes: what goes wrong belongs among it. The others' standard output is
# data that another program may read.
_TALKING: Final = frozenset({"dev", "run"})


class _Command(Protocol):
    configure: Callable[[Parser], None]
    run: Callable[[Namespace], int]


def run(arguments: Sequence[str]) -> int:
    """Run a command and return its exit code.

    Args:
        arguments: what the user wrote behind `martlet`.
    """
    name = next((argument for argument in arguments if not argument.startswith("-")), None)
    console = Console(sys.stdout if name in _TALKING else sys.stderr)
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except Failure as failure:
        console.failure(failure)
        return failure.exit_code
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough (`| head`). Python would complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    return code


def _run(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0].startswith("-"):
        return _without_command(arguments)
    name, *rest = arguments
    if name not in COMMANDS:
        meant = get_close_matches(name, list(COMMANDS), n=1)
        hint = f" Did you mean {meant[0]!r}?" if meant else ""
        raise UsageFailure(f"There is no command {name!r}.{hint}", advice="Try: martlet --help")
    command = cast("_Command", import_module(f"martlet.cli.commands.{name}"))
    parser = Parser(prog=f"martlet {name}", description=COMMANDS[name])
    command.configure(parser)
    said = parser.parse(rest)
    if getattr(said, "as_fastapi", False):
        _take_fastapis_place()
    return command.run(said)


def _take_fastapis_place() -> None:
    from martlet.dropin import TooLateError, install  # noqa: PLC0415 - for those who ask for it

    try:
        install()
    except TooLateError as error:
        headline, *details = str(error).splitlines()
        raise TooLateFailure(headline, details=[detail.strip() for detail in details]) from None


def _without_command(arguments: Sequence[str]) -> int:
    width = max(map(len, COMMANDS))
    parser = Parser(
        prog="martlet",
        usage="martlet [--version] [--help] COMMAND ...",
        description="FastAPI's API, compiled.",
        epilog="\n".join(("commands:", *(f"  {name.ljust(width)}  {says}" for name, says in COMMANDS.items()))),
    )
    parser.add_argument("--version", action="version", version=f"martlet {VERSION}", help="Show the version and exit.")
    parser.parse(arguments)
    parser.print_help()
    return ExitCode.USAGE
