"""The functions that make the docs pages, for apps that make their own: Swagger UI, ReDoc, Scalar, the OAuth2 redirect.

Where nothing else is said, such a page loads its library from a CDN, as in FastAPI. It comes without a Content Security
Policy: what it loads, and what is made of it, is its app's to say. The pages that an app has by itself are made by
`describe/pages.py`; the text of both is `_html.py`'s.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import HTMLResponse

from martlet.openapi._html import Sources, oauth2_redirect, redoc, scalar, swagger_ui

swagger_ui_default_parameters: dict[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}
"""How Swagger UI is configured where nothing else is said (https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/)."""

scalar_default_configuration: dict[str, Any] = {
    "withDefaultFonts": False,
    "telemetry": False,
    "agent": {"disabled": True},
    "mcp": {"disabled": True},
    "hideClientButton": True,
    "showDeveloperTools": "never",
}
"""How Scalar is configured where nothing else is said: such that it asks no service of others (https://github.com/scalar/scalar)."""

_FAVICON: Final = "https://fastapi.tiangolo.com/img/favicon.png"


def get_swagger_ui_html(
    *,
    openapi_url: str,
    title: str,
    swagger_js_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui-bundle.js",
    swagger_css_url: str = "https://cdn.jsdelivr.net/npm/swagger-ui-dist@5/swagger-ui.css",
    swagger_favicon_url: str = _FAVICON,
    oauth2_redirect_url: str | None = None,
    init_oauth: dict[str, Any] | None = None,
    swagger_ui_parameters: dict[str, Any] | None = None,
) -> HTMLResponse:
    """Return the page that shows a document in Swagger UI.

    Args:
        openapi_url: where the document is.
        title: the page's title.
        swagger_js_url: where Swagger UI's script is.
        swagger_css_url: where its style sheet is.
        swagger_favicon_url: where the page's icon is.
        oauth2_redirect_url: the path of the page that OAuth 2.0 sends the browser back to.
        init_oauth: what `ui.initOAuth` is called with (https://swagger.io/docs/open-source-tools/swagger-ui/usage/oauth2/).
        swagger_ui_parameters: configuration, on top of `swagger_ui_default_parameters`.
    """
    page = swagger_ui(
        Sources(js=swagger_js_url, css=swagger_css_url, favicon=swagger_favicon_url),
        openapi_url=openapi_url,
        title=title,
        oauth2_redirect_url=oauth2_redirect_url,
        init_oauth=init_oauth,
        parameters={**swagger_ui_default_parameters, **(swagger_ui_parameters or {})},
    )
    return HTMLResponse(page)


def get_redoc_html(
    *,
    openapi_url: str,
    title: str,
    redoc_js_url: str = "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js",
    redoc_favicon_url: str = _FAVICON,
    with_google_fonts: bool = True,
) -> HTMLResponse:
    """Return the page that shows a document in ReDoc.

    Args:
        openapi_url: where the document is.
        title: the page's title.
        redoc_js_url: where ReDoc's script is.
        redoc_favicon_url: where the page's icon is.
        with_google_fonts: whether the page loads its fonts from Google.
    """
    sources = Sources(js=redoc_js_url, favicon=redoc_favicon_url)
    return HTMLResponse(redoc(sources, openapi_url=openapi_url, title=title, with_google_fonts=with_google_fonts))


def get_scalar_html(
    *,
    openapi_url: str,
    title: str,
    scalar_js_url: str = "https://cdn.jsdelivr.net/npm/@scalar/api-reference@1",
    scalar_favicon_url: str = _FAVICON,
    scalar_configuration: Mapping[str, Any] | None = None,
) -> HTMLResponse:
    """Return the page that shows a document in Scalar; FastAPI has none.

    Args:
        openapi_url: where the document is.
        title: the page's title.
        scalar_js_url: where Scalar's script is.
        scalar_favicon_url: where the page's icon is.
        scalar_configuration: configuration, on top of `scalar_default_configuration`.
    """
    configuration = {"url": openapi_url, **scalar_default_configuration, **(scalar_configuration or {})}
    sources = Sources(js=scalar_js_url, favicon=scalar_favicon_url)
    return HTMLResponse(scalar(sources, title=title, configuration=configuration))


def get_swagger_ui_oauth2_redirect_html() -> HTMLResponse:
    """Return the page that hands the answer of an OAuth 2.0 provider to the Swagger UI that asked for it."""
    return HTMLResponse(oauth2_redirect())
