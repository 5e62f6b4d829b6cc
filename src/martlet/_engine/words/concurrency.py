"""The limit that a declaration puts on how many requests may be inside one dependency at once.

`Depends(..., max_concurrency=3)` makes one `DependencyConcurrency`, shared by every request that runs the dependency
under that declaration. A semaphore belongs to one event loop, a declaration does not; so each loop gets a semaphore of
its own, made on first use.
"""

from weakref import WeakKeyDictionary

from anyio import Semaphore
from anyio.lowlevel import RunVar


class DependencyConcurrency:
    """A limit on simultaneous uses of a dependency.

    Args:
        max_concurrency: how many requests may hold the dependency at once, for each event loop; 1 or more.
    """

    def __init__(self, max_concurrency: int) -> None:
        self.max_concurrency = max_concurrency

    def get_semaphore(self) -> Semaphore:
        """Return the semaphore of this limit in the running event loop."""
        semaphores = _semaphores.get(None)
        if semaphores is None:
            semaphores = WeakKeyDictionary()
            _semaphores.set(semaphores)
        semaphore = semaphores.get(self)
        if semaphore is None:
            semaphore = semaphores[self] = Semaphore(self.max_concurrency)
        return semaphore


# Weak keys: a loop that outlives a declaration must not keep it alive.
_semaphores: RunVar[WeakKeyDictionary[DependencyConcurrency, Semaphore]] = RunVar("martlet_dependency_semaphores")
