"""Type aliases that several floors share."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar

IncEx: TypeAlias = set[int] | set[str] | dict[int, Any] | dict[str, Any]
"""What pydantic accepts for `include` and `exclude`: field names or indices, or a mapping of them to nested ones."""

DecoratedCallable = TypeVar("DecoratedCallable", bound=Callable[..., Any])
"""An endpoint: a decorator returns the very function it was given."""

DependencyScope: TypeAlias = Literal["function", "request"]
"""When a `yield` dependency ends: before the response is sent, or after."""

DependencyCacheKey: TypeAlias = tuple[Callable[..., Any] | None, tuple[str, ...], str]
"""What makes two uses of a dependency one call: callable, security scopes, lifetime."""

Loc: TypeAlias = tuple[int | str, ...]
"""Where in the input an error is, as pydantic's `loc`."""

ErrorDetails: TypeAlias = dict[str, Any]
"""One validation error as it is answered: type, loc, msg, input and sometimes ctx."""
