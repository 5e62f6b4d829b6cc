"""What `fastapi.dependencies.models` offers: the tree of a signature, and questions about its callables.

Only `Dependant` is meant for others; the rest is here since packages and tests import it all the same.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from martlet._engine.read import dependant as read
from martlet._engine.read.callables import Identity as _CallIdentity
from martlet._engine.read.callables import Kind, is_of_kind
from martlet._engine.read.callables import unwrap as _unwrapped_call
from martlet._engine.read.callables import without_partial as _impartial
from martlet._engine.read.dependant import Dependant as Dependant
from martlet._engine.read.slot import Slot as ModelField
from martlet._engine.words.types import DependencyCacheKey
from martlet.concurrency import DependencyConcurrency as _DependencyConcurrency
from martlet.security.base import SecurityBase


def _get_oauth_scopes(*, dependant: Dependant) -> list[str]:
    return read.oauth_scopes(dependant)


def _get_cache_key(*, dependant: Dependant, uses_scopes_cache: dict[int, bool] | None = None) -> DependencyCacheKey:
    return read.cache_key(dependant, uses_scopes_cache)


def _uses_scopes(*, dependant: Dependant, cache: dict[int, bool] | None = None) -> bool:
    return read.uses_scopes(dependant, cache)


def _is_security_scheme(*, dependant: Dependant) -> bool:
    return read.is_security_scheme(dependant)


def _get_security_scheme(*, dependant: Dependant) -> SecurityBase:
    return read.security_scheme(dependant)


def _get_computed_scope(*, dependant: Dependant) -> str | None:
    return read.lifetime(dependant)


@lru_cache(maxsize=4096)
def _is_gen_callable_cached(call_identity: _CallIdentity) -> bool:
    return is_of_kind(call_identity.call, Kind.GENERATOR)


@lru_cache(maxsize=4096)
def _is_async_gen_callable_cached(call_identity: _CallIdentity) -> bool:
    return is_of_kind(call_identity.call, Kind.ASYNC_GENERATOR)


@lru_cache(maxsize=4096)
def _is_coroutine_callable_cached(call_identity: _CallIdentity) -> bool:
    return is_of_kind(call_identity.call, Kind.COROUTINE)


def _is_gen_callable(call: Callable[..., Any] | None) -> bool:
    return _is_gen_callable_cached(_CallIdentity(call))


def _is_async_gen_callable(call: Callable[..., Any] | None) -> bool:
    return _is_async_gen_callable_cached(_CallIdentity(call))


def _is_coroutine_callable(call: Callable[..., Any] | None) -> bool:
    return _is_coroutine_callable_cached(_CallIdentity(call))


__all__ = [
    "Dependant",
    "ModelField",
    "_DependencyConcurrency",
    "_impartial",
    "_unwrapped_call",
]
