"""Whether a function of somebody else's package is still the one that it came with, as libraries replace them."""

from types import FunctionType, ModuleType
from typing import Any


def is_own(function: Any, module: ModuleType) -> bool:
    """Return whether a function is one that its module has written.

    Args:
        function: what stands under its name.
        module: where that is.
    """
    # A wrapper of its own kind may claim the code of what it wraps.
    return type(function) is FunctionType and function.__code__.co_filename == module.__file__
