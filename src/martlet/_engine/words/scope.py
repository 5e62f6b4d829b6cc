"""FastAPI's part of the ASGI scope, `scope["fastapi"]`: who puts what there, under which key.

An included router serves effective routes: copies of what was declared, with the prefix in front. A route whose class
has `matches` or `handle` of its own is not asked through such a copy, but through the very object that the user
declared. Which effective route it then stands for is told in the scope while a request is matched and handled, and in
the variable `EFFECTIVE_ROUTE` while its handler is made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from starlette.types import Scope

SCOPE_KEY: Final = "fastapi"
EFFECTIVE_ROUTE_KEY: Final = "effective_route_context"
"""The effective route that answers, for routes that came in by an include."""
INCLUDED_ROUTER_KEY: Final = "included_router"
"""The `IncludedRouter` whose router is being asked, for routers with a `matches` or `handle` of their user's."""
FORM_LIMITS_KEY: Final = "form_limits"
"""The limits on forms that routers and apps on the way have declared."""

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
    part = matched.get(SCOPE_KEY)
    scope.update({key: value for key, value in matched.items() if key != SCOPE_KEY})
    if part is not None:
        fastapi_scope(scope).update(part)
