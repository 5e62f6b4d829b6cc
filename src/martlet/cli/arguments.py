"""The parser of the command line, and the arguments that several commands take.

argparse, since it is there without anything being installed and takes a tenth of the time of its alternatives to
import. Mistakes become a `UsageFailure` that names the option that was probably meant.
"""

import argparse
import os
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from martlet.cli.failures import UsageFailure


class Parser(argparse.ArgumentParser):
    """A parser whose mistakes are failures, and which guesses what was meant."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(allow_abbrev=False, add_help=False, **options)
        self.add_argument("-h", "--help", action="help", help="Show this message and exit.")

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Return what the arguments say.

        Raises:
            UsageFailure: they say something that the command does not know.
        """
        said, unknown = self.parse_known_args(arguments)
        if unknown:
            option = unknown[0].partition("=")[0]
            if option.startswith("-"):
                meant = get_close_matches(option, list(self._option_string_actions), n=1)
                hint = f" Did you mean {meant[0]}?" if meant else ""
                self.error(f"There is no option {option}.{hint}")
            self.error(f"Unexpected argument {unknown[0]!r}.")
        return said

    def error(self, message: str) -> NoReturn:
        """Refuse the arguments; argparse calls this too."""
        raise UsageFailure(message[0].upper() + message[1:], advice=f"Try: {self.prog} --help")


def add_app(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments that say which app is meant; `discover.find(arguments)` reads them."""
    parser.add_argument(
        "path",
        nargs="?",
        metavar="APP",
        help="A file, a folder, a module, or module:name. "
        "Looked for in main.py, app.py, api.py, app/ and src/ unless given.",
    )
    parser.add_argument(
        "--app", metavar="NAME", help="The name of the app, or of a function that makes it, in its module."
    )
    parser.add_argument("-e", "--entrypoint", metavar="MODULE:NAME", help="The app, as an import string.")
    parser.add_argument("--factory", action="store_true", help="The name is that of a function that makes the app.")
    add_as_fastapi(parser)


def add_as_fastapi(parser: argparse.ArgumentParser) -> None:
    """Declare `--as-fastapi`; `dispatch` does what it asks for, before the command runs."""
    parser.add_argument(
        "--as-fastapi",
        action="store_true",
        help="Let `import fastapi` mean Martlet in this process, so that an app of FastAPI's runs as it is.",
    )


def add_json(parser: argparse.ArgumentParser) -> None:
    """Declare `--json`, of commands that print data."""
    parser.add_argument("--json", action="store_true", help="Print JSON.")


def port_of(said: int | None) -> int:
    """Return the port to listen on: what was said, else `$PORT`, else 8000.

    Args:
        said: what was said on the command line.

    Raises:
        UsageFailure: it is no port.
    """
    text = os.environ.get("PORT", "8000") if said is None else str(said)
    if not text.isdigit() or int(text) > 65535:
        raise UsageFailure(f"{text!r} is no port: it has to be a number from 0 to 65535")
    return int(text)
