"""The endpoints that show the document: `/openapi.json`, Swagger UI, its OAuth2 redirect, ReDoc, and Scalar.

A page names its addresses as the browser sees them: behind a proxy that strips a prefix they start with the request's
`root_path`, and so does the server that the document then names first.

The pages consist of what was packed into Martlet (`assets.py`), and come with a Content Security Policy by which no
script runs but theirs. Where an app has put functions of its own in the place of those that make the HTML, the pages
are what those return, and the policy is left to them. The text of the pages is `martlet.openapi`'s business.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final, Protocol, TypeAlias, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from martlet._engine.describe.assets import CDN, QUERY, address, serve_asset
from martlet.openapi import docs
from martlet.openapi._html import Sources, oauth2_redirect, redoc, scalar, swagger_ui

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]

_FAVICON: Final = (
    "data:image/svg+xml,"
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='7' fill='%23009688'/%3E"
    "%3Cpath d='M4 9c6 0 9 2 12 6c3-4 6-6 12-6c-4 2-6 5-7 9c-1 4-3 6-5 9c-2-3-4-5-5-9c-1-4-3-7-7-9z' fill='%23fff'/%3E"
    "%3C/svg%3E"
)

# Scripts run by the nonce and by nothing else. The rest is as wide as the pages need: all three libraries put styles
# into the page, "Try it out" talks to whatever servers the document names and shows the images that they answer, and
# ReDoc searches in a worker. Frames are not restricted: editors show an app in one.
_POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'{styles}; "
    "img-src * data: blob:; media-src * data: blob:; font-src 'self' data:; connect-src *; worker-src blob:; "
    "base-uri 'none'; form-action 'none'"
)
_REDIRECT: Final = docs.get_swagger_ui_oauth2_redirect_html
_REDIRECT_POLICY: Final = "default-src 'none'; script-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'"


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


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the pages.

    Args:
        name: what its endpoint is called.
        url: the option that says its path.
        title: what the page's title ends with.
        function: what makes its HTML for those who make their own; an app may have another of that name.
        js: the asset that is its script.
        more: what the function is told beside the document's address and the title.
        render: returns the page's text for the sources and for what the function would be told.
        css: the asset that is its style sheet, if it has one.
    """

    name: str
    url: str
    title: str
    function: Callable[..., HTMLResponse]
    js: str
    more: Callable[[Documented, str], dict[str, Any]]
    render: Callable[[Sources, dict[str, Any]], str]
    css: str = ""


def _of_swagger_ui(app: Documented, root_path: str) -> dict[str, Any]:
    redirect_url = app.swagger_ui_oauth2_redirect_url
    return {
        "oauth2_redirect_url": root_path + redirect_url if redirect_url else redirect_url,
        "init_oauth": app.swagger_ui_init_oauth,
        "swagger_ui_parameters": app.swagger_ui_parameters,
    }


def _swagger_ui(sources: Sources, said: dict[str, Any]) -> str:
    parameters = {**docs.swagger_ui_default_parameters, **(said.pop("swagger_ui_parameters") or {})}
    return swagger_ui(sources, **said, parameters=parameters)


def _redoc(sources: Sources, said: dict[str, Any]) -> str:
    return redoc(sources, **said, with_google_fonts=False)


def _scalar(sources: Sources, said: dict[str, Any]) -> str:
    configuration = {"url": said["openapi_url"], **docs.scalar_default_configuration}
    return scalar(sources, title=said["title"], configuration=configuration)


def _nothing(_app: Documented, _root_path: str) -> dict[str, Any]:
    return {}


SWAGGER_UI: Final = Kind(
    "swagger_ui_html",
    "docs_url",
    "Swagger UI",
    docs.get_swagger_ui_html,
    "swagger.js",
    _of_swagger_ui,
    _swagger_ui,
    css="swagger.css",
)
REDOC: Final = Kind("redoc_html", "redoc_url", "ReDoc", docs.get_redoc_html, "redoc.js", _nothing, _redoc)
SCALAR: Final = Kind("scalar_html", "scalar_url", "Scalar", docs.get_scalar_html, "scalar.js", _nothing, _scalar)


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
    if app.docs_url:
        pages.append((app.docs_url, _page_endpoint(app, html, SWAGGER_UI)))
        if app.swagger_ui_oauth2_redirect_url:
            pages.append((app.swagger_ui_oauth2_redirect_url, _redirect_endpoint(html)))
    if app.redoc_url:
        pages.append((app.redoc_url, _page_endpoint(app, html, REDOC)))
    if app.scalar_url:
        pages.append((app.scalar_url, _page_endpoint(app, html, SCALAR)))
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


def _page_endpoint(app: Documented, html: Html, kind: Kind) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        root_path = _root_path(request)
        said = {
            "openapi_url": f"{root_path}{app.openapi_url}",
            "title": f"{app.title} - {kind.title}",
            **kind.more(app, root_path),
        }
        make = getattr(html, kind.function.__name__)
        if make is not kind.function:
            return cast("Response", make(**said))
        if QUERY in request.query_params:
            return await serve_asset(request)
        page = f"{root_path}{getattr(app, kind.url)}"
        nonce = token_urlsafe(16)
        css = address(kind.css, page) if kind.css else ""
        sources = Sources(_FAVICON, address(kind.js, page), css, nonce, adapts=True)
        return _with_policy(kind.render(sources, said), _POLICY.format(nonce=nonce, styles=_styles(sources)))

    endpoint.__name__ = kind.name
    return endpoint


def _redirect_endpoint(html: Html) -> Endpoint:
    async def swagger_ui_redirect(request: Request) -> Response:  # noqa: ARG001 - endpoints take a request
        if html.get_swagger_ui_oauth2_redirect_html is not _REDIRECT:
            return html.get_swagger_ui_oauth2_redirect_html()
        nonce = token_urlsafe(16)
        return _with_policy(oauth2_redirect(nonce), _REDIRECT_POLICY.format(nonce=nonce))

    return swagger_ui_redirect


def _with_policy(text: str, policy: str) -> HTMLResponse:
    return HTMLResponse(text, headers={"content-security-policy": policy, "x-content-type-options": "nosniff"})


def _styles(sources: Sources) -> str:
    """Return what the policy adds for the style sheet: the CDN where it comes from there."""
    return f" {CDN}" if sources.css.startswith(CDN) else ""
