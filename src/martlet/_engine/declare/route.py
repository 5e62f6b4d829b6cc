"""APIRoute: one path operation as it was declared, and as it is once its routers have had their say.

A route is read when it is made, so that a declaration that cannot work is refused on its line. What was read stands in
public attributes under FastAPI's names; users and packages change them, and `plan` states what they say now. How a
request reaches the route and what its handler does are `serve`'s and `compile`'s business: `get_route_handler` and
`app` are for those who want one route as Starlette's objects.

An included router serves copies of its routes, their *effective* routes: `within` makes them. They share with the
original what was read from it, unless that has changed or the include gives it another meaning.
"""

import inspect
import re
from collections.abc import Callable, Coroutine, Mapping
from copy import copy
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Any, Final, Unpack, cast

from starlette.convertors import Convertor
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route, get_name
from starlette.types import ASGIApp, Receive, Scope, Send

from martlet._engine.declare.given import given_dependencies
from martlet._engine.declare.merge import Level
from martlet._engine.declare.names import generate_unique_id
from martlet._engine.match.template import Template
from martlet._engine.read.body import read_body
from martlet._engine.read.callables import is_generator
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.plan import Plan
from martlet._engine.read.result import Answers, Filters, Result, StreamKind, read_answers
from martlet._engine.read.signature import path_names, read_dependant, read_depends
from martlet._engine.read.slot import Slot
from martlet._engine.run.limits import check_form_limits, check_max_body_size, with_body_limit
from martlet._engine.words.errors import InvalidRouterError
from martlet._engine.words.hooks import HANDLE, HOOKS
from martlet._engine.words.keywords import check_options, spelled_out, with_defaults
from martlet._engine.words.markers import Depends
from martlet._engine.words.options import RouteInitOptions
from martlet._engine.words.scope import EFFECTIVE_ROUTE, EFFECTIVE_ROUTE_KEY, SCOPE_KEY, told
from martlet._engine.words.types import IncEx
from martlet._engine.words.unset import DefaultPlaceholder, settled

ROUTE_DEFAULTS: Final[Mapping[str, Any]] = {
    "response_model": DefaultPlaceholder(None),
    "status_code": None,
    "tags": None,
    "dependencies": None,
    "summary": None,
    "description": None,
    "response_description": "Successful Response",
    "responses": None,
    "deprecated": None,
    "methods": None,
    "operation_id": None,
    "response_model_include": None,
    "response_model_exclude": None,
    "response_model_by_alias": True,
    "response_model_exclude_unset": False,
    "response_model_exclude_defaults": False,
    "response_model_exclude_none": False,
    "include_in_schema": True,
    "response_class": DefaultPlaceholder(JSONResponse),
    "name": None,
    "callbacks": None,
    "openapi_extra": None,
    "generate_unique_id_function": DefaultPlaceholder(generate_unique_id),
    "max_body_size": None,
    "form_limits": None,
}
"""What a verb says of each option that its user says nothing of. Placeholders, and None but for the model, inherit."""

_INIT_DEFAULTS: Final[Mapping[str, Any]] = {
    **ROUTE_DEFAULTS,
    "strict_content_type": DefaultPlaceholder(True),
    "dependency_overrides_provider": None,
}

# Options that become attributes as they are.
_AS_GIVEN: Final = (
    "summary",
    "response_description",
    "deprecated",
    "operation_id",
    "response_model_include",
    "response_model_exclude",
    "response_model_by_alias",
    "response_model_exclude_unset",
    "response_model_exclude_defaults",
    "response_model_exclude_none",
    "include_in_schema",
    "response_class",
    "dependency_overrides_provider",
    "callbacks",
    "openapi_extra",
    "generate_unique_id_function",
    "strict_content_type",
    "max_body_size",
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a route was read from, so that an effective route knows whether that still holds.

    `fastapi-utils` gives endpoints another `__signature__` and `fastapi-pagination` adds dependencies, both after the
    route was made; where such a route is included, FastAPI reads it anew.
    """

    endpoint: Callable[..., Any]
    signature: Any
    dependencies: list[Depends]
    response_model: Any

    @classmethod
    def of(cls, route: "APIRoute") -> "_Reading":
        signature = getattr(route.endpoint, "__signature__", None)
        return cls(route.endpoint, signature, list(route.dependencies), route.response_model)

    def same_signature(self, other: "_Reading") -> bool:
        same_function = self.endpoint is other.endpoint and self.signature is other.signature
        return same_function and self.dependencies == other.dependencies


class APIRoute(Route):
    """A path operation: a path, methods, the function that answers, and what is said about them.

    Args:
        path: the template, such as `/items/{item_id}`, with the prefix of its router.
        endpoint: the function.
        options: see `RouteOptions`; those of the router are part of them already.

    Raises:
        UnknownOptionError: for an option that is none.
        DeclarationError: one of its subclasses, where the endpoint and what is said about it cannot work.
    """

    path: str
    path_format: str
    param_convertors: dict[str, Convertor[Any]]
    name: str
    endpoint: Callable[..., Any]
    response_model: Any
    response_field: Slot | None
    response_fields: dict[int | str, Slot]
    stream_item_type: Any
    stream_item_field: Slot | None
    is_sse_stream: bool
    is_json_stream: bool
    status_code: int | None
    tags: list[str | Enum]
    dependencies: list[Depends]
    summary: str | None
    description: str
    response_description: str
    responses: dict[int | str, dict[str, Any]]
    deprecated: bool | None
    operation_id: str | None
    unique_id: str
    response_model_include: IncEx | None
    response_model_exclude: IncEx | None
    response_model_by_alias: bool
    response_model_exclude_unset: bool
    response_model_exclude_defaults: bool
    response_model_exclude_none: bool
    response_class: type[Response] | DefaultPlaceholder
    dependency_overrides_provider: Any
    callbacks: list[BaseRoute] | None
    openapi_extra: dict[str, Any] | None
    generate_unique_id_function: Callable[[Any], str] | DefaultPlaceholder
    strict_content_type: bool | DefaultPlaceholder
    max_body_size: int | None
    form_limits: Mapping[str, int]
    methods: set[str]
    template: Template
    dependant: Dependant
    original_route: "APIRoute | None"

    @spelled_out(RouteInitOptions)
    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Unpack[RouteInitOptions]) -> None:
        check_options(options, RouteInitOptions, "APIRoute")
        if not callable(endpoint):
            raise InvalidRouterError(
                "An endpoint must be a callable", advice=f"{endpoint!r} was given for the path {path!r}."
            )
        said = with_defaults(options, _INIT_DEFAULTS)
        check_max_body_size(said["max_body_size"])
        self.original_route = None
        self.endpoint = endpoint
        self.form_limits = cast("Mapping[str, int]", check_form_limits(said["form_limits"]))
        for option in _AS_GIVEN:
            setattr(self, option, said[option])
        self.tags = list(said["tags"] or ())
        self.responses = dict(said["responses"] or {})
        self.status_code = said["status_code"]
        self.dependencies = given_dependencies(said["dependencies"])
        self.name = get_name(endpoint) if said["name"] is None else said["name"]
        self.methods = {method.upper() for method in (("GET",) if said["methods"] is None else said["methods"])}
        self.description = _shown(said["description"] or _documented(endpoint))
        self._set_path(path)
        self.dependant = self._read_signature()
        result = self._read_result(said["response_model"], self.responses)
        self.status_code = result.status_code
        self.response_model, self.response_field = result.model, result.field
        self.stream_item_type, self.stream_item_field = result.item_type, result.item_field
        self.response_fields = dict(result.additional_fields)
        self._set_stream(result)
        self._reading = _Reading.of(self)
        self._make_own_handler()

    # ---------------------------------------------------------------------------------------------- what it states

    @property
    def plan(self) -> Plan:
        """The full statement of the route, from its attributes as they are now."""
        unique_id = self.operation_id or self.unique_id
        strict = bool(settled(self.strict_content_type))
        return Plan(
            path=self.path,
            path_format=self.path_format,
            methods=tuple(sorted(self.methods)),
            name=self.name,
            endpoint=self.endpoint,
            dependant=self.dependant,
            body=read_body(self.dependant, unique_id, strict_content_type=strict),
            result=self._result(),
            unique_id=unique_id,
            operation_id=self.operation_id,
            summary=self.summary,
            description=self.description,
            tags=self.tags,
            deprecated=self.deprecated,
            include_in_schema=self.include_in_schema,
            callbacks=tuple(each.plan for each in self.callbacks or () if isinstance(each, APIRoute)),
            openapi_extra=self.openapi_extra,
            max_body_size=self.max_body_size,
            form_limits=self.form_limits,
        )

    @cached_property
    def body_field(self) -> Slot | None:
        """The slot that describes the whole body; None where nothing is read from it."""
        body = self.plan.body
        return body.field if body else None

    @cached_property
    def _embed_body_fields(self) -> bool:
        """Whether the body is an object with a key for each body parameter."""
        body = self.plan.body
        return body.embed if body else False

    def _result(self) -> Result:
        stream: StreamKind | None = "raw" if is_generator(self.endpoint) else None
        if self.is_sse_stream or self.is_json_stream:
            stream = "sse" if self.is_sse_stream else "jsonl"
        return Result(
            response_class=settled(self.response_class),
            explicit_class=not isinstance(self.response_class, DefaultPlaceholder),
            status_code=self.status_code,
            model=self.response_model,
            field=self.response_field,
            filters=self._filters(),
            stream=stream,
            item_type=self.stream_item_type,
            item_field=self.stream_item_field,
            description=self.response_description,
            additional=self.responses,
            additional_fields=self.response_fields,
        )

    def _filters(self) -> Filters:
        return Filters(
            include=self.response_model_include,
            exclude=self.response_model_exclude,
            by_alias=self.response_model_by_alias,
            exclude_unset=self.response_model_exclude_unset,
            exclude_defaults=self.response_model_exclude_defaults,
            exclude_none=self.response_model_exclude_none,
        )

    # ------------------------------------------------------------------------------------------------ how it is read

    def _set_path(self, path: str) -> None:
        self.path = path
        self.template = Template.parse(path)
        self.path_format, self.param_convertors = self.template.path_format, self.template.converters
        self.unique_id = self.operation_id or settled(self.generate_unique_id_function)(self)

    @cached_property
    def path_regex(self) -> re.Pattern[str]:  # type: ignore[override]  # can be assigned to, which mypy does not know
        """What `matches` matches a path with; the table does without it, unless another one is assigned."""
        return self.template.regex

    def _read_signature(self) -> Dependant:
        return read_dependant(self.path_format, self.endpoint, dependencies=self.dependencies, scope="function")

    def _read_result(self, model: Any, responses: Mapping[int | str, dict[str, Any]]) -> Answers:
        return read_answers(
            endpoint=self.endpoint,
            response_model=model,
            response_class=self.response_class,
            status_code=self.status_code,
            responses=responses,
            unique_id=self.unique_id,
        )

    def _set_stream(self, result: Answers) -> None:
        self.is_sse_stream = result.stream == "sse"
        self.is_json_stream = result.stream == "jsonl"

    def within(self, outer: Level) -> "APIRoute":
        """Return the route as it is below `outer`: a copy, of the same class, that knows the route it was made from."""
        effective = copy(self)
        for name in _MADE_FOR_ONE:
            vars(effective).pop(name, None)
        effective.original_route = self
        effective.methods = set(self.methods)
        # COMPAT: litellm documents endpoints that it makes after it has declared their routes.
        effective.description = self.description or _shown(_documented(self.endpoint))
        merged = outer.over(self._level()).as_options()
        path = merged.pop("prefix")
        for option, value in merged.items():
            setattr(effective, option, value)
        effective._set_path(path)
        effective._read_within(self, outer)
        effective._reading = _Reading.of(effective)
        effective._make_own_handler()
        return effective

    def _level(self) -> Level:
        return Level.of({**vars(self), "prefix": self.path})

    def _read_within(self, original: "APIRoute", outer: Level) -> None:
        """Take over what was read from the original, and read what is no longer as it was."""
        now, before = _Reading.of(original), original._reading
        if path_names(outer.prefix) or not now.same_signature(before):
            # A name in the prefix makes a path parameter of what was read as a query parameter.
            self.dependant = self._read_signature()
        else:
            shared = original.dependant
            front = [read_depends(self.path_format, depends) for depends in outer.dependencies]
            self.dependant = replace(shared, path=self.path_format, dependencies=[*front, *shared.dependencies])
        same_model = now.response_model is before.response_model
        said_above = {
            status: said for status, said in self.responses.items() if original.responses.get(status) is not said
        }
        result = self._read_result(None if same_model else self.response_model, said_above)
        self._set_stream(result)
        untouched = {
            status: slot
            for status, slot in original.response_fields.items()
            if status in self.responses and status not in said_above
        }
        renamed = {status: _named(slot, f"Response_{status}_{self.unique_id}") for status, slot in untouched.items()}
        self.response_fields = {**renamed, **result.additional_fields}
        shared_field, item_field = original.response_field, original.stream_item_field
        if not same_model:
            self.response_field = result.field
        elif shared_field is not None:
            self.response_field = _named(shared_field, f"Response_{self.unique_id}")
        if item_field is not None:
            self.stream_item_field = _named(item_field, f"StreamItem_{self.unique_id}")

    # -------------------------------------------------------------------------------------------- how it is answered

    @property
    def has_own_match(self) -> bool:
        """Whether a method or a regex of its user's decides which requests the route is for."""
        regex = vars(self).get("path_regex")
        replaced = regex is not None and regex is not self.template.regex
        return replaced or type(self).matches is not _OWN["matches"] or "matches" in vars(self)

    @property
    def has_own_handle(self) -> bool:
        """Whether a method of its user's handles a request that was matched."""
        return type(self).handle is not _OWN["handle"] or "handle" in vars(self)

    @property
    def has_own_handler(self) -> bool:
        """Whether the function that answers is its user's: `get_route_handler` is overridden, or `app` was replaced.

        Patches of this class count as overrides: instrumentation does that. An `app` that was made anew out of what the
        route itself gives is nobody's: fastapi-pagination does that after it has changed the route.
        """
        made = vars(self).get("_made_app")
        app = vars(self).get("app", made)
        own = app is not made and getattr(getattr(app, HANDLE, None), _ROUTE, None) is not self
        return own or self._overrides_get_route_handler

    @property
    def _overrides_get_route_handler(self) -> bool:
        kind = type(self)
        return kind.get_route_handler is not _OWN["get_route_handler"] or "get_route_handler" in vars(self)

    def _make_own_handler(self) -> None:
        # COMPAT: FastAPI asks for every handler when the route is made. Users' may count on that, ours can wait.
        if self._overrides_get_route_handler:
            _ = self.app

    @cached_property
    def app(self) -> ASGIApp:  # type: ignore[override]  # can be assigned to, which mypy does not know
        """The route as an ASGI app; assigning another one makes that the way to answer."""
        from martlet._engine.compile.foreign import request_response  # noqa: PLC0415 - few routes are asked for it

        made = with_body_limit(request_response(self._handler()), self.max_body_size)
        self._made_app = made
        return made

    def forget_app(self) -> None:
        """Have `app` made again when it is asked for next, unless it is its user's."""
        if not self.has_own_handler:
            vars(self).pop("app", None)

    def _handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        if self.original_route is None:
            return self.get_route_handler()
        token = EFFECTIVE_ROUTE.set(self)
        try:
            return self.original_route.get_route_handler()
        finally:
            EFFECTIVE_ROUTE.reset(token)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function that makes a request's response; override it to stand around every one of them."""
        effective = EFFECTIVE_ROUTE.get()
        route = effective if effective is not None and effective.original_route is self else self
        if HOOKS.patched():
            made: Callable[[Request], Coroutine[Any, Any, Response]] = HOOKS.patched_handler(route)
            return made
        from martlet._engine.compile.foreign import request_handler  # noqa: PLC0415 - see `app`

        handle = request_handler(route.plan, route.dependency_overrides_provider)
        vars(handle)[_ROUTE] = route
        return handle

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the route is for a request, as Starlette's routes do.

        PERF: `python -m bench.instrumented`, many: OpenTelemetry, slowapi and others ask every route on every request.
        """
        route = self._effective(scope) if SCOPE_KEY in scope else self
        regex = route.__dict__.get("path_regex")
        if (
            (regex is None or regex is route.template.regex)
            and not scope.get("root_path")
            and not scope.get("path", "").startswith(route.template.start)
        ):
            return Match.NONE, {}
        match, child_scope = Route.matches(route, scope)
        if match is not Match.NONE:
            child_scope["route"] = route
        return match, child_scope

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matched, with 405 if its method does not."""
        await Route.handle(self._effective(scope), scope, receive, send)

    def _effective(self, scope: Scope) -> "APIRoute":
        """Return the effective route that is meant where this one stands in for it, itself otherwise."""
        effective = told(scope, EFFECTIVE_ROUTE_KEY)
        if effective is not None and effective.original_route is self:
            return effective  # type: ignore[no-any-return]  # the scope holds anything
        return self


# The attribute of a handler that `get_route_handler` has made: its route.
_ROUTE: Final = "_martlet_route"

_OWN: Final = {name: vars(APIRoute)[name] for name in ("matches", "handle", "get_route_handler")}

# What an effective route does not share with the original: it is made anew from its own attributes.
_MADE_FOR_ONE: Final = ("path_regex", "app", "_made_app", "asked", "body_field", "_embed_body_fields")


def _documented(endpoint: Callable[..., Any]) -> str:
    return inspect.cleandoc(endpoint.__doc__ or "")


def _shown(description: str) -> str:
    """Return what the document shows of a description: what is behind a form feed is for readers of the code."""
    return description.split("\f", maxsplit=1)[0].strip()


def shared_attributes(route: APIRoute) -> dict[str, Any]:
    """Return the attributes that make a copy of the route's original what this route is."""
    own = (*_MADE_FOR_ONE, "original_route")
    return {name: value for name, value in vars(route).items() if name not in own}


def _named(slot: Slot, name: str) -> Slot:
    """Return the slot under another name; its pydantic adapter is the same one."""
    renamed = copy(slot)
    renamed.name = name
    return renamed
