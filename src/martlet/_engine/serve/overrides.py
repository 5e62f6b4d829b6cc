"""`dependency_overrides`: a dict that says when it was changed.

Overrides are compiled into the handlers, so that a request looks nothing up; a change has the handlers made again.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from martlet._engine.words.epoch import EPOCH

Dependency: TypeAlias = Callable[..., Any]

_MUTATORS = ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update")


class Overrides(dict[Dependency, Dependency]):
    """What is called instead of a dependency; each change bumps the epoch."""


def _bumping(name: str) -> Callable[..., Any]:
    change = getattr(dict, name)

    def method(self: Overrides, *args: Any, **kwargs: Any) -> Any:
        try:
            return change(self, *args, **kwargs)
        finally:
            EPOCH.bump()

    method.__name__ = name
    method.__doc__ = change.__doc__
    return method


for _name in _MUTATORS:
    setattr(Overrides, _name, _bumping(_name))
