"""The endpoints that show the document: `/openapi.json`, Swagger UI, its OAuth2 redirect, and ReDoc.

A page names its addresses as the browser sees them: behind a proxy that strips a prefix they start with the request's
`root_path`, and so does the server that the document then names first. What the pages consist of is the business of
`martlet.openapi.docs`.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, TypeAlias

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


class Documented(Protocol):
    """What an app says of its pages; see the parameters of `FastAPI`. A page whose URL is None does not exist."""

    title: str
    openapi_url: str | None
    docs_url: str | None
    redoc_url: str | None
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


def page_endpoints(app: Documented, html: Html) -> list[tuple[str, Endpoint]]:
    """Return path and endpoint of each page, to be added as plain routes in this order.

    The endpoints bear FastAPI's names, so that `url_path_for("swagger_ui_html")` finds them.

    Args:
        app: the app; it is asked for the document at each request.
        html: where the pages come from. Its functions are looked up at each request: users put others in their place,
            mostly to serve the assets themselves.
    """
    if not app.openapi_url:
        return []
    pages = [(app.openapi_url, _openapi_endpoint(app))]
    if app.docs_url:
        pages.append((app.docs_url, _swagger_endpoint(app, html)))
        if app.swagger_ui_oauth2_redirect_url:
            pages.append((app.swagger_ui_oauth2_redirect_url, _redirect_endpoint(html)))
    if app.redoc_url:
        pages.append((app.redoc_url, _redoc_endpoint(app, html)))
    return pages


def with_server(document: dict[str, Any], root_path: str) -> dict[str, Any]:
    """Return the document with a server at `root_path` in front of the others, unless it names that already."""
    servers: list[Mapping[str, Any]] = document.get("servers", [])
    if not root_path or any(server.get("url") == root_path for server in servers):
        return document
    return {**document, "servers": [{"url": root_path}, *servers]}


def _root_path(request: Request) -> str:
    root_path: str = request.scope.get("root_path", "")
    return root_path.rstrip("/")


def _openapi_endpoint(app: Documented) -> Endpoint:
    async def openapi(request: Request) -> JSONResponse:
        document = app.openapi()
        return JSONResponse(with_server(document, _root_path(request)) if app.root_path_in_servers else document)

    return openapi


def _swagger_endpoint(app: Documented, html: Html) -> Endpoint:
    async def swagger_ui_html(request: Request) -> HTMLResponse:
        root_path = _root_path(request)
        redirect_url = app.swagger_ui_oauth2_redirect_url
        return html.get_swagger_ui_html(
            openapi_url=f"{root_path}{app.openapi_url}",
            title=f"{app.title} - Swagger UI",
            oauth2_redirect_url=root_path + redirect_url if redirect_url else redirect_url,
            init_oauth=app.swagger_ui_init_oauth,
            swagger_ui_parameters=app.swagger_ui_parameters,
        )

    return swagger_ui_html


def _redirect_endpoint(html: Html) -> Endpoint:
    async def swagger_ui_redirect(request: Request) -> HTMLResponse:  # noqa: ARG001 - endpoints take a request
        return html.get_swagger_ui_oauth2_redirect_html()

    return swagger_ui_redirect


def _redoc_endpoint(app: Documented, html: Html) -> Endpoint:
    async def redoc_html(request: Request) -> HTMLResponse:
        return html.get_redoc_html(openapi_url=f"{_root_path(request)}{app.openapi_url}", title=f"{app.title} - ReDoc")

    return redoc_html
