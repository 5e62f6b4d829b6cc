"""Where something is: file and line of what users wrote, shortened to what they would type.

A file below the working directory is named from there, so that terminals and editors can open it; one of a library from
the folder that it is imported from.
"""

import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from martlet._engine.read.callables import unwrap
from martlet.cli.frames import is_users


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file.

    Args:
        file: the file; empty where it cannot be known, as with what was built in or made by `exec`.
        line: the line, from 1; 0 for the file as a whole.
    """

    file: str
    line: int = 0

    def __str__(self) -> str:
        if not self.file:
            return "?"
        return f"{short(self.file)}:{self.line}" if self.line else short(self.file)

    def as_json(self) -> dict[str, Any]:
        """Return the place for `--json`: the whole path, None for what is not known."""
        return {"file": self.file or None, "line": self.line or None}


NOWHERE: Final = Place("")
"""The place of what has none."""


def place_of(thing: Any) -> Place:
    """Return where a function, a class, or the class of an instance is written, behind decorators and partials."""
    try:
        target = unwrap(thing)
        target = getattr(target, "__func__", target)
        code = getattr(target, "__code__", None)
        if code is not None:
            return Place(_absolute(code.co_filename), code.co_firstlineno)
        kind = target if inspect.isclass(target) else type(target)
        return Place(_absolute(inspect.getsourcefile(kind) or ""), inspect.getsourcelines(kind)[1])
    except (TypeError, OSError, ValueError):  # built in, without source, or wrapped around itself
        return NOWHERE


def short(file: str) -> str:
    """Return the path as a reader of the output would write it."""
    path, here = Path(file), Path.cwd()
    if path.is_relative_to(here) and is_users(file):
        return str(path.relative_to(here))
    above = [folder for folder in map(Path, sys.path) if folder.is_absolute() and path.is_relative_to(folder)]
    return str(path.relative_to(max(above, key=lambda folder: len(folder.parts)))) if above else file


def _absolute(file: str) -> str:
    """Return the file's whole path; nothing for a name such as `<string>`, which is no file."""
    return str(Path(file).resolve()) if file and not file.startswith("<") else ""
