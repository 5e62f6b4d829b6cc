"""What `fastapi.dependencies.models` offers: the tree of a signature, and questions about its callables."""

from collections.abc import Callable
from typing import Any

from martlet._engine.read import dependant as read
from martlet._engine.read.callables import Kind, kind_of, unwrap
from martlet._engine.read.callables import without_partial as _impartial
from martlet._engine.read.dependant import Dependant
from martlet._engine.words.types import DependencyCacheKey
from martlet.security.base import SecurityBase


def _unwrapped_call(call: Callable[..., Any] | None) -> Any:
    return unwrap(call)


def _get_oauth_scopes(*, dependant: Dependant) -> list[str]:
    return read.oauth_scopes(dependant)


def _get_cache_key(*, dependant: Dependant, uses_scopes_cache: Any = None) -> DependencyCacheKey:
    return read.cache_key(dependant)


def _uses_scopes(*, dependant: Dependant, cache: Any = None) -> bool:
    return read.uses_scopes(dependant)


def _is_security_scheme(*, dependant: Dependant) -> bool:
    return read.is_security_scheme(dependant)


def _get_security_scheme(*, dependant: Dependant) -> SecurityBase:
    return read.security_scheme(dependant)


def _get_computed_scope(*, dependant: Dependant) -> str | None:
    return read.lifetime(dependant)


def _is_gen_callable(call: Callable[..., Any] | None) -> bool:
    return kind_of(call) is Kind.GENERATOR


def _is_async_gen_callable(call: Callable[..., Any] | None) -> bool:
    return kind_of(call) is Kind.ASYNC_GENERATOR


def _is_coroutine_callable(call: Callable[..., Any] | None) -> bool:
    return kind_of(call) is Kind.COROUTINE


__all__ = ["Dependant", "_impartial"]
