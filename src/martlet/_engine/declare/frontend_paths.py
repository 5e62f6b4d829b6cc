"""Where frontends are served: their paths, which one of several is meant, and what may be said about one.

Every router knows this much of frontends. What serves them is `frontend.py`, for those who have one.
"""

import os
import warnings
from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal, TypeAlias, TypeVar

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from martlet._engine.declare.merge import Level
from martlet._engine.words.errors import InvalidPathError
from martlet._engine.words.scope import told

Directory: TypeAlias = str | os.PathLike[str]
Fallback: TypeAlias = Literal["auto", "index.html", "404.html"] | None
CheckDir: TypeAlias = bool | Literal["auto"]

RouteT = TypeVar("RouteT")

PATH_KEY: Final = "frontend_path"
SPECIFICITY_KEY: Final = "frontend_specificity"


class LastRoute(BaseRoute):
    """What is asked for a request that no route is for: a group of frontends."""

    @abstractmethod
    def within(self, outer: Level) -> BaseRoute:
        """Return the same as it is below `outer`."""
        ...


def normalized_path(path: str) -> str:
    """Return the path of a frontend without its last slash.

    Raises:
        InvalidPathError: it is empty or does not start with a slash.
    """
    if not path:
        raise InvalidPathError("A frontend path cannot be empty", advice="Use '/' to serve it at the root.")
    if not path.startswith("/"):
        raise InvalidPathError("A frontend path must start with '/'", advice=f"Write '/{path}', not {path!r}.")
    return path.rstrip("/") or "/"


def joined_path(prefix: str, path: str) -> str:
    """Return the path of a frontend below a prefix; its root is the prefix itself."""
    return prefix if prefix and path == "/" else prefix + path


def specificity(path: str) -> int:
    """Return how much of a request's path a frontend's path is."""
    return 0 if path == "/" else len(path)


def most_specific(found: Iterable[tuple[Match, Scope, RouteT]]) -> tuple[Match, Scope, RouteT | None]:
    """Return the match with the longest frontend path, one of a method that fits before one of a method that does not.

    What is no frontend has no such path: it is neither passed over nor preferred, so the first one counts.
    """
    candidates = list(found)
    for wanted in (Match.FULL, Match.PARTIAL):
        best: tuple[Match, Scope, RouteT] | None = None
        for each in candidates:
            if each[0] is wanted and (best is None or _is_longer(each[1], best[1])):
                best = each
        if best is not None:
            return best
    return Match.NONE, {}, None


def _is_longer(found: Scope, best: Scope) -> bool:
    length, best_length = told(found, SPECIFICITY_KEY), told(best, SPECIFICITY_KEY)
    return length is not None and best_length is not None and length > best_length


def is_checked(directory: Directory, check_dir: CheckDir, *, stacklevel: int = 3) -> bool:
    """Return whether a missing directory is refused now; warn of one that is missing while one develops.

    Args:
        directory: where the files are.
        check_dir: whether to refuse it; `auto` does, except where `FASTAPI_ENV` is `development`.
        stacklevel: whose line the warning names, as for `warnings.warn`.
    """
    if check_dir != "auto":
        return check_dir
    if os.environ.get("FASTAPI_ENV") != "development":
        return True
    if not Path(directory).is_dir():
        warnings.warn(missing_text(directory), stacklevel=stacklevel)
    return False


def missing_text(directory: Directory) -> str:
    """Return what is said of a directory that does not exist."""
    return f"Frontend directory '{directory}' does not exist. Resolved absolute path: '{os.path.realpath(directory)}'"
