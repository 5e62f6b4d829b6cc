"""Which lines of a traceback are the user's, and how a place in their code is written.

The user's are the files that are neither of an installed package nor of Python nor of Martlet nor generated.
"""

import linecache
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final

_MARTLET: Final = Path(__file__).resolve().parents[1]
_STANDARD: Final = Path(sysconfig.get_path("stdlib")).resolve()
_INSTALLED: Final = frozenset({"site-packages", "dist-packages"})


@dataclass(frozen=True, slots=True)
class Place:
    """A line of code.

    Args:
        filename: its file, as the code object says it.
        line: its number, from 1.
        function: what it is in.
        frame: the frame that stood there, where there was one.
    """

    filename: str
    line: int
    function: str
    frame: FrameType | None = None

    @property
    def text(self) -> str:
        """The line itself, stripped; empty where it cannot be read."""
        return linecache.getline(self.filename, self.line).strip()

    def __str__(self) -> str:
        return f"{shown(self.filename)}:{self.line}"


@cache
def is_users(filename: str) -> bool:
    """Return whether a file is the user's own code."""
    if filename.startswith("<") or filename.endswith(".pyx"):
        return False  # (uvloop's, whose names are relative to nothing here)
    path = Path(filename).resolve()
    return not (path.is_relative_to(_MARTLET) or path.is_relative_to(_STANDARD) or _INSTALLED.intersection(path.parts))


def shown(filename: str) -> str:
    """Return a file's name as it is seen from the current folder, where it is in it."""
    path = Path(filename)
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else filename


def places(trace: TracebackType | None) -> Iterator[Place]:
    """Yield the lines of a traceback, the outermost first."""
    for frame, line in traceback.walk_tb(trace):
        yield Place(frame.f_code.co_filename, line, frame.f_code.co_qualname, frame)


def users_places(error: BaseException) -> list[Place]:
    """Return the lines of an exception's traceback that are the user's, the outermost first.

    A syntax error's own line comes last: no frame ever stood there.
    """
    found = [place for place in places(error.__traceback__) if is_users(place.filename)]
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        found.append(Place(error.filename, error.lineno, "<module>"))
    return found


def last_place(error: BaseException) -> Place | None:
    """Return the innermost line that is the user's; the innermost of all where none is; None without a traceback."""
    found = users_places(error) or list(places(error.__traceback__))
    return found[-1] if found else None


def interpreter() -> str:
    """Return the Python that runs, as the user would start it."""
    return shown(sys.executable)
