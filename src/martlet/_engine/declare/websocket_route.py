"""APIWebSocketRoute: a WebSocket endpoint with dependencies, read when it is declared."""

import re
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from typing import Any, Final

from starlette.convertors import Convertor
from starlette.routing import Match, WebSocketRoute, get_name
from starlette.types import ASGIApp, Scope

from martlet._engine.declare.given import given_dependencies
from martlet._engine.declare.merge import Level
from martlet._engine.match.template import Template
from martlet._engine.read.body import embeds
from martlet._engine.read.dependant import Dependant, flat_body_slots
from martlet._engine.read.signature import path_names, read_dependant, read_depends
from martlet._engine.words.markers import Depends


class APIWebSocketRoute(WebSocketRoute):
    """A path for WebSockets and the function that talks over them.

    Args:
        path: the template, with the prefix of its router.
        endpoint: the function.
        name: the name for `url_path_for`; by default the endpoint's.
        dependencies: dependencies whose values nobody takes; those of the router are among them already.
        dependency_overrides_provider: the object whose `dependency_overrides` mapping counts; the app.

    Raises:
        DeclarationError: one of its subclasses, where the endpoint's signature cannot be read from a request.
    """

    path: str
    path_format: str
    param_convertors: dict[str, Convertor[Any]]
    name: str
    endpoint: Callable[..., Any]
    dependencies: list[Depends]
    dependency_overrides_provider: Any
    template: Template
    dependant: Dependant
    original_route: "APIWebSocketRoute | None"

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        name: str | None = None,
        dependencies: Sequence[Depends] | None = None,
        dependency_overrides_provider: Any = None,
    ) -> None:
        self.original_route = None
        self.endpoint = endpoint
        self.name = get_name(endpoint) if name is None else name
        self.dependencies = given_dependencies(dependencies)
        self.dependency_overrides_provider = dependency_overrides_provider
        self._set_path(path)
        self.dependant = self._read_signature()

    def _set_path(self, path: str) -> None:
        self.path = path
        self.template = Template.parse(path)
        self.path_format, self.param_convertors = self.template.path_format, self.template.converters

    @cached_property
    def path_regex(self) -> re.Pattern[str]:  # type: ignore[override]  # can be assigned to, which mypy does not know
        """What a path is matched with."""
        return self.template.regex

    def _read_signature(self) -> Dependant:
        return read_dependant(self.path_format, self.endpoint, dependencies=self.dependencies, scope="function")

    @cached_property
    def _embed_body_fields(self) -> bool:
        return embeds(flat_body_slots(self.dependant))

    @cached_property
    def app(self) -> ASGIApp:  # type: ignore[override]  # can be assigned to, which mypy does not know
        """The route as an ASGI app; assigning another one makes that the way to answer."""
        from martlet._engine.serve.websocket import websocket_app  # noqa: PLC0415 - what serves, once it is to

        made = websocket_app(self.dependant, self.dependency_overrides_provider)
        self._made_app = made
        return made

    @property
    def has_own_handler(self) -> bool:
        """Whether the function that answers is its user's."""
        made = vars(self).get("_made_app")
        return vars(self).get("app", made) is not made

    @property
    def has_own_match(self) -> bool:
        """Whether a method of its user's decides which requests the route is for."""
        return type(self).matches is not _OWN_MATCHES or "matches" in vars(self)

    def within(self, outer: Level) -> "APIWebSocketRoute":
        """Return the route as it is below `outer`: a copy, of the same class, that knows the route it was made from."""
        effective = copy(self)
        for name in ("path_regex", "app", "_made_app", "_embed_body_fields"):
            vars(effective).pop(name, None)
        effective.original_route = self
        effective.dependencies = [*outer.dependencies, *self.dependencies]
        effective.dependency_overrides_provider = outer.dependency_overrides_provider
        effective._set_path(outer.prefix + self.path)
        if path_names(outer.prefix):
            effective.dependant = effective._read_signature()
        else:
            front = [read_depends(effective.path_format, depends) for depends in outer.dependencies]
            effective.dependant = replace(
                self.dependant, path=effective.path_format, dependencies=[*front, *self.dependant.dependencies]
            )
        return effective

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the route is for a connection, as Starlette's routes do."""
        match, child_scope = super().matches(scope)
        if match is not Match.NONE:
            child_scope["route"] = self
        return match, child_scope


_OWN_MATCHES: Final = APIWebSocketRoute.matches
