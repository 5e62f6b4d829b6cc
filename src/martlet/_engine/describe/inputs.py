"""What a path operation takes from a request besides its body, gathered from its whole tree of dependencies.

A dependency that is used several times counts once, at its first use, as it runs once. Parameters keep their place in
the request, and parameter models stand for their fields. Bodies are the Plan's: see `BodyPlan`.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from martlet._engine.read.dependant import Dependant, cache_key, is_security_scheme, oauth_scopes
from martlet._engine.read.slot import Slot, expanded
from martlet._engine.words.types import DependencyCacheKey


@dataclass(frozen=True, slots=True)
class SchemeUse:
    """One use of a security scheme, with the scopes in force there."""

    dependant: Dependant
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one path operation takes.

    Args:
        groups: the slots of each place of the request that has some (path, query, header, cookie), parameter models
            unexpanded.
        slots: the same, one after the other, parameter models expanded.
        schemes: the security schemes among the dependencies, in the order in which they run.
    """

    groups: tuple[tuple[str, tuple[Slot, ...]], ...]
    slots: tuple[Slot, ...]
    schemes: tuple[SchemeUse, ...]


def inputs_of(dependant: Dependant) -> Inputs:
    """Return what the endpoint and its dependencies take."""
    uses = list(_uses(dependant))
    path: list[Slot] = []
    query: list[Slot] = []
    header: list[Slot] = []
    cookie: list[Slot] = []
    for node, _ in uses:
        path += node.path_params
        query += node.query_params
        header += node.header_params
        cookie += node.cookie_params
    places = (("path", path), ("query", query), ("header", header), ("cookie", cookie))
    groups = tuple((place, tuple(slots)) for place, slots in places if slots)
    slots = tuple(expanded([*path, *query, *header, *cookie]))
    # The endpoint itself, first of all, is no dependency even where it is a scheme.
    schemes = tuple(SchemeUse(node, scopes) for node, scopes in uses[1:] if is_security_scheme(node))
    return Inputs(groups, slots, schemes)


def _uses(dependant: Dependant) -> Iterator[tuple[Dependant, tuple[str, ...]]]:
    """Yield the tree from the endpoint on, each dependency once, with the scopes in force at it."""
    if not dependant.dependencies:
        yield dependant, tuple(oauth_scopes(dependant))
        return
    seen: list[DependencyCacheKey] = []  # no set: a callable need not be hashable
    known: dict[int, bool] = {}
    waiting: list[tuple[Dependant, tuple[str, ...]]] = [(dependant, ())]
    while waiting:
        node, above = waiting.pop()
        key = cache_key(node, known)
        if key in seen:
            continue
        seen.append(key)
        scopes = tuple(dict.fromkeys((*above, *oauth_scopes(node))))
        yield node, scopes
        waiting.extend((each, scopes) for each in reversed(node.dependencies))
