"""Whether a function of somebody else's package is still the one that it came with, as libraries replace them."""

from types import FunctionType, ModuleType
from typing import Any


def own(function: Any, module: ModuleType) -> Any:
    """Return a function if its module has written it, None if somebody has put another in its place.

    Args:
        function: what stands under its name.
        module: where that is.
    """
    # A wrapper of its own kind may claim the code of what it wraps.
    is_own = type(function) is FunctionType and function.__code__.co_filename == module.__file__
    return function if is_own else None
