"""The count of changes to what is served.

Routers and their lists of routes bump it after each change. Whoever keeps something worked out from them (the frozen
table, the flat view of `app.routes`, the document) keeps the number beside it, and works it out again once the number
is another. One count serves all apps of a process: a request pays for comparing two integers, and changes are
rare once an app serves.
"""

from itertools import count
from typing import Final


class Epoch:
    """A number that no two changes share."""

    __slots__ = ("_numbers", "value")

    def __init__(self) -> None:
        self._numbers = count(1)
        self.value = 0

    def bump(self) -> int:
        """Note a change that has been made, and return its number."""
        # `next` is atomic where `+= 1` is not: two threads that shared a number could hide one's change from a reader.
        self.value = number = next(self._numbers)
        return number


EPOCH: Final = Epoch()
"""The count that routers bump; read `EPOCH.value`."""
