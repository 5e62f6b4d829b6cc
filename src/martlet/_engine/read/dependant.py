"""What a signature says: a tree of Dependants, one for the endpoint and one for each use of a dependency.

A Dependant is mutable, and its fields bear FastAPI's names: packages read them and put dependencies of their own into
`route.dependant.dependencies`. Nothing else here is changed after it was read; `graph.py` takes the tree as it is when
the route is frozen.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from martlet._engine.read.callables import is_generator, unwrap
from martlet._engine.read.slot import Slot
from martlet._engine.words.concurrency import DependencyConcurrency
from martlet._engine.words.types import DependencyCacheKey, DependencyScope
from martlet.security.base import SecurityBase


@dataclass(slots=True)
class Dependant:
    """One callable and what it asks for.

    Args:
        path_params: slots filled from the path; likewise the other four lists.
        dependencies: the dependencies of its own, in the order in which they run.
        name: the parameter it fills in the callable above it; None for those of a decorator.
        call: what is called for the value.
        request_param_name: the parameter that takes the Request; likewise the other five.
        own_oauth_scopes: scopes that this use of it asks for.
        parent_oauth_scopes: scopes asked for by the callables above it.
        use_cache: whether one request calls it once at most.
        path: the path template it was read for.
        scope: when its part behind `yield` runs; None for FastAPI's default, after the response.
        concurrency: how many requests may be inside it at once, where that is limited.
    """

    path_params: list[Slot] = field(default_factory=list)
    query_params: list[Slot] = field(default_factory=list)
    header_params: list[Slot] = field(default_factory=list)
    cookie_params: list[Slot] = field(default_factory=list)
    body_params: list[Slot] = field(default_factory=list)
    dependencies: list["Dependant"] = field(default_factory=list)
    name: str | None = None
    call: Callable[..., Any] | None = None
    request_param_name: str | None = None
    websocket_param_name: str | None = None
    http_connection_param_name: str | None = None
    response_param_name: str | None = None
    background_tasks_param_name: str | None = None
    security_scopes_param_name: str | None = None
    own_oauth_scopes: list[str] | None = None
    parent_oauth_scopes: list[str] | None = None
    use_cache: bool = True
    path: str | None = None
    scope: DependencyScope | None = None
    concurrency: DependencyConcurrency | None = None


def oauth_scopes(dependant: Dependant) -> list[str]:
    """Return the scopes in force at a dependency: those from above it, then those that it adds.

    COMPAT: what several callables above it ask for stands there several times, as in FastAPI.
    """
    scopes = list(dependant.parent_oauth_scopes or ())
    for scope in dependant.own_oauth_scopes or ():
        if scope not in scopes:
            scopes.append(scope)
    return scopes


def lifetime(dependant: Dependant) -> DependencyScope | None:
    """Return when a dependency ends; None for one that has no part behind a `yield`."""
    if dependant.scope:
        return dependant.scope
    return "request" if is_generator(dependant.call) else None


def is_security_scheme(dependant: Dependant) -> bool:
    """Whether the dependency is one of `martlet.security`'s schemes, which the document lists."""
    return isinstance(unwrap(dependant.call), SecurityBase)


def security_scheme(dependant: Dependant) -> SecurityBase:
    """Return the scheme behind a dependency for which `is_security_scheme` holds."""
    scheme = unwrap(dependant.call)
    if not isinstance(scheme, SecurityBase):
        raise TypeError(f"{scheme!r} is no security scheme")
    return scheme


def uses_scopes(dependant: Dependant, known: dict[int, bool] | None = None) -> bool:
    """Whether the value of a dependency can depend on the scopes asked for above it.

    `known` keeps the answers by the ids of the dependants, for those who ask about every part of a tree in turn.
    """
    known = {} if known is None else known
    answer = known.get(id(dependant))
    if answer is None:
        answer = known[id(dependant)] = bool(
            dependant.own_oauth_scopes
            or dependant.security_scopes_param_name is not None
            or is_security_scheme(dependant)
            or any(uses_scopes(each, known) for each in dependant.dependencies)
        )
    return answer


def cache_key(dependant: Dependant, known: dict[int, bool] | None = None) -> DependencyCacheKey:
    """Return what two uses must share for one call to serve both; for `known` see `uses_scopes`."""
    scopes = tuple(sorted(set(oauth_scopes(dependant)))) if uses_scopes(dependant, known) else ()
    return (dependant.call, scopes, lifetime(dependant) or "")


def flat_body_slots(dependant: Dependant) -> list[Slot]:
    """Return the body slots of the whole tree: a callable's own before those of its dependencies."""
    slots = list(dependant.body_params)
    for each in dependant.dependencies:
        slots.extend(flat_body_slots(each))
    return slots
