"""The Table: from a path and a method to what was declared for them.

The rule is Starlette's. An entry matches if its template's regex does; the first one declared that matches and takes
the method is the answer, otherwise the first one that matches answers 405. The cost does not depend on how many there
are: paths without parameters are in a dict, the others in a tree (`tree.py`), of which a request walks one way down.

Nothing here knows what a target is, nor what a request is. Routes that decide for themselves what they match have their
place in `route_map.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Generic, TypeAlias, TypeVar

from martlet._engine.match.template import Template
from martlet._engine.match.tree import Found, Leaf, Node, Search

T = TypeVar("T")

Params: TypeAlias = Mapping[str, Any]
"""The values of a path's parameters, by name. Read-only, as it may be shared: copy it to hand it to others."""

NO_PARAMS: Final[Params] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """What is declared for one template.

    Args:
        template: the paths it is for.
        methods: the methods it takes; None, or none, for all.
        target: what is found.
    """

    template: Template
    methods: frozenset[str] | None
    target: T


@dataclass(frozen=True, slots=True)
class Matched(Generic[T]):
    """An entry whose template matches a path.

    Args:
        target: what was declared.
        params: the values of the path's parameters.
        full: whether it takes the method too.
    """

    target: T
    params: Params
    full: bool


class Table(Generic[T]):
    """Entries, ready to be looked up.

    Args:
        entries: what is declared, in order.
    """

    __slots__ = ("_answers", "_root", "_static")

    def __init__(self, entries: Sequence[Entry[T]]) -> None:
        self._root: Node[T] = Node()
        self._static: dict[str, list[Leaf[T]]] = {}
        for order, entry in enumerate(entries):
            leaf = Leaf.of(order, entry.template, entry.methods, entry.target)
            path = entry.template.path
            if not leaf.names and path.startswith("/") and "\n" not in path:
                self._static.setdefault(path, []).append(leaf)
            else:
                self._root.insert(leaf)
        self._root.settle()
        self._answers = {path: self._answers_for(path) for path in self._static}

    def _answers_for(self, path: str) -> dict[str, tuple[T, Params]]:
        """Return the answers for a path without parameters by method, as far as they need no thought.

        Some need it: where something declared earlier matches the path by a parameter, or takes all methods.
        """
        first: dict[str, Leaf[T]] = {}
        for leaf, _ in sorted(self._search(path), key=_order):
            if not leaf.methods:
                break
            for method in leaf.methods:
                first.setdefault(method, leaf)
        return {method: (leaf.target, NO_PARAMS) for method, leaf in first.items() if not leaf.names}

    def find(self, path: str, method: str) -> tuple[T, Params] | None:
        """Return the target of the first entry that matches and takes the method, with the path's parameters.

        PERF: bench/micro/match.py. A path without parameters is one look-up; the others walk straight down the tree.
        The walk gives up where more than one way could lead to the answer, and a Search looks at all of them.
        """
        answers = self._answers.get(path)
        if answers is not None:
            answer = answers.get(method)
            if answer is not None:
                return answer
        elif "\n" not in path:
            node = self._root
            texts = []
            for part in path.split("/"):
                child = node.literals.get(part)
                if child is None:
                    child = node.straight
                    if child is None or not part or not (node.test is None or node.test(part)):
                        if node.is_blind_alley:
                            return None
                        break
                    texts.append(part)
                node = child
            else:
                leaf = node.sure.get(method)
                if leaf is not None:
                    if leaf.only_name is not None:
                        return leaf.target, {leaf.only_name: texts[0]}
                    params = leaf.params(texts)
                    if params is not None:
                        return leaf.target, params
                elif node.is_dead_end:
                    return None
        return self._find_by_search(path, method)

    def _find_by_search(self, path: str, method: str) -> tuple[T, Params] | None:
        for leaf, params in self._matching(path, method):
            return leaf.target, params
        return None

    def find_partial(self, path: str, method: str) -> tuple[T, Params] | None:
        """Return the target of the first entry that matches, but does not take the method."""
        matching = self._matching(path)
        return next(((leaf.target, params) for leaf, params in matching if not leaf.takes(method)), None)

    def matches_any(self, path: str) -> bool:
        """Whether an entry matches, for whatever method."""
        # PERF: `bench 404`: a path that is nowhere is asked for twice, with and without a slash at its end.
        return not self._is_nowhere(path) and any(True for _ in self._matching(path))

    def _is_nowhere(self, path: str) -> bool:
        """Whether nothing matches, as far as the walk straight down the tree can tell."""
        if path in self._static or "\n" in path:
            return False
        node = self._root
        for part in path.split("/"):
            child = node.literals.get(part)
            if child is None:
                child = node.straight
                if child is None or not part or not (node.test is None or node.test(part)):
                    return node.is_blind_alley
            node = child
        return False

    def matches(self, path: str, method: str) -> Iterator[Matched[T]]:
        """Yield every entry whose template matches, in declared order."""
        for leaf, params in self._matching(path):
            yield Matched(leaf.target, params, leaf.takes(method))

    def _matching(self, path: str, method: str | None = None) -> Iterator[tuple[Leaf[T], Params]]:
        """Yield the leaves that match, in declared order; only those that take `method`, if one is given."""
        found = self._search(path) if "\n" not in path else self._search_by_regex(path)
        if len(found) > 1:
            found.sort(key=_order)
        for leaf, texts in found:
            if method is None or leaf.takes(method):
                params = leaf.params(texts)
                if params is not None:
                    yield leaf, params

    def _search(self, path: str) -> list[Found[T]]:
        """Return the leaves that match, in no particular order, with the texts of their parameters."""
        search = Search(path, path.split("/"), [(leaf, ()) for leaf in self._static.get(path, ())])
        search.below(self._root, 0, ())
        return search.found

    def _search_by_regex(self, path: str) -> list[Found[T]]:
        """Do the same for a path with a line feed.

        A regex's `$` matches before a line feed at the end, its `.` matches none. The tree says which templates come
        into question, for the path and for what stands before that line feed; their regexes decide.
        """
        candidates = dict.fromkeys(leaf for each in (path, path.removesuffix("\n")) for leaf, _ in self._search(each))
        groups = ((leaf, leaf.groups(path)) for leaf in candidates)
        return [(leaf, texts) for leaf, texts in groups if texts is not None]


def _order(found: Found[T]) -> int:
    return found[0].order
