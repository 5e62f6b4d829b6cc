"""The Graph: the calls that one request makes, in order, each once.

A signature's tree of Dependants names every *use* of a dependency; the Graph says which *call* (Node) serves it. Uses
with one cache key share a Node unless `use_cache=False`. Overrides are looked up here, when the graph is built, so that
a request looks nothing up.

The tree of uses is kept beside the nodes: where inputs are bad, FastAPI reports the errors of every use in the order of
the tree, and `run/solve.py` walks it for that.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from martlet._engine.read.callables import Kind, kind_of
from martlet._engine.read.dependant import Dependant, cache_key, oauth_scopes
from martlet._engine.read.signature import read_into
from martlet._engine.words.types import DependencyCacheKey, DependencyScope

Overrides = Mapping[Callable[..., Any], Callable[..., Any]]


@dataclass(frozen=True, slots=True)
class Node:
    """One call.

    Args:
        index: its place in the order of calls.
        key: what its uses have in common: the callable that was asked for, not the one that overrides it.
        dependant: what it asks for: the override's signature where there is an override.
        kind: how it is called.
        scope: when its part behind a `yield` runs.
        inputs: for each parameter that a dependency fills, the name and that dependency's node.
    """

    index: int
    key: DependencyCacheKey
    dependant: Dependant
    kind: Kind
    scope: DependencyScope
    inputs: tuple[tuple[str, int], ...]

    @property
    def call(self) -> Callable[..., Any]:
        """What is called."""
        return self.dependant.call  # type: ignore[return-value]  # `read_into` takes no use without one

    @property
    def yields(self) -> bool:
        """Whether something of it runs after the endpoint."""
        return self.kind in (Kind.GENERATOR, Kind.ASYNC_GENERATOR)


@dataclass(frozen=True, slots=True)
class Use:
    """One place that asks for a dependency: the node that serves it, and the uses of that callable's own signature."""

    node: Node
    uses: tuple["Use", ...]


@dataclass(frozen=True, slots=True)
class Graph:
    """What one request calls before the endpoint, and with what.

    Args:
        root: the endpoint's own Dependant.
        nodes: the calls, in the order in which they are made.
        uses: the places at the top of the tree.
        inputs: for each parameter of the endpoint that a dependency fills, the name and that dependency's node.
    """

    root: Dependant
    nodes: tuple[Node, ...]
    uses: tuple[Use, ...]
    inputs: tuple[tuple[str, int], ...]

    @property
    def dependants(self) -> tuple[Dependant, ...]:
        """The signatures whose values a request must provide: those of the nodes, then the endpoint's."""
        return (*(node.dependant for node in self.nodes), self.root)


@dataclass(slots=True)
class _Builder:
    overrides: Overrides
    nodes: list[Node] = field(default_factory=list)
    shared: dict[DependencyCacheKey, Node] = field(default_factory=dict)

    def uses(self, dependant: Dependant) -> tuple[tuple[Use, ...], tuple[tuple[str, int], ...]]:
        uses = tuple(self.use(each) for each in dependant.dependencies)
        filled = zip(dependant.dependencies, uses, strict=True)
        return uses, tuple((each.name, use.node.index) for each, use in filled if each.name is not None)

    def use(self, asked: Dependant) -> Use:
        dependant = self.overridden(asked)
        uses, inputs = self.uses(dependant)
        key = cache_key(asked)
        if asked.use_cache and key in self.shared:
            return Use(self.shared[key], uses)
        scope: DependencyScope = "function" if asked.scope == "function" else "request"
        node = Node(len(self.nodes), key, dependant, kind_of(dependant.call), scope, inputs)
        self.nodes.append(node)
        self.shared.setdefault(key, node)
        return Use(node, uses)

    def overridden(self, asked: Dependant) -> Dependant:
        call = None if asked.call is None else self.overrides.get(asked.call)
        if call is None:
            return asked
        use = Dependant(
            call=call,
            name=asked.name,
            path=asked.path,
            parent_oauth_scopes=oauth_scopes(asked),
            use_cache=asked.use_cache,
            scope=asked.scope,
            concurrency=asked.concurrency,
        )
        return read_into(use)


def build_graph(root: Dependant, overrides: Overrides | None = None) -> Graph:
    """Return the calls that stand behind the signature `root`, with `overrides` in place of what they replace."""
    builder = _Builder(overrides or {})
    uses, inputs = builder.uses(root)
    return Graph(root, tuple(builder.nodes), uses, inputs)
