"""FastAPI: an app. A router with settings, middleware, exception handlers, an OpenAPI document and its pages.

The app says nothing about routes itself: verbs and includes go to `app.router`. It puts together what stands between
the server and that router; how a request gets through it is `serve`'s business.

Declaring an app imports nothing that serves or describes it. There are three ways to that, and each imports late: the
first request (`build_middleware_stack`, `__rsgi__`), the document and its pages (`openapi`, `setup`), and `explain`.

`Martlet` is the same with limits on what a request may carry.
"""

import sys
import warnings
from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Unpack, cast

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request as Request
from starlette.responses import HTMLResponse as HTMLResponse
from starlette.responses import JSONResponse
from starlette.responses import Response as Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Lifespan as Lifespan

from martlet._engine.declare.decorators import Decorators, Registrar
from martlet._engine.declare.frontend_paths import CheckDir, Directory, Fallback, is_checked
from martlet._engine.declare.names import generate_unique_id
from martlet._engine.declare.route import ROUTE_DEFAULTS
from martlet._engine.declare.router import APIRouter
from martlet._engine.declare.routes_list import RoutesView
from martlet._engine.describe.endpoints import page_endpoints
from martlet._engine.serve.overrides import Overrides
from martlet._engine.serve.starlette_call import STARLETTE_CALL, comes_next
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.errors import FastAPIDeprecationWarning, InvalidAppError
from martlet._engine.words.http_errors import RequestValidationError, WebSocketRequestValidationError
from martlet._engine.words.keywords import check_options, spelled_out, with_defaults
from martlet._engine.words.lending import lend
from martlet._engine.words.markers import Depends
from martlet._engine.words.options import (
    AddRouteOptions,
    AppOptions,
    FormLimits,
    IncludeOptions,
    RouteOptions,
)
from martlet._engine.words.types import DecoratedCallable
from martlet._engine.words.types import IncEx as IncEx
from martlet._engine.words.unset import DefaultPlaceholder
from martlet.exception_handlers import (
    http_exception_handler,
    request_validation_exception_handler,
    websocket_request_validation_exception_handler,
)
from martlet.telemetry._config import completed
from martlet.telemetry._entrance import Entrance

if TYPE_CHECKING:
    from martlet._engine.serve.explain import Explanation
    from martlet._engine.serve.rsgi import RSGI
    from martlet.openapi.docs import get_redoc_html as get_redoc_html
    from martlet.openapi.docs import get_scalar_html as get_scalar_html
    from martlet.openapi.docs import get_swagger_ui_html as get_swagger_ui_html
    from martlet.openapi.docs import get_swagger_ui_oauth2_redirect_html as get_swagger_ui_oauth2_redirect_html
    from martlet.openapi.utils import get_openapi as get_openapi

Override = Callable[..., Any]

_APP_DEFAULTS: Final[Mapping[str, Any]] = {
    "telemetry": None,
    "debug": False,
    "routes": None,
    "title": "FastAPI",
    "summary": None,
    "description": "",
    "version": "0.1.0",
    "openapi_url": "/openapi.json",
    "openapi_tags": None,
    "servers": None,
    "dependencies": None,
    "default_response_class": DefaultPlaceholder(JSONResponse),
    "redirect_slashes": True,
    "docs_url": "/docs",
    "redoc_url": "/redoc",
    "scalar_url": None,
    "swagger_ui_oauth2_redirect_url": "/docs/oauth2-redirect",
    "swagger_ui_init_oauth": None,
    "middleware": None,
    "exception_handlers": None,
    "on_startup": None,
    "on_shutdown": None,
    "lifespan": None,
    "terms_of_service": None,
    "contact": None,
    "license_info": None,
    "root_path": "",
    "root_path_in_servers": True,
    "responses": None,
    "callbacks": None,
    "webhooks": None,
    "deprecated": None,
    "include_in_schema": True,
    "swagger_ui_parameters": None,
    "generate_unique_id_function": DefaultPlaceholder(generate_unique_id),
    "separate_input_output_schemas": True,
    "openapi_external_docs": None,
    "strict_content_type": True,
    "max_body_size": None,
    "form_limits": None,
}

# Options that become attributes as they are.
_AS_GIVEN: Final = (
    "max_body_size",
    "debug",
    "title",
    "summary",
    "description",
    "version",
    "terms_of_service",
    "contact",
    "license_info",
    "openapi_url",
    "openapi_tags",
    "root_path",
    "root_path_in_servers",
    "docs_url",
    "redoc_url",
    "scalar_url",
    "swagger_ui_oauth2_redirect_url",
    "swagger_ui_init_oauth",
    "swagger_ui_parameters",
    "separate_input_output_schemas",
    "openapi_external_docs",
)

# Options that are the router's.
_ROUTERS: Final = (
    "routes",
    "redirect_slashes",
    "on_startup",
    "on_shutdown",
    "lifespan",
    "default_response_class",
    "dependencies",
    "callbacks",
    "deprecated",
    "include_in_schema",
    "responses",
    "generate_unique_id_function",
    "strict_content_type",
    "max_body_size",
    "form_limits",
)

_DEFAULT_HANDLERS: Final[Mapping[Any, Any]] = {
    HTTPException: http_exception_handler,
    RequestValidationError: request_validation_exception_handler,
    WebSocketRequestValidationError: websocket_request_validation_exception_handler,
}


class FastAPI(Starlette, Decorators):
    """An app: what a server serves.

    Args:
        options: see `AppOptions`.

    Raises:
        UnknownOptionError: for an option that is none.
        InvalidAppError: there is to be a document, and no title or no version for it.
        InvalidLimitError: `max_body_size` is no number of bytes.
    """

    title: str
    summary: str | None
    description: str
    version: str
    terms_of_service: str | None
    contact: dict[str, str | Any] | None
    license_info: dict[str, str | Any] | None
    openapi_url: str | None
    openapi_tags: list[dict[str, Any]] | None
    openapi_external_docs: dict[str, Any] | None
    openapi_schema: dict[str, Any] | None
    openapi_version: str
    root_path_in_servers: bool
    docs_url: str | None
    redoc_url: str | None
    scalar_url: str | None
    swagger_ui_oauth2_redirect_url: str | None
    swagger_ui_init_oauth: dict[str, Any] | None
    swagger_ui_parameters: dict[str, Any] | None
    servers: list[dict[str, str | Any]]
    separate_input_output_schemas: bool
    webhooks: APIRouter
    state: State
    router: APIRouter
    exception_handlers: dict[Any, Callable[..., Any]]  # COMPAT: `get_type_hints` fails on Starlette's ExceptionHandler
    user_middleware: list[Middleware]
    middleware_stack: ASGIApp | None
    _entrance: Entrance
    _ahead: Entrance | None
    _root_path: str = ""
    _routes: RoutesView | None = None
    _straight: type[Any] | None = None  # DirectStack, which is imported with the first request
    _calls_stack: bool = False  # whether that is all that Starlette does when it is called

    @spelled_out(AppOptions)
    def __init__(self, **options: Unpack[AppOptions]) -> None:
        check_options(options, AppOptions, type(self).__name__)
        said = with_defaults(options, _APP_DEFAULTS)
        self._telemetry = completed(said["telemetry"])
        self._entrance = self._ahead = Entrance(self)
        for option in _AS_GIVEN:
            setattr(self, option, said[option])
        self.servers = list(said["servers"] or ())
        self.openapi_version = "3.1.0"
        self.openapi_schema = None
        self._openapi_version_of_routes: int | None = None
        self._check_document()
        if self.root_path:
            warnings.warn(
                "The `root_path` parameter is deprecated. Configure the server's root path instead, for example with "
                "`fastapi run --root-path /api/v1`.",
                category=FastAPIDeprecationWarning,
                stacklevel=2,
            )
        self.state = State()
        self.webhooks = said["webhooks"] or APIRouter()
        self._dependency_overrides = Overrides()
        self.router = APIRouter(
            dependency_overrides_provider=self, **cast("Any", {option: said[option] for option in _ROUTERS})
        )
        self.exception_handlers = {**_DEFAULT_HANDLERS, **(said["exception_handlers"] or {})}
        self.user_middleware = list(said["middleware"] or ())
        self.middleware_stack = None
        self.setup()

    def _check_document(self) -> None:
        for what, example in (("title", "My API"), ("version", "2.1.0")):
            if self.openapi_url and not getattr(self, what):
                raise InvalidAppError(
                    f"A {what} must be provided for OpenAPI, e.g.: '{example}'",
                    advice="Or pass openapi_url=None for an app without a document.",
                )

    # ------------------------------------------------------------------------------------------------- declaring routes

    def _operation(self, method: str, path: str, options: Mapping[str, Any]) -> Registrar:
        check_options(options, RouteOptions, f"{type(self).__name__}.{method.lower()}")
        said = with_defaults(options, ROUTE_DEFAULTS)
        del said["methods"]
        register: Registrar = getattr(self.router, method.lower())(path, **said)
        return register

    @spelled_out(AddRouteOptions)
    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Unpack[AddRouteOptions]) -> None:
        """Declare a path operation without a decorator; see `APIRouter.add_api_route`."""
        check_options(options, AddRouteOptions, f"{type(self).__name__}.add_api_route")
        said = with_defaults(options, ROUTE_DEFAULTS)
        self.router.add_api_route(path, endpoint=endpoint, **said)

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> None:
        """Declare a WebSocket endpoint without a decorator; see `APIRouter.websocket`."""
        self.router.add_api_websocket_route(path, endpoint, name=name, dependencies=dependencies)

    def add_websocket_route(self, path: str, endpoint: Callable[..., Any], name: str | None = None) -> None:
        """Declare one of Starlette's WebSocket routes; see `APIRouter.websocket_route`."""
        self.router.add_websocket_route(path, endpoint, name=name)

    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call a function before the first request or after the last; see `APIRouter.add_event_handler`."""
        self.router.add_event_handler(event_type, func)

    @spelled_out(IncludeOptions)
    def include_router(self, router: APIRouter, **options: Unpack[IncludeOptions]) -> None:
        """Serve the routes of a router, also those that it declares later; see `APIRouter.include_router`."""
        self.router.include_router(router, **options)

    def frontend(
        self, path: str, *, directory: Directory, fallback: Fallback = "auto", check_dir: CheckDir = "auto"
    ) -> None:
        """Serve a directory of built files below a path, for what no route answers; see `APIRouter.frontend`."""
        checked = is_checked(directory, check_dir)
        self.router.frontend(path, directory=directory, fallback=fallback, check_dir=checked)

    @property
    def routes(self) -> list[BaseRoute]:
        """All routes, those of included routers with their full paths: a live list, edits to it count."""
        if self._routes is None or self._routes.declared is not self.router.routes:
            self._routes = RoutesView(self.router.routes)
        return self._routes

    # ---------------------------------------------------------------------------------------------------------- serving

    @property
    def dependency_overrides(self) -> dict[Override, Override]:
        """What is called instead of a dependency: a mapping from the dependency to its replacement, for tests."""
        return self._dependency_overrides

    @dependency_overrides.setter
    def dependency_overrides(self, overrides: Mapping[Override, Override]) -> None:
        self._dependency_overrides = overrides if isinstance(overrides, Overrides) else Overrides(overrides or {})
        EPOCH.bump()

    def middleware(self, middleware_type: str) -> Registrar:  # noqa: ARG002 - "http", the only type there is
        """Put the decorated function around all requests: it takes the request and `call_next`, returns a response.

        Args:
            middleware_type: `http`.
        """
        from starlette.middleware.base import BaseHTTPMiddleware  # noqa: PLC0415 - for the apps that have one

        def register(func: DecoratedCallable) -> DecoratedCallable:
            self.add_middleware(BaseHTTPMiddleware, dispatch=func)
            return func

        return register

    def exception_handler(self, exc_class_or_status_code: int | type[Exception]) -> Registrar:
        """Answer an exception with what the decorated function, of the request and the exception, returns.

        Args:
            exc_class_or_status_code: the exception's class, or the status of an HTTPException.
        """

        def register(func: DecoratedCallable) -> DecoratedCallable:
            self.add_exception_handler(exc_class_or_status_code, func)
            return func

        return register

    @property
    def root_path(self) -> str:
        """Deprecated: the prefix that a proxy takes off; tell the server instead."""
        return self._root_path

    @root_path.setter
    def root_path(self, root_path: str) -> None:
        self._root_path = root_path
        self._entrance.stand()

    def build_middleware_stack(self) -> ASGIApp:
        """Return what stands between the server and the router, outermost first in the order of FastAPI.

        It is called once, before the first request; override it to put something around everything.
        """
        from martlet._engine.serve.stack import DirectStack, build_stack  # noqa: PLC0415 - what serves, once it is to

        self._straight, self._calls_stack = DirectStack, comes_next(type(self), FastAPI)
        return build_stack(self, is_bare=self._is_bare())

    def _is_bare(self) -> bool:
        """Whether nothing has to stand between the server and the handlers."""
        return not (self.user_middleware or self.debug) and self.router.is_bare and comes_next(type(self), FastAPI)

    def explain(self, path: str, method: str = "GET", route: BaseRoute | None = None) -> "Explanation":
        """Say what answers a path and how: the route, what it reads, the steps and the source of its handler.

        Args:
            path: a path such as `/items/3`, or a template as it was declared.
            method: the HTTP method.
            route: the route that answers, for those who know it already; it is looked for otherwise.
        """
        from martlet._engine.serve.explain import explain  # noqa: PLC0415 - for those who ask
        from martlet._engine.serve.innermost import serving  # noqa: PLC0415 - likewise

        stack = self.middleware_stack
        if stack is None and self._is_bare():
            # Not kept: that an app has a stack means that it has started, and takes no more middleware.
            stack = self.build_middleware_stack()
        dispatcher = serving(stack) or self.router.dispatcher
        return explain(dispatcher, path, method.upper(), route)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve: the ASGI protocol.

        PERF: `bench json`: of a request that the table knows, this is the only coroutine around its handler.
        """
        if self._ahead is not None:
            await self._ahead(scope, receive, send, super().__call__)
            return
        stack: Any = self.middleware_stack
        hit = None
        if stack is None or not self._calls_stack or Starlette.__call__ is not STARLETTE_CALL:
            stack = super().__call__
        else:
            scope["app"] = self
            hit = stack.find(scope) if type(stack) is self._straight else None
        await (stack(scope, receive, send) if hit is None else hit[0].handle(scope, receive, send, hit[1]))

    @cached_property
    def __rsgi__(self) -> "RSGI":
        """Serve: the RSGI protocol, Granian's own."""
        from martlet._engine.serve.rsgi import RSGI  # noqa: PLC0415 - for a server that speaks it

        return RSGI(self, FastAPI.__call__)

    def __rsgi_init__(self, loop: AbstractEventLoop) -> None:
        """Start, before the first request over RSGI."""
        self.__rsgi__.start(loop)

    def __rsgi_del__(self, loop: AbstractEventLoop) -> None:
        """End, after the last request over RSGI."""
        self.__rsgi__.stop(loop)

    # ----------------------------------------------------------------------------------------------------- the document

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI document; it is made once, and again when routes have changed.

        Override it, or assign a function to `app.openapi`, to serve another document.
        """
        version = self.router.routes_version()
        if not self.openapi_schema or self._openapi_version_of_routes != version:
            # Looked up here each time: apps put functions of their own in its place, and it is lent.
            here: Any = sys.modules[__name__]
            document: dict[str, Any] = here.get_openapi(
                title=self.title,
                version=self.version,
                openapi_version=self.openapi_version,
                summary=self.summary,
                description=self.description,
                terms_of_service=self.terms_of_service,
                contact=self.contact,
                license_info=self.license_info,
                routes=self.routes,
                webhooks=self.webhooks.routes,
                tags=self.openapi_tags,
                servers=self.servers,
                separate_input_output_schemas=self.separate_input_output_schemas,
                external_docs=self.openapi_external_docs,
            )
            self.openapi_schema = document
            self._openapi_version_of_routes = version
        return self.openapi_schema

    def setup(self) -> None:
        """Declare the routes of the document and of the pages that show it.

        COMPAT: the functions that make the pages' HTML are looked up in this module at each request, since apps put
        others in their place here.
        """
        html: Any = sys.modules[__name__]
        for path, endpoint in page_endpoints(self, html):
            self.add_route(path, endpoint, include_in_schema=False)


class Martlet(FastAPI):
    """An app with limits on what a request may carry, and with Scalar at `/scalar`; see `FastAPI`, which has neither.

    A body may have 10 MiB; a form 1000 fields of 1 MiB and 100 files. Whoever needs more says so: `max_body_size` and
    `form_limits`, here or for a router or a path operation.
    """

    @spelled_out(AppOptions)
    def __init__(self, **options: Unpack[AppOptions]) -> None:
        said = with_defaults(options, {"title": "Martlet", "scalar_url": "/scalar", "max_body_size": 10 * 1024 * 1024})
        said["form_limits"] = {**_SAFE_FORM_LIMITS, **(said.get("form_limits") or {})}
        super().__init__(**said)


_SAFE_FORM_LIMITS: Final[FormLimits] = {"max_fields": 1000, "max_files": 100, "max_part_size": 1024 * 1024}

lend(
    __name__,
    {
        "_FormLimits": "martlet._form_limits:",
        "Default": "martlet.datastructures:",
        "routing": "martlet.routing",
        "TelemetryConfig": "martlet.telemetry:",
        "ExceptionTelemetryMiddleware": "martlet.telemetry._asgi:",
        "NativeTelemetry": "martlet.telemetry._asgi:",
        "_legacy_otel": "martlet.telemetry._asgi:legacy_otel",
        "ExceptionMiddleware": "starlette.middleware.exceptions:",
        "AsyncExitStackMiddleware": "martlet.middleware.asyncexitstack:",
        "AppBodyLimitMiddleware": "martlet._engine.run.limits:",
        "BaseHTTPMiddleware": "starlette.middleware.base:",
        "ServerErrorMiddleware": "starlette.middleware.errors:",
        "get_openapi": "martlet.openapi.utils:",
        "get_redoc_html": "martlet.openapi.docs:",
        "get_scalar_html": "martlet.openapi.docs:",
        "get_swagger_ui_html": "martlet.openapi.docs:",
        "get_swagger_ui_oauth2_redirect_html": "martlet.openapi.docs:",
    },
)
