"""APIRouter: routes in order, what holds for all of them, and routers included among them.

A verb hands its options along a chain, `get` -> `api_route` -> `add_api_route` -> `route_class(...)`, and every link
passes all of them on, also those that nobody said anything of: users override links, and look for options there. The
last link adds what the router says, by the rules of `merge.py`.

Whatever changes what a router serves bumps the epoch; `serve` works its table out again from `dispatch_routes`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Router
from starlette.types import Lifespan, Receive, Scope, Send

from martlet._engine.declare import flatten
from martlet._engine.declare.decorators import Decorators, Registrar
from martlet._engine.declare.frontend_paths import (
    CheckDir,
    Directory,
    Fallback,
    is_checked,
    joined_path,
    most_specific,
    normalized_path,
)
from martlet._engine.declare.given import check_path, given_dependencies
from martlet._engine.declare.lifespan import call_each, lifespan_context, merged_lifespan
from martlet._engine.declare.merge import Level
from martlet._engine.declare.names import generate_unique_id
from martlet._engine.declare.route import ROUTE_DEFAULTS, APIRoute
from martlet._engine.declare.routes_list import RoutesList
from martlet._engine.declare.websocket_route import APIWebSocketRoute
from martlet._engine.match.template import Template, check_names
from martlet._engine.run.limits import check_form_limits, check_max_body_size, with_body_limit
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.errors import InvalidPathError, InvalidRouterError, calling_line
from martlet._engine.words.keywords import check_options, spelled_out, with_defaults
from martlet._engine.words.markers import Depends
from martlet._engine.words.options import (
    AddRouteOptions,
    IncludeOptions,
    RouteOptions,
    RouterOptions,
)
from martlet._engine.words.scope import INCLUDED_ROUTER_KEY, told, update_scope
from martlet._engine.words.types import DecoratedCallable
from martlet._engine.words.unset import DefaultPlaceholder

if TYPE_CHECKING:
    from martlet._engine.declare.frontend import FrontendGroup
    from martlet._engine.serve.freeze import Dispatcher

_ROUTER_DEFAULTS: Final[Mapping[str, Any]] = {
    "prefix": "",
    "tags": None,
    "dependencies": None,
    "default_response_class": DefaultPlaceholder(JSONResponse),
    "responses": None,
    "callbacks": None,
    "routes": None,
    "redirect_slashes": True,
    "default": None,
    "dependency_overrides_provider": None,
    "route_class": APIRoute,
    "on_startup": None,
    "on_shutdown": None,
    "lifespan": None,
    "deprecated": None,
    "include_in_schema": True,
    "generate_unique_id_function": DefaultPlaceholder(generate_unique_id),
    "strict_content_type": DefaultPlaceholder(True),
    "max_body_size": None,
    "form_limits": None,
}


def check_prefix(prefix: str) -> None:
    """Refuse a prefix that cannot stand in front of paths.

    Raises:
        InvalidPathError: it does not start with a slash, or ends with one.
    """
    if prefix and not prefix.startswith("/"):
        raise InvalidPathError("A path prefix must start with '/'", advice=f"Write '/{prefix}', not {prefix!r}.")
    if prefix.endswith("/"):
        raise InvalidPathError(
            "A path prefix must not end with '/', as the routes will start with '/'",
            advice=f"Write {prefix.rstrip('/')!r}, not {prefix!r}.",
        )


class APIRouter(Router, Decorators):
    """A group of path operations, to be included in an app or in another router.

    Args:
        options: see `RouterOptions`.

    Raises:
        UnknownOptionError: for an option that is none.
        InvalidPathError: the prefix is malformed.
        InvalidParameterError: what stands in `dependencies` is no `Depends()`.
        InvalidLimitError: `max_body_size` is no number of bytes.
    """

    prefix: str
    tags: list[str | Enum]
    dependencies: list[Depends]
    default_response_class: type[Response] | DefaultPlaceholder
    responses: dict[int | str, dict[str, Any]]
    callbacks: list[BaseRoute]
    deprecated: bool | None
    include_in_schema: bool
    dependency_overrides_provider: Any
    route_class: type[APIRoute]
    generate_unique_id_function: Callable[[Any], str] | DefaultPlaceholder
    strict_content_type: bool | DefaultPlaceholder
    max_body_size: int | None
    form_limits: Mapping[str, int]
    on_startup: list[Callable[[], Any]]
    on_shutdown: list[Callable[[], Any]]
    lifespan_context: Lifespan[Any]

    @spelled_out(RouterOptions)
    def __init__(self, **options: Unpack[RouterOptions]) -> None:
        check_options(options, RouterOptions, "APIRouter")
        said = with_defaults(options, _ROUTER_DEFAULTS)
        check_prefix(said["prefix"])
        limit = said["max_body_size"]
        check_max_body_size(limit)
        self._low_priority_routes = RoutesList()
        self._frontend_routes: FrontendGroup | None = None
        super().__init__(
            routes=said["routes"],
            redirect_slashes=said["redirect_slashes"],
            default=said["default"],
            lifespan=lifespan_context(said["lifespan"], self),
            middleware=None if limit is None else [Middleware(with_body_limit, max_body_size=limit)],
        )
        self._made_stack = self.middleware_stack
        for option in _ROUTER_AS_GIVEN:
            setattr(self, option, said[option])
        for option in ("tags", "callbacks", "on_startup", "on_shutdown"):
            setattr(self, option, list(said[option] or ()))
        self.dependencies = given_dependencies(said["dependencies"])
        self.responses = dict(said["responses"] or {})
        self.form_limits = cast("Mapping[str, int]", check_form_limits(said["form_limits"]))

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "routes" and not isinstance(value, RoutesList):
            value = RoutesList(value)
        super().__setattr__(name, value)
        if not name.startswith("_"):
            EPOCH.bump()

    # ------------------------------------------------------------------------------------------------- declaring routes

    def _operation(self, method: str, path: str, options: Mapping[str, Any]) -> Registrar:
        check_options(options, RouteOptions, f"{type(self).__name__}.{method.lower()}")
        check_path(path, method.lower())
        said = with_defaults({**options, "methods": [method]}, ROUTE_DEFAULTS)
        return self.api_route(path=path, **said)

    @spelled_out(AddRouteOptions)
    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Unpack[AddRouteOptions]) -> None:
        """Declare a path operation without a decorator.

        Args:
            path: the template, such as `/items/{item_id}`.
            endpoint: the function that answers.
            options: see `AddRouteOptions`.

        Raises:
            UnknownOptionError: for an option that is none.
            DeclarationError: one of its subclasses, where the endpoint and what is said about it cannot work.
        """
        check_options(options, AddRouteOptions, f"{type(self).__name__}.add_api_route")
        said = with_defaults(options, ROUTE_DEFAULTS)
        said["dependencies"] = given_dependencies(said["dependencies"])
        route_class = said.pop("route_class_override", None) or self.route_class
        # COMPAT: only said limits are passed on, so that a `route_class` of before there were any still works.
        own_limits = {"form_limits": limits} if (limits := said.pop("form_limits")) is not None else {}
        merged = self._level().over(Level.of({**said, "prefix": path})).as_options()
        del merged["form_limits"]
        self.routes.append(route_class(merged.pop("prefix"), endpoint=endpoint, **{**said, **merged, **own_limits}))

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> None:
        """Declare a WebSocket endpoint without a decorator; the arguments are those of `websocket`."""
        merged = self._level().over(Level.of({"prefix": path, "dependencies": given_dependencies(dependencies)}))
        route = APIWebSocketRoute(
            merged.prefix,
            endpoint=endpoint,
            name=name,
            dependencies=merged.dependencies,
            dependency_overrides_provider=merged.dependency_overrides_provider,
        )
        self.routes.append(route)

    def route(
        self,
        path: str,
        methods: Collection[str] | None = None,
        name: str | None = None,
        include_in_schema: bool = True,
    ) -> Registrar:
        """Declare one of Starlette's routes: a function that takes the request and returns the response.

        Args:
            path: the template; the router's own prefix is not put in front of it.
            methods: the HTTP methods; GET and HEAD by default.
            name: the name for `url_path_for`; by default the endpoint's.
            include_in_schema: whether Starlette's schema generator lists it; the OpenAPI document does not.
        """

        def register(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_route(path, endpoint, methods=methods, name=name, include_in_schema=include_in_schema)
            return endpoint

        return register

    def frontend(
        self, path: str, *, directory: Directory, fallback: Fallback = "auto", check_dir: CheckDir = "auto"
    ) -> None:
        """Serve a directory of built files below a path, for what no route answers.

        Args:
            path: where, such as `/`; the router's prefix is put in front of it.
            directory: where the files are.
            fallback: what is sent to a browser for a path that is no file: `index.html` for an app that looks at the
                path itself, `404.html` with that status, None for a plain 404; `auto` takes the second if there is one.
            check_dir: whether a missing directory is refused now; `auto` does, except where `FASTAPI_ENV` is
                `development`.

        Raises:
            InvalidPathError: the path is malformed.
            DeclarationError: the directory or the fallback file is missing.
        """
        checked = is_checked(directory, check_dir)
        path = normalized_path(path)
        if self._frontend_routes is None:
            from martlet._engine.declare.frontend import FrontendGroup  # noqa: PLC0415 - for routers that have one

            self._frontend_routes = FrontendGroup(
                dependencies=self.dependencies, dependency_overrides_provider=self.dependency_overrides_provider
            )
            self._low_priority_routes.append(self._frontend_routes)
        self._frontend_routes.add_frontend_route(
            joined_path(self.prefix, path), directory=directory, fallback=fallback, check_dir=checked
        )

    # ------------------------------------------------------------------------------------------------ including routers

    @spelled_out(IncludeOptions)
    def include_router(self, router: "APIRouter", **options: Unpack[IncludeOptions]) -> None:
        """Serve the routes of another router here, also those that it declares later.

        Args:
            router: the router.
            options: see `IncludeOptions`.

        Raises:
            UnknownOptionError: for an option that is none.
            InvalidRouterError: the router is none, or this one, or this one is included in it.
            InvalidParameterError: what stands in `dependencies` is no `Depends()`.
            InvalidPathError: the prefix is malformed, or missing where a route of the router has an empty path.
            DuplicateParameterError: the prefix has a parameter of the name that one of a route has.
        """
        check_options(options, IncludeOptions, f"{type(self).__name__}.include_router")
        said = with_defaults(options, {"prefix": "", "dependencies": None})
        said["dependencies"] = given_dependencies(said["dependencies"])
        check_max_body_size(said.get("max_body_size"))
        check_form_limits(said.get("form_limits"))
        self._check_acyclic(router)
        check_prefix(said["prefix"])
        if not said["prefix"]:
            _check_paths(router)
        said_here = Level.of({**said, "response_class": said.get("default_response_class")})
        level = self._level().over(said_here).over(router._defaults())
        _check_names(router, level.prefix)
        self.routes.append(flatten.IncludedRouter(router, level))
        for function in router.on_startup:
            self.add_event_handler("startup", function)
        for function in router.on_shutdown:
            self.add_event_handler("shutdown", function)
        self.lifespan_context = merged_lifespan(self.lifespan_context, router.lifespan_context)

    def _level(self) -> Level:
        return Level.of({**vars(self), "response_class": self.default_response_class})

    def _defaults(self) -> Level:
        """Return what the router says that is not part of its routes already, as far as a route can do without."""
        return Level.of({name: value for name, value in self._level().as_options().items() if name in _DEFAULTS})

    def _check_acyclic(self, router: "APIRouter") -> None:
        meant = "Did you mean to include a different router?"
        if router is self:
            raise InvalidRouterError(f"Cannot include the same APIRouter instance into itself. {meant}")
        if not hasattr(router, "contains_router"):
            raise InvalidRouterError(
                f"include_router() takes an APIRouter, not {router!r}",
                advice=_meant_for(router),
                location=calling_line(),
            )
        if router.contains_router(self):
            raise InvalidRouterError(f"Cannot include an APIRouter instance that already includes this router. {meant}")

    def contains_router(self, router: "APIRouter") -> bool:
        """Whether `router` is included in this one, directly or further down."""
        included = (route for route in self.routes if isinstance(route, flatten.IncludedRouter))
        below: list[Any] = [route.original_router for route in included]
        return any(each is router or each.contains_router(router) for each in below)

    # ------------------------------------------------------------------------------------------------ startup, shutdown

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call a function before the first request or after the last.

        Args:
            event_type: `startup` or `shutdown`.
            func: a function without parameters; may be a coroutine function.

        Raises:
            InvalidRouterError: there is no such event.
        """
        if event_type not in ("startup", "shutdown"):
            raise InvalidRouterError(
                f"There is no event {event_type!r}", advice="Use 'startup' or 'shutdown', or rather a lifespan."
            )
        (self.on_startup if event_type == "startup" else self.on_shutdown).append(func)

    async def _startup(self) -> None:
        await call_each(self.on_startup)

    async def _shutdown(self) -> None:
        await call_each(self.on_shutdown)

    # ---------------------------------------------------------------------------------------------------------- serving

    def flat_routes(self) -> list[BaseRoute]:
        """Return every route that is served, those of included routers with their full paths."""
        return flatten.flat_routes(self.routes)

    def dispatch_routes(self) -> list[BaseRoute]:
        """Return what is to be asked for a request, in order; what `serve` makes its table of."""
        return flatten.dispatch_routes(self.routes)

    def routes_version(self) -> int:
        """Return a number that is another one once the routes, or those of an included router, have changed."""
        return flatten.version_of(self.routes)

    _get_routes_version = routes_version  # COMPAT: FastAPI's name, which packages call

    def _mark_routes_changed(self) -> None:
        """COMPAT: FastAPI has to be told of changes to its lists; here they notice themselves."""
        EPOCH.bump()

    @property
    def is_bare(self) -> bool:
        """Whether nothing of a user's stands between a server and the routes: no subclass, no other `app`."""
        is_ours = self.app == _OWN["app"].__get__(self) and self.middleware_stack == self._made_stack
        return type(self) is APIRouter and is_ours

    @property
    def has_own_dispatch(self) -> bool:
        """Whether methods of its user's match or handle the requests for an included router."""
        kind = type(self)
        return kind.matches is not _OWN["matches"] or kind.handle is not _OWN["handle"]

    @cached_property
    def dispatcher(self) -> "Dispatcher":
        """What finds the handlers, for requests that no app of ours has found one for."""
        from martlet._engine.serve.freeze import Dispatcher  # noqa: PLC0415 - what serves, once it is to

        return Dispatcher(self, None)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request, a WebSocket or the lifespan: what is behind the router's own limit on the body."""
        if "router" not in scope:
            scope["router"] = self
        if scope["type"] == "lifespan":
            await self.lifespan(scope, receive, send)
            return
        await self.dispatcher(scope, receive, send)

    @property
    def low_priority_routes(self) -> Sequence[BaseRoute]:
        """What is asked for a request that no route is for: frontends."""
        return self._low_priority_routes

    @property
    def has_last_resort(self) -> bool:
        """Whether anything but a 404 answers what no route is for."""
        return bool(flatten.low_priority_routes(self._low_priority_routes, self.routes))

    async def last_resort(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what no route is for: by a frontend, by a 404 if there is none."""
        asked: list[tuple[Match, Scope, BaseRoute]] = []
        for route in flatten.low_priority_routes(self._low_priority_routes, self.routes):
            match, found = route.matches(scope)
            asked.append((match, found, route))
        _, child_scope, chosen = most_specific(asked)
        if chosen is None:
            await self.default(scope, receive, send)
            return
        update_scope(scope, child_scope)
        await chosen.handle(scope, receive, send)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the router, where it is included, has a route for a request."""
        included = told(scope, INCLUDED_ROUTER_KEY)
        if isinstance(included, flatten.IncludedRouter) and included.original_router is self:
            match, child_scope, _ = included.match_route(scope)
            return match, child_scope
        return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that matched, where the router is included; any request where it is not."""
        included = told(scope, INCLUDED_ROUTER_KEY)
        if isinstance(included, flatten.IncludedRouter) and included.original_router is self:
            await included.handle_matched(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def _check_paths(router: APIRouter) -> None:
    for route in router.flat_routes():
        if getattr(route, "path", None) == "":
            name = getattr(route, "name", "unknown")
            raise InvalidPathError(
                f"Prefix and path cannot be both empty (path operation: {name})",
                advice="Give include_router() a prefix, or the path operation a path.",
            )


def _meant_for(given: Any) -> str:
    """Return what to do about something that was included and is no router."""
    if hasattr(given, "router"):
        return "Did you mean its `router`?"
    if type(given).__module__.partition(".")[0] == "fastapi":
        return "It is FastAPI's own: import APIRouter from martlet, or start the app with --as-fastapi."
    return "Make one by APIRouter(), and declare the routes on it."


def _check_names(router: APIRouter, prefix: str) -> None:
    names = Template.parse(prefix).param_names
    advice = "Rename the parameter of the path, or the one of the prefix: a request would hold one of the two only."
    for route in router.flat_routes() if names else ():
        own = tuple(getattr(route, "param_convertors", ()))
        path = prefix + getattr(route, "path", "")
        check_names([*names, *own], path, advice, getattr(route, "endpoint", None))


_OWN: Final = {name: vars(APIRouter)[name] for name in ("app", "matches", "handle")}

# Options that become attributes as they are.
_ROUTER_AS_GIVEN: Final = (
    "prefix",
    "default_response_class",
    "deprecated",
    "include_in_schema",
    "dependency_overrides_provider",
    "route_class",
    "generate_unique_id_function",
    "strict_content_type",
    "max_body_size",
)

# What an included router says of routes that it did not declare itself, and of forms.
_DEFAULTS: Final = frozenset(
    {"response_class", "generate_unique_id_function", "strict_content_type", "max_body_size", "form_limits"}
)
