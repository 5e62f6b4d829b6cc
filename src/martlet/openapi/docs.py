"""The pages that show an OpenAPI document: Swagger UI, ReDoc, and where OAuth 2.0 sends the browser back to.

What is put into a page is escaped for the place where it stands: an attribute, text, or a script. None of it can end
that place and run as a script of its own.
"""

import html
import json
from typing import Any, Final

from starlette.responses import HTMLResponse

from martlet.encoders import jsonable_encoder

swagger_ui_default_parameters: dict[str, Any] = {
    "dom_id": "#swagger-ui",
    "layout": "BaseLayout",
    "deepLinking": True,
    "showExtensions": True,
    "showCommonExtensions": True,
}
"""How Swagger UI is configured where nothing else is said (https://swagger.io/docs/open-source-tools/swagger-ui/usage/configuration/)."""

_FAVICON: Final = "https://fastapi.tiangolo.com/img/favicon.png"

_SWAGGER_UI: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="shortcut icon" href="{favicon}">
<link rel="stylesheet" type="text/css" href="{css}">
<title>{title}</title>
</head>
<body>
<div id="swagger-ui"></div>
<script src="{js}"></script>
<script>
const ui = SwaggerUIBundle({{
url: {openapi_url},
{parameters}
presets: [
    SwaggerUIBundle.presets.apis,
    SwaggerUIBundle.SwaggerUIStandalonePreset
],
}})
{init_oauth}
</script>
</body>
</html>
"""

_REDOC: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="shortcut icon" href="{favicon}">
{fonts}<title>{title}</title>
<style>body {{ margin: 0; padding: 0; }}</style>
</head>
<body>
<noscript>ReDoc needs JavaScript to show this API.</noscript>
<redoc spec-url="{openapi_url}"></redoc>
<script src="{js}"></script>
</body>
</html>
"""

_GOOGLE_FONTS: Final = (
    '<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700">\n'
)

# Swagger UI opens the provider in a window of its own and leaves `swaggerUIRedirectOauth2` to be found there: what it
# sent (`state`), for which flow (`auth`), and what to call with the answer (`callback`, `errCb`). The answer is in the
# fragment for the implicit flow, in the query for the others (RFC 6749, sections 4.1.2 and 4.2.2).
_OAUTH2_REDIRECT: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Swagger UI: OAuth2 Redirect</title>
</head>
<body>
<script>
"use strict";

function readAnswer() {
  const fragment = window.location.hash;
  const inFragment = /code|token|error/.test(fragment);
  const text = inFragment ? fragment.slice(1).replace("?", "&") : window.location.search.slice(1);
  const answer = {};
  for (const pair of text.split("&").filter(Boolean)) {
    const [name, ...value] = pair.split("=");
    answer[decodeURIComponent(name)] = decodeURIComponent(value.join("="));
  }
  return answer;
}

function reasonOf(answer) {
  if (!answer.error) return "[Authorization failed]: no accessCode received from the server.";
  const description = answer.error_description || "no accessCode received from the server";
  const more = answer.error_uri ? " More info: " + answer.error_uri : "";
  return "[" + answer.error + "]: " + description + "." + more;
}

function finish() {
  const request = window.opener.swaggerUIRedirectOauth2;
  const {auth, redirectUrl} = request;
  const answer = readAnswer();
  const isValid = answer.state === request.state;
  const report = (level, message) => request.errCb({authId: auth.name, source: "auth", level, message});
  const byCode = ["accessCode", "authorizationCode", "authorization_code"].includes(auth.schema.get("flow"));

  if (!byCode || auth.code) {
    request.callback({auth, token: answer, isValid, redirectUrl});
  } else {
    if (!isValid) {
      report("warning", "Authorization may be unsafe: the state that came back is not the one that was sent.");
    }
    if (answer.code) {
      delete request.state;
      auth.code = answer.code;
      request.callback({auth, redirectUrl});
    } else {
      report("error", reasonOf(answer));
    }
  }
  window.close();
}

if (document.readyState === "loading") {
  document.addEventListener("DOMContentLoaded", finish);
} else {
  finish();
}
</script>
</body>
</html>
"""


def _json(value: Any) -> str:
    """Return a value as JSON that may stand in a script (HTML standard, section 4.12.1.3)."""
    text = json.dumps(jsonable_encoder(value))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _js_string(text: str) -> str:
    """Return a text as a string of JavaScript in single quotes: tests and packages look for them."""
    return "'" + _json(text)[1:-1].replace('\\"', '"').replace("'", "\\u0027") + "'"


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
    parameters = {**swagger_ui_default_parameters, **(swagger_ui_parameters or {})}
    lines = [f"{_json(name)}: {_json(value)}," for name, value in parameters.items()]
    if oauth2_redirect_url:
        lines.append(f"oauth2RedirectUrl: window.location.origin + {_js_string(oauth2_redirect_url)},")
    page = _SWAGGER_UI.format(
        favicon=html.escape(swagger_favicon_url),
        css=html.escape(swagger_css_url),
        title=html.escape(title),
        js=html.escape(swagger_js_url),
        openapi_url=_js_string(openapi_url),
        parameters="\n".join(lines),
        init_oauth=f"ui.initOAuth({_json(init_oauth)})" if init_oauth else "",
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
    page = _REDOC.format(
        favicon=html.escape(redoc_favicon_url),
        fonts=_GOOGLE_FONTS if with_google_fonts else "",
        title=html.escape(title),
        openapi_url=html.escape(openapi_url),
        js=html.escape(redoc_js_url),
    )
    return HTMLResponse(page)


def get_swagger_ui_oauth2_redirect_html() -> HTMLResponse:
    """Return the page that hands the answer of an OAuth 2.0 provider to the Swagger UI that asked for it."""
    return HTMLResponse(_OAUTH2_REDIRECT)
