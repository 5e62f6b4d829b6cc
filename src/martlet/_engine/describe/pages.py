"""The pages that show the document: Swagger UI, its OAuth2 redirect, ReDoc, and Scalar.

A page names its addresses as the browser sees them: behind a proxy that strips a prefix they start with the request's
`root_path`. Where the pages stand in an app is `endpoints.py`'s business.

The pages consist of what was packed into Martlet (`assets.py`), and come with a Content Security Policy by which no
script runs but theirs. Where an app has put functions of its own in the place of those that make the HTML, the pages
are what those return, and the policy is left to them. The text of the pages is `martlet.openapi`'s business.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any, Final, cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from martlet._engine.describe.assets import CDN, QUERY, address, serve_asset
from martlet._engine.describe.endpoints import Documented, Html, root_path_of
from martlet.openapi import docs
from martlet.openapi._html import Sources, oauth2_redirect, redoc, scalar, swagger_ui

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


KINDS: Final[Mapping[str, Kind]] = {kind.name: kind for kind in (SWAGGER_UI, REDOC, SCALAR)}


async def page(name: str, app: Documented, html: Html, request: Request) -> Response:
    """Return a page, or a file that it consists of.

    Args:
        name: what the page's endpoint is called.
        app: the app whose document it shows.
        html: see `page_endpoints`.
        request: the request.
    """
    kind, root_path = KINDS[name], root_path_of(request)
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
    path = f"{root_path}{getattr(app, kind.url)}"
    nonce = token_urlsafe(16)
    css = address(kind.css, path) if kind.css else ""
    sources = Sources(_FAVICON, address(kind.js, path), css, nonce, adapts=True)
    return _with_policy(kind.render(sources, said), _POLICY.format(nonce=nonce, styles=_styles(sources)))


def redirect_page(html: Html) -> Response:
    """Return the page to which an OAuth2 server sends the browser back."""
    if html.get_swagger_ui_oauth2_redirect_html is not _REDIRECT:
        return html.get_swagger_ui_oauth2_redirect_html()
    nonce = token_urlsafe(16)
    return _with_policy(oauth2_redirect(nonce), _REDIRECT_POLICY.format(nonce=nonce))


def _with_policy(text: str, policy: str) -> HTMLResponse:
    return HTMLResponse(text, headers={"content-security-policy": policy, "x-content-type-options": "nosniff"})


def _styles(sources: Sources) -> str:
    """Return what the policy adds for the style sheet: the CDN where it comes from there."""
    return f" {CDN}" if sources.css.startswith(CDN) else ""
