"""The drop-in: from `install()` on, `import fastapi` means Martlet in this process and in the workers that it starts.

    import martlet.dropin

    martlet.dropin.install()  # the first line of a program, before anything that imports fastapi

It is for applications only: what `fastapi` means belongs to the program that runs, so a library never calls it.
Without a line of code the same is said by `--as-fastapi` on the command line, and by the environment variable
`MARTLET_AS_FASTAPI=1`, which `import martlet` reads: a process that imports Martlet late, or never, is not changed.

`survey()` tells beforehand which installed packages reach into FastAPI's private parts, and whether Martlet has those
too: `martlet check --as-fastapi` prints what it returns.
"""

import os
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution
from typing import TYPE_CHECKING, Final

from martlet._engine.words.lending import lend
from martlet.dropin._alias import AliasFinder
from martlet.dropin._version import FASTAPI_VERSION

if TYPE_CHECKING:
    from martlet._engine.words.errors import TooLateError as TooLateError  # noqa: TC004 - lent below
    from martlet.dropin._survey import Reach as Reach  # noqa: TC004 - lent below
    from martlet.dropin._survey import Surveyed as Surveyed  # noqa: TC004 - lent below

__all__ = [
    "FASTAPI_VERSION",
    "VARIABLE",
    "Reach",
    "Surveyed",
    "TooLateError",
    "install",
    "is_asked_for",
    "is_installed",
    "survey",
]

VARIABLE: Final = "MARTLET_AS_FASTAPI"
_NO: Final = frozenset({"", "0", "false", "no", "off"})


def install() -> None:
    """Have `import fastapi`, and the import of every `fastapi.x`, give Martlet's module; the first call counts.

    Processes that this one starts inherit it: those of `multiprocessing` in each of its ways, and those that import
    `martlet`, by the environment variable `MARTLET_AS_FASTAPI`.

    Raises:
        TooLateError: `fastapi` was imported before; the message says by whom.
    """
    if is_installed():
        return
    if "fastapi" in sys.modules:
        from martlet._engine.words.errors import TooLateError  # noqa: PLC0415 - it brings pydantic along
        from martlet.dropin._importers import told  # noqa: PLC0415 - for this error only

        raise TooLateError(told())
    sys.meta_path.insert(0, AliasFinder())
    os.environ[VARIABLE] = "1"
    from martlet.dropin._children import tell_children  # noqa: PLC0415 - what it imports, `is_installed` does not need

    tell_children()


def is_installed() -> bool:
    """Return whether `fastapi` means Martlet in this process."""
    # By its name: coverage.py imports a package that it measures, and imports it anew afterwards. Two finders would ask
    # each other for FastAPI's metadata for ever.
    return any(_name(type(finder)) == _name(AliasFinder) for finder in sys.meta_path)


def _name(finder: type) -> tuple[str, str]:
    return finder.__module__, finder.__qualname__


def is_asked_for() -> bool:
    """Return whether the environment asks for the drop-in, by `MARTLET_AS_FASTAPI`."""
    return os.environ.get(VARIABLE, "").strip().lower() not in _NO


def survey(distributions: Iterable[Distribution] | None = None) -> "list[Surveyed]":
    """Tell which installed packages import `fastapi`, what they reach for that is not documented, and if it is here.

    Their source is read, and none of it is imported; so what they look up at run time stays unknown.

    Args:
        distributions: the packages to look at; None: all that are installed, FastAPI and Martlet themselves apart.
    """
    from martlet.dropin._survey import surveyed  # noqa: PLC0415 - it is asked once in a while

    return surveyed(distributions)


# Installing comes before everything else in a program, and must not import what is none of its business yet.
lend(
    __name__,
    {
        "Reach": "martlet.dropin._survey:",
        "Surveyed": "martlet.dropin._survey:",
        "TooLateError": "martlet._engine.words.errors:",
    },
)
