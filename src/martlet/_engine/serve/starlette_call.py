"""Starlette's own way to serve, to tell whether a library has put another in its place.

It is looked at when an app is declared, as libraries do such things later; one may have done so already.
"""

from types import FunctionType
from typing import Any, Final

import starlette.applications
from starlette.applications import Starlette


def _is_own(function: Any) -> bool:
    # A wrapper of its own kind may claim the code of what it wraps.
    return type(function) is FunctionType and function.__code__.co_filename == starlette.applications.__file__


STARLETTE_CALL: Final = Starlette.__call__ if _is_own(Starlette.__call__) else None
"""Starlette's own `__call__`; None if it is not to be had."""


def comes_next(kind: type[Starlette], own: type[Starlette]) -> bool:
    """Whether Starlette is what an app's class calls behind `own`, and no other base class has a say."""
    mro = kind.__mro__
    return mro[mro.index(own) + 1] is Starlette
