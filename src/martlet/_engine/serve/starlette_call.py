"""Starlette's own way to serve, to tell whether a library has put another in its place.

It is looked at when an app is declared, as libraries do such things later; one may have done so already.
"""

from typing import Final

import starlette.applications
from starlette.applications import Starlette

from martlet._engine.words.own import own

STARLETTE_CALL: Final = own(Starlette.__call__, starlette.applications)
"""Starlette's own `__call__`; None if it is not to be had."""


def comes_next(kind: type[Starlette], own: type[Starlette]) -> bool:
    """Whether Starlette is what an app's class calls behind `own`, and no other base class has a say."""
    mro = kind.__mro__
    return mro[mro.index(own) + 1] is Starlette
