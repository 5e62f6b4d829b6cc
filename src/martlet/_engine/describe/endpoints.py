"""The endpoints that show the document: `/openapi.json`, Swagger UI, its OAuth2 redirect, ReDoc, and Scalar.

Every app declares them, few requests ask for them: what makes a page (`pages.py`) is imported with the first one.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from types import ModuleType
from typing import Any, Final, Protocol, TypeAlias, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Documented(Protocol):
    """What an app says of its pages; see the parameters of `FastAPI`. A page whose URL is None does not exist."""

    title: str
    openapi_url: str | None
    docs_url: str | None
    redoc_url: str | None
    scalar_url: str | None
    swagger_ui_oauth2_redirect_url: str | None
    swagger_ui_init_oauth: dict[str, Any] | None
    swagger_ui_parameters: dict[str, Any] | None
    root_path_in_servers: bool

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        ...


class Html(Protocol):
    """What makes the pages' HTML: a module with the functions of `martlet.openapi.docs`."""

    @property
    def get_swagger_ui_html(self) -> Callable[..., HTMLResponse]:
        """Return the function for Swagger UI."""
        ...

    @property
    def get_swagger_ui_oauth2_redirect_html(self) -> Callable[..., HTMLResponse]:
        """Return the function for the page to which an OAuth2 server sends the browser back."""
        ...

    @property
    def get_redoc_html(self) -> Callable[..., HTMLResponse]:
        """Return the function for ReDoc."""
        ...

    @property
    def get_scalar_html(self) -> Callable[..., HTMLResponse]:
        """Return the function for Scalar."""
        ...


# By the option that says its path: what a page's endpoint is called. That is its key in `pages.py`, too.
_PAGES: Final = {"docs_url": "swagger_ui_html", "redoc_url": "redoc_html", "scalar_url": "scalar_html"}


def page_endpoints(app: Documented, html: Html) -> list[tuple[str, Endpoint]]:
    """Return path and endpoint of each page, to be added as plain routes in this order.

    The endpoints bear FastAPI's names, so that `url_path_for("swagger_ui_html")` finds them.

    Args:
        app: the app; it is asked for the document at each request.
        html: where the pages come from. Its functions are looked up at each request: users put others in their place,
            mostly to load the libraries from elsewhere. They are told what FastAPI tells them and nothing else.
    """
    if not app.openapi_url:
        return []
    pages = [(app.openapi_url, _openapi_endpoint(app))]
    for option, name in _PAGES.items():
        path = getattr(app, option)
        if path:
            pages.append((path, _page_endpoint(app, html, name)))
            if option == "docs_url" and app.swagger_ui_oauth2_redirect_url:
                pages.append((app.swagger_ui_oauth2_redirect_url, _redirect_endpoint(html)))
    return pages


def with_server(document: dict[str, Any], root_path: str) -> dict[str, Any]:
    """Return the document with a server at `root_path` in front of the others, unless it names that already."""
    servers: list[Mapping[str, Any]] = document.get("servers", [])
    if not root_path or any(server.get("url") == root_path for server in servers):
        return document
    return {**document, "servers": [{"url": root_path}, *servers]}


def root_path_of(request: Request) -> str:
    """Return the prefix that a proxy strips, without its last slash."""
    root_path: str = request.scope.get("root_path", "")
    return root_path.rstrip("/")


@cache
def _pages() -> ModuleType:
    from martlet._engine.describe import pages  # noqa: PLC0415 - for the first page that is shown

    return pages


def _openapi_endpoint(app: Documented) -> Endpoint:
    async def openapi(request: Request) -> JSONResponse:
        document = app.openapi()
        return JSONResponse(with_server(document, root_path_of(request)) if app.root_path_in_servers else document)

    return openapi


def _page_endpoint(app: Documented, html: Html, name: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        return cast("Response", await _pages().page(name, app, html, request))

    endpoint.__name__ = name
    return endpoint


def _redirect_endpoint(html: Html) -> Endpoint:
    async def swagger_ui_redirect(request: Request) -> Response:  # noqa: ARG001 - endpoints take a request
        return cast("Response", _pages().redirect_page(html))

    return swagger_ui_redirect
