"""FastAPI's corner of the ASGI scope, and the context in which a declared route stands in for an effective one.

A route class with methods of its own is asked through the very object that the user declared, also where the route
was included under a prefix. Which of its effective routes is meant is told in `scope["fastapi"]` while a request is
matched and handled, and in `EFFECTIVE_ROUTE` while its handler is made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from starlette.types import Scope

SCOPE_KEY: Final = "fastapi"
EFFECTIVE_ROUTE_KEY: Final = "effective_route_context"
INCLUDED_ROUTER_KEY: Final = "included_router"

EFFECTIVE_ROUTE: Final[ContextVar[Any]] = ContextVar("fastapi_effective_route_context", default=None)
"""The effective route whose handler is being made, None mostly."""

_MISSING: Final = object()


def fastapi_scope(scope: Scope) -> dict[str, Any]:
    """Return FastAPI's part of the scope, made on first use."""
    part: dict[str, Any] = scope.setdefault(SCOPE_KEY, {})
    return part


def told(scope: Scope, key: str) -> Any:
    """Return what FastAPI's part of the scope holds, None where there is nothing."""
    return scope.get(SCOPE_KEY, {}).get(key)


def effective_route_of(scope: Scope) -> Any:
    """Return the effective route that the scope tells of; None where no declared route stands in for one."""
    return told(scope, EFFECTIVE_ROUTE_KEY)


@contextmanager
def telling(scope: Scope, key: str, value: Any) -> Iterator[None]:
    """Hold `value` in FastAPI's part of the scope, for the block only."""
    part = fastapi_scope(scope)
    previous = part.get(key, _MISSING)
    part[key] = value
    try:
        yield
    finally:
        restore(scope, key, previous)


def restore(scope: Scope, key: str, previous: Any) -> None:
    """Put back what FastAPI's part of the scope held, as far as there is such a part."""
    part = scope.get(SCOPE_KEY)
    if not isinstance(part, dict):
        return
    if previous is _MISSING:
        part.pop(key, None)
    else:
        part[key] = previous


def update_scope(scope: Scope, matched: Scope) -> None:
    """Add what a match says to the scope; FastAPI's part is added to, not replaced."""
    matched = dict(matched)
    fastapi_scope(scope).update(matched.pop(SCOPE_KEY, {}))
    scope.update(matched)
