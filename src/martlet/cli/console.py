"""How commands print: lines with colours on a terminal, plain lines elsewhere, and failures.

`NO_COLOR`, `FORCE_COLOR` and `TERM=dumb` are heeded. A stream whose encoding lacks a sign gets a plain one instead.
Colours are a handful of escape sequences, written here: a library for them takes longer to import than most commands
take to run.
"""

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final, TextIO

from martlet.cli.failures import Failure

_STYLES: Final[Mapping[str, str]] = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}

# Signs that not every encoding has.
_PLAIN_SIGNS: Final = str.maketrans({"✗": "x", "✓": "+", "·": "-", "→": ">", "…": "~", "─": "-", "│": "|", "—": "-"})


def wants_color(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Return whether to print colours: on terminals that can, unless the environment says otherwise."""
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and environ.get("TERM") != "dumb"


class Console:
    """A stream to print lines to.

    Args:
        stream: where the lines go; standard output unless given.
        color: whether to print colours; found out unless given.
    """

    def __init__(self, stream: TextIO | None = None, *, color: bool | None = None) -> None:
        self.stream: TextIO = sys.stdout if stream is None else stream
        self.color: bool = wants_color(self.stream, os.environ) if color is None else color

    @property
    def is_terminal(self) -> bool:
        """Whether somebody looks at the stream, rather than a file or a program."""
        return self.stream.isatty()

    @property
    def width(self) -> int:
        """How many columns a line may have; 0 for as many as it wants, where nobody looks."""
        return shutil.get_terminal_size().columns if self.is_terminal else 0

    def style(self, text: str, *styles: str) -> str:
        """Return the text in the styles, such as `bold` and `red`, or as it is where there are no colours."""
        if not self.color or not styles or not text:
            return text
        return f"\033[{';'.join(_STYLES[style] for style in styles)}m{text}\033[0m"

    def line(self, text: str = "") -> None:
        """Print a line at once."""
        encoding = self.stream.encoding or "utf-8"
        try:
            text.encode(encoding)
        except UnicodeEncodeError:
            text = text.translate(_PLAIN_SIGNS).encode(encoding, "backslashreplace").decode(encoding)
        self.stream.write(text + "\n")
        self.stream.flush()

    def json(self, value: Any) -> None:
        """Print a value as JSON, indented on a terminal and on one line elsewhere."""
        import json  # noqa: PLC0415 - only where it was asked for

        self.line(json.dumps(value, indent=2 if self.is_terminal else None, ensure_ascii=False, default=str))

    def table(self, rows: Sequence[Sequence[str]], *, keep: int = 1) -> None:
        """Print rows in columns that are as wide as their widest cell; the last column is not filled up.

        Args:
            rows: the rows, of one length.
            keep: how many columns stay beside each other on a terminal that is too narrow for the widest row; the
                others of a row then go on a line below it.
        """
        if not rows:
            return
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
        if 0 < self.width < sum(widths) + 2 * len(widths) + max(len(row[-1]) for row in rows):
            below = " " * 4
            for row in rows:
                cells = [cell.ljust(width) for cell, width in zip(row[:keep], widths, strict=False)]
                self.line("  ".join(cells).rstrip())
                self.line(below + "  ".join(cell for cell in row[keep:] if cell != "-"))
            return
        for row in rows:
            cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
            self.line("  ".join((*cells, row[-1])).rstrip())

    def failure(self, failure: Failure) -> None:
        """Print what went wrong: the headline with its code, the details, the advice."""
        headline = f"✗ {failure.headline}"
        gap = " " * max(3, min(self.width or 88, 88) - len(headline) - len(failure.code))
        self.line(self.style(headline, "bold", "red") + gap + self.style(failure.code, "dim"))
        for detail in failure.details:
            self.line(f"    {detail}".rstrip())
        for advice in failure.advice:
            self.line(f"  {advice}")
