"""Checking keywords against the TypedDict that lists them.

A function that takes `**options: Unpack[SomeOptions]` is checked by type checkers, not by Python: at run time any
keyword gets in. `check_options` closes that gap, and names the option that was probably meant.
"""

from collections.abc import Mapping
from typing import Any

from martlet._engine.words.errors import UnknownOptionError


def option_names(allowed: type[Any]) -> frozenset[str]:
    """Return the keys of a TypedDict, its own and inherited ones."""
    names: frozenset[str] = allowed.__optional_keys__ | allowed.__required_keys__
    return names


def check_options(given: Mapping[str, object], allowed: type[Any], where: str) -> None:
    """Refuse a keyword that the TypedDict `allowed` does not list.

    Args:
        given: the keywords of the call.
        allowed: the TypedDict whose keys are the keywords that the function takes.
        where: the function as its user wrote it, such as `APIRouter.get`.

    Raises:
        UnknownOptionError: the first keyword that is not listed, with the listed one that looks most like it.
    """
    names = option_names(allowed)
    for name in given:
        if name not in names:
            raise UnknownOptionError.of(where, name, sorted(names))
