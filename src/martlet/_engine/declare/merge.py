"""How what is said at one level of declaration and what is said below it become one: the merge table.

An app's router, each `include_router` call, the included router and the path operation may all say something about
the same option. `RULES` says for each option how two neighbouring levels combine; nothing else in the package decides
that. A level that says nothing holds the option's neutral value, a placeholder where `None` would be a value, so adding
levels up gives the same whatever the order in which it is done.

The rules are FastAPI's: lists add up outer first, inner `responses` win, and of single values the innermost that was
said counts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from martlet._engine.declare.names import generate_unique_id
from martlet._engine.words.markers import Depends
from martlet._engine.words.unset import DefaultPlaceholder


@dataclass(frozen=True, slots=True)
class Level:
    """What one level says; see `RouteOptions` for the meaning of each option.

    Args:
        prefix: what stands in front of paths below, or the path itself at the level of a route.
        dependency_overrides_provider: the app whose `dependency_overrides` count.
    """

    prefix: str = ""
    tags: list[str | Enum] = field(default_factory=list)
    dependencies: list[Depends] = field(default_factory=list)
    responses: dict[int | str, dict[str, Any]] = field(default_factory=dict)
    callbacks: list[BaseRoute] = field(default_factory=list)
    deprecated: bool | None = None
    include_in_schema: bool = True
    response_class: type[Response] | DefaultPlaceholder = field(
        default_factory=lambda: DefaultPlaceholder(JSONResponse)
    )
    generate_unique_id_function: Callable[[Any], str] | DefaultPlaceholder = field(
        default_factory=lambda: DefaultPlaceholder(generate_unique_id)
    )
    strict_content_type: bool | DefaultPlaceholder = field(default_factory=lambda: DefaultPlaceholder(True))
    dependency_overrides_provider: Any = None
    max_body_size: int | None = None
    form_limits: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> "Level":
        """Return the level that says these options, of which those that no level knows are passed over.

        None says nothing, for every option.
        """
        return cls(**{name: value for name in RULES if (value := said.get(name)) is not None})

    def over(self, inner: "Level") -> "Level":
        """Return what holds below both levels."""
        return Level(**{name: rule(getattr(self, name), getattr(inner, name)) for name, rule in RULES.items()})

    def as_options(self) -> dict[str, Any]:
        """Return the level as keywords."""
        return {name: getattr(self, name) for name in RULES}


def _concat(outer: list[Any], inner: list[Any]) -> list[Any]:
    return [*outer, *inner]


def _joined(outer: str, inner: str) -> str:
    return outer + inner


def _overlaid(outer: Mapping[Any, Any], inner: Mapping[Any, Any]) -> dict[Any, Any]:
    return {**outer, **inner}


def _either(outer: bool | None, inner: bool | None) -> bool | None:
    return inner or outer


def _all(outer: bool, inner: bool) -> bool:
    return outer and inner


def _outermost(outer: Any, _inner: Any) -> Any:
    return outer


def innermost(outer: Any, inner: Any) -> Any:
    """A value beats a placeholder; of two placeholders the inner one stays, so that it is still known to be one."""
    return outer if isinstance(inner, DefaultPlaceholder) and not isinstance(outer, DefaultPlaceholder) else inner


def _innermost_limit(outer: int | None, inner: int | None) -> int | None:
    return outer if inner is None else inner


RULES: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "prefix": _joined,
    "tags": _concat,
    "dependencies": _concat,
    "responses": _overlaid,
    "callbacks": _concat,
    "deprecated": _either,
    "include_in_schema": _all,
    "response_class": innermost,
    "generate_unique_id_function": innermost,
    "strict_content_type": innermost,
    "dependency_overrides_provider": _outermost,
    "max_body_size": _innermost_limit,
    "form_limits": _overlaid,
}
"""For each option, what an outer and an inner level become."""
