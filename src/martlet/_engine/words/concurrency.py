"""The limit that a declaration puts on how many requests may be inside one dependency at once.

`Depends(..., max_concurrency=3)` makes one `DependencyConcurrency`, shared by every request that runs the dependency
under that declaration. A semaphore belongs to one event loop, a declaration does not; so each loop gets a semaphore of
its own, made on first use.
"""

from functools import cache
from typing import TYPE_CHECKING, TypeAlias
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from anyio import Semaphore
    from anyio.lowlevel import RunVar


class DependencyConcurrency:
    """A limit on simultaneous uses of a dependency.

    Args:
        max_concurrency: how many requests may hold the dependency at once, for each event loop; 1 or more.
    """

    def __init__(self, max_concurrency: int) -> None:
        self.max_concurrency = max_concurrency

    def get_semaphore(self) -> "Semaphore":
        """Return the semaphore of this limit in the running event loop."""
        of_loops = _of_loops()
        semaphores = of_loops.get(None)
        if semaphores is None:
            semaphores = WeakKeyDictionary()
            of_loops.set(semaphores)
        return semaphores.get(self) or self._make(semaphores)

    def _make(self, semaphores: "_Semaphores") -> "Semaphore":
        from anyio import Semaphore  # noqa: PLC0415 - for an event loop that comes here

        semaphore = semaphores[self] = Semaphore(self.max_concurrency)
        return semaphore


# Weak keys: a loop that outlives a declaration must not keep it alive.
_Semaphores: TypeAlias = "WeakKeyDictionary[DependencyConcurrency, Semaphore]"


@cache
def _of_loops() -> "RunVar[_Semaphores]":
    """Return the variable that holds the semaphores of each event loop."""
    from anyio.lowlevel import RunVar  # noqa: PLC0415 - for the first limit that is kept

    return RunVar("martlet_dependency_semaphores")
