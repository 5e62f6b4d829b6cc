"""The tree of templates: what all of them that begin alike have in common is looked at once.

A path is cut at its slashes, and each segment leads one Node further: by text, by a parameter that fills the segment,
or by a segment of both (`{name}.{ext}`). A parameter whose regex may match a slash ends the tree there: `{rest:path}`
at the end of a template takes all that is left, anything else is left to the template's own regex. Templates without
parameters are not in here; the Table keeps them in a dict.

Several templates may match one path; the one declared first wins, wherever in the tree it stands. A Search finds them
all. But mostly one need not search: where the lowest order on all the ways that were not taken (the `rivals`) is above
that of the leaf one came to, that leaf is the answer. This is known when the tree is built, and `settle` notes it.

No path makes this slow: a step down is a step along the path, so no Node is looked at twice.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, Generic, TypeAlias, TypeVar

from martlet._engine.match.converters import ANYTHING, REST, SEGMENT_TESTS, Conversion, Test, conversion
from martlet._engine.match.template import Parameter, Template, Token, pattern_of

T = TypeVar("T")

NOBODY: Final = sys.maxsize
"""The lowest order where there is no leaf."""

Read: TypeAlias = Callable[[str], Sequence[str] | None]
"""Returns the texts of the parameters in a segment, None where the segment is no match."""

Segment: TypeAlias = tuple[Token, ...]


@dataclass(slots=True, eq=False)
class Leaf(Generic[T]):
    """One entry, and what it takes to answer with it.

    Args:
        order: its place among all entries; the lowest wins.
        template: what it matches.
        methods: the methods it takes; None, or none, for all.
        target: what is found.
        names: the names of the template's parameters.
        conversions: what makes values of texts, for those parameters whose value is another one.
        only_name: the name of its parameter, if it has just one whose text is the value.
    """

    order: int
    template: Template
    methods: frozenset[str] | None
    target: T
    names: tuple[str, ...]
    conversions: tuple[tuple[str, Conversion], ...]
    only_name: str | None

    @classmethod
    def of(cls, order: int, template: Template, methods: frozenset[str] | None, target: T) -> "Leaf[T]":
        """Return the leaf for an entry."""
        names = template.param_names
        every = ((parameter.name, conversion(parameter.convertor)) for parameter in template.parameters)
        conversions = tuple((name, convert) for name, convert in every if convert is not None)
        only_name = names[0] if len(names) == 1 and not conversions else None
        return cls(order, template, methods, target, names, conversions, only_name)

    def takes(self, method: str) -> bool:
        """Whether it answers a method."""
        return not self.methods or method in self.methods

    def groups(self, path: str) -> tuple[str, ...] | None:
        """Return the texts of the parameters if the template's regex matches."""
        match = self.template.regex.match(path)
        return None if match is None else tuple(match[name] for name in self.names)

    def params(self, texts: Sequence[str]) -> dict[str, Any] | None:
        """Return the parameters' values; None where a convertor refuses its text, which is then no match."""
        # There are as many texts as names; `strict` would check it, and cost as much as all the rest.
        params: dict[str, Any] = dict(zip(self.names, texts))  # noqa: B905
        try:
            for name, convert in self.conversions:
                params[name] = convert(params[name])
        except ValueError:
            return None
        return params


Found: TypeAlias = tuple[Leaf[T], Sequence[str]]
"""A leaf whose template matches, and the texts of its parameters."""


@dataclass(slots=True, eq=False)
class Node(Generic[T]):
    """A place in the tree: what may follow after the segments on the way to it.

    The fields from `straight` on are for the Table's straight walk, which follows `literals`, and `straight` where no
    literal fits; `settle` fills them in.

    Args:
        literals: the next Node by the text of a segment.
        branches: the next Nodes by parameters, with the way to read a segment for each; by the regex of the segment.
        rest: leaves of templates that end in a `{name:path}` here.
        opaque: leaves of templates that only their regex can match from here.
        ends: leaves of templates that end here, in declared order.
        straight: the Node behind the branch that the walk takes.
        test: what a segment must pass for that; None: it must not be empty.
        sure: by method, the leaf of `ends` that wins against everything elsewhere.
        is_dead_end: whether a path that ends here matches nothing but what is in `sure`.
        is_blind_alley: whether a path that the walk cannot follow any further from here matches nothing.
    """

    literals: dict[str, "Node[T]"] = field(default_factory=dict)
    branches: dict[str, tuple[Read, "Node[T]"]] = field(default_factory=dict)
    rest: tuple[Leaf[T], ...] = ()
    opaque: tuple[Leaf[T], ...] = ()
    ends: tuple[Leaf[T], ...] = ()
    straight: "Node[T] | None" = None
    test: Test | None = None
    sure: dict[str, Leaf[T]] = field(default_factory=dict)
    is_dead_end: bool = True
    is_blind_alley: bool = True

    def insert(self, leaf: Leaf[T]) -> None:
        """Put a leaf below this Node, the root. Leaves come in declared order."""
        node = self
        if not leaf.template.path.startswith("/") or "\n" in leaf.template.path:
            node.opaque += (leaf,)
            return
        for segment in _segments(leaf.template):
            if any(isinstance(token, Parameter) and token.convertor.regex not in SEGMENT_TESTS for token in segment):
                last = leaf.template.tokens[-1:] == segment
                takes_rest = last and isinstance(segment[0], Parameter) and segment[0].convertor.regex == REST
                if takes_rest:
                    node.rest += (leaf,)
                else:
                    node.opaque += (leaf,)
                return
            node = node._next(segment)
        node.ends += (leaf,)

    def _next(self, segment: Segment) -> "Node[T]":
        """Return the Node that a segment leads to; a new one where no template went there before."""
        text = _text(segment)
        if text is not None:
            node = self.literals.get(text)
            if node is None:
                node = self.literals[text] = Node()
            return node
        key = _key(segment)
        if key not in self.branches:
            self.branches[key] = (_reader(key), Node())
        return self.branches[key][1]

    def settle(self) -> None:
        """Prepare the straight walk from this Node, the root, when all leaves are in."""
        lowest: dict[Node[T], int] = {}
        self._measure(lowest)
        self._settle(lowest, NOBODY)

    def _settle(self, lowest: dict["Node[T]", int], rivals: int) -> None:
        """Prepare the walk from here on.

        Args:
            lowest: the lowest order at and below each Node.
            rivals: the lowest order on all the ways that a walk which comes here has not taken.
        """
        key = next((key for key in SEGMENT_TESTS if key in self.branches), None)
        if key is not None:
            self.straight = self.branches[key][1]
            self.test = None if key == ANYTHING else SEGMENT_TESTS[key]
        others = [leaf.order for leaf in (*self.rest, *self.opaque)]
        others += [lowest[node] for _, node in self.branches.values() if node is not self.straight]
        beside_straight = min([rivals, *others])
        beside_literals = beside_straight if self.straight is None else min(beside_straight, lowest[self.straight])
        self._settle_ends(rivals)
        self.is_blind_alley = beside_straight == NOBODY
        for node in self.literals.values():
            node._settle(lowest, beside_literals)
        if self.straight is not None:  # the walk never comes to the other branches
            self.straight._settle(lowest, beside_straight)

    def _settle_ends(self, rivals: int) -> None:
        for leaf in self.ends:
            if leaf.order > rivals or not leaf.methods:
                self.is_dead_end = False
                return
            for method in leaf.methods:
                self.sure.setdefault(method, leaf)
        self.is_dead_end = rivals == NOBODY

    def _measure(self, lowest: dict["Node[T]", int]) -> int:
        """Return the lowest order at and below this Node, and note it for every Node there."""
        orders = [leaf.order for leaf in (*self.rest, *self.opaque, *self.ends)]
        orders += [node._measure(lowest) for node in self._children()]
        lowest[self] = min(orders, default=NOBODY)
        return lowest[self]

    def _children(self) -> Iterator["Node[T]"]:
        yield from self.literals.values()
        yield from (node for _, node in self.branches.values())


@dataclass(slots=True, eq=False)
class Search(Generic[T]):
    """The way to all leaves that match a path.

    Args:
        path: the path.
        parts: its segments.
        found: the leaves that match, with the texts of their parameters, in no particular order.
    """

    path: str
    parts: list[str]
    found: list[Found[T]]

    def below(self, node: Node[T], at: int, texts: tuple[str, ...]) -> None:
        """Find what matches at and below a Node.

        Args:
            node: the Node that the segments before `at` led to.
            at: which segment comes next.
            texts: the texts of the parameters in the segments before.
        """
        if at == len(self.parts):
            for leaf in node.ends:
                self.found.append((leaf, texts))
            return
        part = self.parts[at]
        literal = node.literals.get(part)
        if literal is not None:
            self.below(literal, at + 1, texts)
        for read, child in node.branches.values():
            more = read(part)
            if more is not None:
                self.below(child, at + 1, (*texts, *more))
        for leaf in node.rest:
            self.found.append((leaf, (*texts, "/".join(self.parts[at:]))))
        for leaf in node.opaque:
            groups = leaf.groups(self.path)
            if groups is not None:
                self.found.append((leaf, groups))


def _segments(template: Template) -> Iterator[Segment]:
    """Cut a template at the slashes of its texts."""
    segment: list[Token] = []
    for token in template.tokens:
        if isinstance(token, Parameter):
            segment.append(token)
            continue
        first, *others = token.split("/")
        if first:
            segment.append(first)
        for text in others:
            yield tuple(segment)
            segment = [text] if text else []
    yield tuple(segment)


def _text(segment: Segment) -> str | None:
    """Return the text of a segment without parameters, None for other segments."""
    if not segment:
        return ""
    first = segment[0]
    return first if len(segment) == 1 and isinstance(first, str) else None


def _key(segment: Segment) -> str:
    """Return the regex of a segment with parameters, without their names: `/{a}/x` and `/{b}/y` share a Node."""
    first = segment[0]
    if len(segment) == 1 and isinstance(first, Parameter):
        return first.convertor.regex
    numbered = (
        Parameter(f"_{number}", token.convertor) if isinstance(token, Parameter) else token
        for number, token in enumerate(segment)
    )
    return pattern_of(tuple(numbered))


@cache  # a few regexes fill all templates
def _reader(key: str) -> Read:
    """Return what reads the texts of a segment's parameters, by the segment's regex."""
    test = SEGMENT_TESTS.get(key)
    if test is not None:
        return lambda part: (part,) if test(part) else None
    fullmatch = re.compile(key).fullmatch

    def read(part: str) -> Sequence[str] | None:
        match = fullmatch(part)
        return None if match is None else tuple(match.groupdict().values())

    return read
