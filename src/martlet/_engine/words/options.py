"""What a user may say about a path operation, a router, an include and the app, each option typed and explained once.

Functions take these as `**options: Unpack[RouteOptions]`: type checkers reject bad ones, editors show the text under a
key on the keyword, and `check_options` refuses unknown ones at run time. An absent key means *inherit*; which of two
answers holds where an app, its routers and a route all have one is up to `declare`'s merge table.

The types of what stands on higher floors (routes, routers) are `Any` here, or Starlette's class. Options of parameters
are in `param_options.py`.
"""

from collections.abc import Callable, Coroutine, Sequence
from enum import Enum
from typing import Annotated, Any

from pydantic import Field, with_config
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Lifespan
from typing_extensions import TypedDict  # pydantic reads FormLimits, and asks for this one before Python 3.12

from martlet._engine.words.markers import Depends
from martlet._engine.words.telemetry_options import TelemetryConfig
from martlet._engine.words.types import IncEx


@with_config(strict=True, extra="forbid")
class FormLimits(TypedDict, total=False):
    """How much of a form is read before the request is refused with 400; an absent key inherits."""

    max_fields: Annotated[int, Field(ge=0)]
    """The most fields that are no files."""

    max_files: Annotated[int, Field(ge=0)]
    """The most files of a multipart form."""

    max_part_size: Annotated[int, Field(ge=0)]
    """The size in bytes of the largest field that is no file."""


class SharedOptions(TypedDict, total=False):
    """What can be said of one path operation, and of all those of a router, an include or the app."""

    dependencies: Sequence[Depends] | None
    """Dependencies whose values nobody takes; they run before those of the signature, the app's and routers' first."""

    responses: dict[int | str, dict[str, Any]] | None
    """Further answers for the document: status, `"4XX"` or `"default"` to an OpenAPI Response Object.

    The key `model` in one of them names a type that becomes its JSON Schema.
    """

    callbacks: list[BaseRoute] | None
    """Requests that the API will send to its caller, for the document: the routes of a router, which are not served."""

    deprecated: bool | None
    """Whether the document says that it should no longer be used."""

    include_in_schema: bool
    """Whether the document mentions it; it is served either way."""

    generate_unique_id_function: Callable[[Any], str]
    """Makes the operation id from an `APIRoute`; client generators name methods after it."""

    max_body_size: int | None
    """The most bytes of a request's body, with all its files; more is answered with 413.

    0 allows only an empty body. None inherits, and is no limit where nobody has one.
    """

    form_limits: FormLimits | None
    """How much of a form is read; each of the three limits is inherited on its own."""


class TaggedOptions(SharedOptions, total=False):
    """What can be said of a path operation, a router or an include, and not of the app."""

    tags: list[str | Enum] | None
    """The groups that the docs pages list it under, in addition to those of the routers above it."""


class RouteOptions(TaggedOptions, total=False):
    """What can be said of one path operation by `@app.get` and the other verbs."""

    response_model: Any
    """The type that answers are validated and filtered by; without it, the return annotation. None switches it off."""

    status_code: int | None
    """The status of a plain answer, such as 201; by default the response class's own, mostly 200."""

    summary: str | None
    """One line for the document; by default made from the endpoint's name."""

    description: str | None
    """What it does, for the document, in CommonMark; by default the endpoint's docstring up to a form feed."""

    response_description: str
    """What the document says of the plain answer."""

    operation_id: str | None
    """The operation id, as it is; must be unique in the document. `generate_unique_id_function` is then not asked."""

    response_model_include: IncEx | None
    """The only fields of the answer that are sent."""

    response_model_exclude: IncEx | None
    """Fields of the answer that are not sent."""

    response_model_by_alias: bool
    """Whether the answer's keys are the fields' aliases."""

    response_model_exclude_unset: bool
    """Whether fields that nobody set are left out."""

    response_model_exclude_defaults: bool
    """Whether fields that equal their default are left out."""

    response_model_exclude_none: bool
    """Whether fields that are None are left out."""

    response_class: type[Response]
    """The class of the answer; its media type and status appear in the document."""

    name: str | None
    """The name for `url_path_for`; by default the endpoint's."""

    openapi_extra: dict[str, Any] | None
    """OpenAPI keys that are merged into the operation at the end, into nested objects too."""


class ApiRouteOptions(RouteOptions, total=False):
    """What `api_route` takes: the verbs' options, and the verbs."""

    methods: set[str] | frozenset[str] | list[str] | tuple[str, ...] | None
    """The HTTP methods, in any case; GET by default."""


class StrictRouteOptions(ApiRouteOptions, total=False):
    """What is said of a path operation by the code between a router and its route."""

    strict_content_type: bool
    """Whether a body without a content type is not read as JSON."""


class AddRouteOptions(StrictRouteOptions, total=False):
    """What `APIRouter.add_api_route` takes."""

    route_class_override: type[Any] | None
    """The subclass of `APIRoute` for this path operation, instead of the router's `route_class`."""


class RouteInitOptions(StrictRouteOptions, total=False):
    """What the constructor of `APIRoute` takes."""

    dependency_overrides_provider: Any | None
    """The object whose `dependency_overrides` mapping counts; the app."""


class GroupOptions(SharedOptions, total=False):
    """What can be said of many path operations at once."""

    default_response_class: type[Response]
    """The class of the answers of path operations that choose none; `JSONResponse` by default."""


class IncludeOptions(GroupOptions, TaggedOptions, total=False):
    """What can be said when a router is included: it adds to what the router says of itself."""

    prefix: str
    """What stands before every path: starts with `/`, does not end with it. May hold path parameters."""


class ServerOptions(TypedDict, total=False):
    """What a router and the app take because each can be served alone."""

    routes: list[BaseRoute] | None
    """Routes to begin with. There for Starlette's sake; declare path operations with the verbs."""

    redirect_slashes: bool
    """Whether `/items` is redirected to `/items/`, or back, with 307, where only the other one is a route."""

    on_startup: Sequence[Callable[[], Any]] | None
    """Functions to call before the first request. Deprecated by Starlette: use `lifespan`."""

    on_shutdown: Sequence[Callable[[], Any]] | None
    """Functions to call after the last request. Deprecated by Starlette: use `lifespan`."""

    lifespan: Lifespan[Any] | None
    """An async context manager around all serving; a mapping that it yields becomes `request.state`."""

    strict_content_type: bool
    """Whether a body without a content type is not read as JSON, as it is not by default.

    Browsers send such bodies across origins without asking first, so reading them invites CSRF.
    """


class RouterOptions(IncludeOptions, ServerOptions, total=False):
    """What the constructor of `APIRouter` takes."""

    default: ASGIApp | None
    """The ASGI app for requests that no route matches; by default it answers 404."""

    dependency_overrides_provider: Any | None
    """The object whose `dependency_overrides` mapping counts; the app sets itself."""

    route_class: type[Any]
    """The subclass of `APIRoute` that path operations are made of."""


class AppOptions(GroupOptions, ServerOptions, total=False):
    """What the constructor of `FastAPI` takes."""

    telemetry: TelemetryConfig | None
    """The settings of OpenTelemetry, see `martlet.telemetry.TelemetryConfig`."""

    debug: bool
    """Whether a server error is answered with its traceback; never where others can reach the app."""

    title: str
    """The name of the API, for the document."""

    summary: str | None
    """One line on the API, for the document."""

    description: str
    """What the API is for, for the document; CommonMark."""

    version: str
    """The version of the API, which is neither OpenAPI's nor Martlet's."""

    openapi_url: str | None
    """The path of the document; None for no document, and then no docs pages."""

    openapi_tags: list[dict[str, Any]] | None
    """Tags in the order of the docs pages: OpenAPI Tag Objects with `name`, `description` and `externalDocs`."""

    servers: list[dict[str, str | Any]] | None
    """Where the API is served, for the document: OpenAPI Server Objects with `url`, `description` and `variables`."""

    docs_url: str | None
    """The path of Swagger UI; None for none."""

    redoc_url: str | None
    """The path of ReDoc; None for none."""

    scalar_url: str | None
    """The path of Scalar; None for none, which is what FastAPI has."""

    swagger_ui_oauth2_redirect_url: str | None
    """The path that Swagger UI's OAuth2 flow comes back to; None for none."""

    swagger_ui_init_oauth: dict[str, Any] | None
    """The arguments of Swagger UI's `initOAuth`, such as `clientId`."""

    swagger_ui_parameters: dict[str, Any] | None
    """The settings of Swagger UI, such as `{"deepLinking": False}`."""

    middleware: Sequence[Middleware] | None
    """Middleware to begin with, the outermost first; `add_middleware` puts one around them."""

    exception_handlers: dict[int | type[Exception], Callable[[Request, Any], Coroutine[Any, Any, Response]]] | None
    """What answers for an exception's class or an HTTP status."""

    terms_of_service: str | None
    """The URL of the terms, for the document."""

    contact: dict[str, str | Any] | None
    """Whom to ask, for the document: an OpenAPI Contact Object with `name`, `url` and `email`."""

    license_info: dict[str, str | Any] | None
    """The API's licence, for the document: `name`, and `identifier` (SPDX) or `url`."""

    root_path: str
    """Deprecated: the prefix that a proxy takes off; tell the server instead."""

    root_path_in_servers: bool
    """Whether the document lists the root path among the servers."""

    webhooks: Any
    """A router whose path operations are documented as webhooks, and not served."""

    separate_input_output_schemas: bool
    """Whether a model gets two schemas in the document where input and output differ, say by defaults."""

    openapi_external_docs: dict[str, Any] | None
    """Documentation elsewhere, for the document: `url` and `description`."""
