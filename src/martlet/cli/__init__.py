"""The command line: `martlet dev`, `run`, `routes`, ... Here is only its entrance; `martlet.cli.dispatch` is the rest.

The names are those of `fastapi.cli`. Nothing is imported before a command is named, so that `martlet --help` is there
at once.
"""

import sys
from collections.abc import Callable

from martlet.cli.failures import NoCommandLineError

__all__ = ["cli_main", "main"]


def _command_line() -> None:
    try:
        from martlet.cli.dispatch import run  # noqa: PLC0415 - who imports `fastapi.cli` need not want to run it
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run(sys.argv[1:]))


# COMPAT: None in FastAPI where its command line is not installed; whoever wants it off in a process sets it to None.
cli_main: Callable[[], None] | None = _command_line


def main() -> None:
    """Run the command that the arguments of this process name, and end the process with its exit code.

    Raises:
        NoCommandLineError: `cli_main` was set to None.
    """
    if cli_main is None:
        raise NoCommandLineError(
            'To use the fastapi command, please install "martlet[standard]":\n\n\tpip install "martlet[standard]"\n'
        )
    cli_main()
