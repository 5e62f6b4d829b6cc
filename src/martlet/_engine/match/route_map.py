"""The RouteMap: a Table with foreign routes at their places in between.

A foreign route decides for itself what it matches: a `Mount`, a `Host`, a user's own `BaseRoute`. The first match in
declared order still wins, so one that stands before an entry has to be asked first. The map does not ask: it says when
there is nobody to ask (`find`), and otherwise who comes in which order (`candidates`).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from martlet._engine.match.table import Entry, Matched, Params, Table

T = TypeVar("T")
F = TypeVar("F")


@dataclass(frozen=True, slots=True)
class Foreign(Generic[F]):
    """A route that decides for itself what it matches.

    Args:
        route: the route.
        prefix: what every path that it matches begins with, as far as that is known; on other paths it is not asked.
    """

    route: F
    prefix: str = ""


class RouteMap(Generic[T, F]):
    """Entries and foreign routes in declared order: a Table for each run of entries between two foreign routes.

    Args:
        items: what is declared, in order.

    Attributes:
        find: from a path and a method to the target of the entry that answers and the path's parameters. None where no
            entry does, and where a foreign route must be asked first: `candidates` tells the two apart.
        matches_any: whether an entry matches a path, for whatever method; no foreign route counts.
    """

    __slots__ = ("_segments", "find", "matches_any")

    def __init__(self, items: Sequence[Entry[T] | Foreign[F]]) -> None:
        self._segments: tuple[Table[T] | Foreign[F], ...] = tuple(_segments(items))
        # PERF: bench/micro/match.py. Without foreign routes this is the Table's own method, with nothing around it.
        only = self._segments[0] if len(self._segments) == 1 else None
        self.find: Callable[[str, str], tuple[T, Params] | None]
        self.matches_any: Callable[[str], bool]
        if isinstance(only, Table):
            self.find, self.matches_any = only.find, only.matches_any
        else:
            self.find, self.matches_any = self._find, self._matches_any

    @property
    def foreign(self) -> tuple[Foreign[F], ...]:
        """The foreign routes, in declared order."""
        return tuple(each for each in self._segments if isinstance(each, Foreign))

    def _find(self, path: str, method: str) -> tuple[T, Params] | None:
        for each in self._segments:
            if isinstance(each, Table):
                hit = each.find(path, method)
                if hit is not None:
                    return hit
            elif path.startswith(each.prefix):
                return None
        return None

    def candidates(self, path: str, method: str) -> Iterator[Matched[T] | Foreign[F]]:
        """Yield what may answer, in declared order: entries whose template matches, and foreign routes to be asked.

        The first full match is the answer; without one, the first partial match answers 405.
        """
        for each in self._segments:
            if isinstance(each, Table):
                yield from each.matches(path, method)
            elif path.startswith(each.prefix):
                yield each

    def find_partial(self, path: str, method: str) -> tuple[T, Params] | None:
        """Return the target of the first entry that matches, but does not take the method; no foreign route counts."""
        hits = (each.find_partial(path, method) for each in self._segments if isinstance(each, Table))
        return next((hit for hit in hits if hit is not None), None)

    def _matches_any(self, path: str) -> bool:
        return any(each.matches_any(path) for each in self._segments if isinstance(each, Table))


def _segments(items: Sequence[Entry[T] | Foreign[F]]) -> Iterator[Table[T] | Foreign[F]]:
    """Yield the foreign routes, and a Table for each run of entries."""
    run: list[Entry[T]] = []
    for item in items:
        if isinstance(item, Entry):
            run.append(item)
            continue
        if run:
            yield Table(run)
            run = []
        yield item
    if run:
        yield Table(run)
