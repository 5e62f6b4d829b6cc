"""The text of the docs pages: Swagger UI, ReDoc, Scalar, and where OAuth 2.0 sends the browser back to.

What is put into a page is escaped for the place where it stands: an attribute, text, or a script. None of it can end
that place and run as a script of its own. A page with a nonce has it on each of its scripts, so that a Content Security
Policy can let these run and no other.

What users may ask for is said by `martlet.openapi.docs`; which pages an app makes by itself, with which sources and
which policy, by `describe/pages.py`.
"""

import html
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from martlet.encoders import jsonable_encoder


@dataclass(frozen=True, slots=True)
class Sources:
    """What a page is made of, as addresses.

    Args:
        favicon: the page's icon.
        js: the script of the library.
        css: the style sheet of the library, where it has one.
        nonce: what the policy calls the scripts of this page; empty for a page without a policy.
        adapts: whether the page goes with the reader's light or dark mode and with the fonts that are there. One that
            users dress themselves does not: it is what they make of it.
    """

    favicon: str
    js: str
    css: str = ""
    nonce: str = ""
    adapts: bool = False


_HEAD: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="shortcut icon" href="{favicon}">
"""

_SWAGGER_UI: Final = (
    _HEAD
    + """\
<link rel="stylesheet" type="text/css" href="{css}">
<title>{title}</title>
{adapts}</head>
<body>
<div id="swagger-ui"></div>
<script{nonce} src="{js}"></script>
<script{nonce}>
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
)

# Swagger UI's style sheet has a dark mode, for a document of this class.
_SWAGGER_UI_ADAPTS: Final = """\
<meta name="color-scheme" content="light dark">
<style>
body {{ margin: 0; }}
html.dark-mode body {{ background: #1c2022; }}
</style>
<script{nonce}>
{{
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const adapt = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
  dark.addEventListener("change", adapt);
  adapt();
}}
</script>
"""

_REDOC: Final = (
    _HEAD
    + """\
{fonts}<title>{title}</title>
<style>body {{ margin: 0; padding: 0; }}</style>
</head>
<body>
<noscript>ReDoc needs JavaScript to show this API.</noscript>
<redoc spec-url="{openapi_url}"></redoc>
{adapts}<script{nonce} src="{js}"></script>
</body>
</html>
"""
)

_GOOGLE_FONTS: Final = (
    '<link rel="stylesheet" href="https://fonts.googleapis.com/css?family=Montserrat:300,400,700|Roboto:300,400,700">\n'
)

# ReDoc has no dark mode: it is given a theme before it starts, and style where themes do not reach.
_REDOC_ADAPTS: Final = """\
<style>
@media (prefers-color-scheme: dark) {{
  :root {{ color-scheme: dark; }}
  body {{ background: #1c2022; color: #e4e6e6; }}
  .redoc-wrap h5, .redoc-wrap h5 span {{ color: #b7bcbf !important; }}
  .redoc-wrap tr {{ background: none !important; }}
  .redoc-wrap h5, .redoc-wrap td, .redoc-wrap th {{ border-color: #3b4245 !important; }}
  .redoc-wrap .react-tabs__tab--selected {{ background: #2b3135 !important; }}
}}
</style>
<script{nonce}>
{{
  const [always, dark] = {themes};
  const theme = matchMedia("(prefers-color-scheme: dark)").matches ? {{...always, ...dark}} : always;
  document.querySelector("redoc").setAttribute("theme", JSON.stringify(theme));
}}
</script>
"""

_SANS: Final = "system-ui, sans-serif"
_MONO: Final = "ui-monospace, monospace"
_TYPOGRAPHY: Final = {"fontFamily": _SANS, "headings": {"fontFamily": _SANS}}
_REDOC_THEMES: Final[tuple[dict[str, Any], dict[str, Any]]] = (
    {"typography": {**_TYPOGRAPHY, "code": {"fontFamily": _MONO}}},
    {
        "colors": {
            "primary": {"main": "#8ab4f8"},
            "text": {"primary": "#e4e6e6", "secondary": "#b7bcbf"},
            "success": {"main": "#81c995"},
            "error": {"main": "#f28b82"},
            "border": {"light": "#3b4245", "dark": "#4a5256"},
        },
        "typography": {
            **_TYPOGRAPHY,
            "code": {"fontFamily": _MONO, "color": "#f28b82", "backgroundColor": "#2b3135"},
            "links": {"color": "#8ab4f8", "visited": "#8ab4f8", "hover": "#aecbfa"},
        },
        "schema": {
            "linesColor": "#5f686c",
            "nestedBackground": "#23282b",
            "typeNameColor": "#b7bcbf",
            "typeTitleColor": "#b7bcbf",
        },
        "sidebar": {"backgroundColor": "#15181a", "textColor": "#e4e6e6"},
        "rightPanel": {
            "backgroundColor": "#121516",
            "servers": {
                "overlay": {"backgroundColor": "#23282b", "textColor": "#e4e6e6"},
                "url": {"backgroundColor": "#0b0d0e"},
            },
        },
        "codeBlock": {"backgroundColor": "#0b0d0e"},
    },
)

_SCALAR: Final = (
    _HEAD
    + """\
<title>{title}</title>
</head>
<body>
<noscript>Scalar needs JavaScript to show this API.</noscript>
<div id="app"></div>
<script{nonce} src="{js}"></script>
<script{nonce}>
Scalar.createApiReference("#app", {configuration})
</script>
</body>
</html>
"""
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
<script{nonce}>
"use strict";

function readAnswer() {{
  const fragment = window.location.hash;
  const inFragment = /code|token|error/.test(fragment);
  const text = inFragment ? fragment.slice(1).replace("?", "&") : window.location.search.slice(1);
  const answer = {{}};
  for (const pair of text.split("&").filter(Boolean)) {{
    const [name, ...value] = pair.split("=");
    answer[decodeURIComponent(name)] = decodeURIComponent(value.join("="));
  }}
  return answer;
}}

function reasonOf(answer) {{
  if (!answer.error) return "[Authorization failed]: no accessCode received from the server.";
  const description = answer.error_description || "no accessCode received from the server";
  const more = answer.error_uri ? " More info: " + answer.error_uri : "";
  return "[" + answer.error + "]: " + description + "." + more;
}}

function finish() {{
  const request = window.opener.swaggerUIRedirectOauth2;
  const {{auth, redirectUrl}} = request;
  const answer = readAnswer();
  const isValid = answer.state === request.state;
  const report = (level, message) => request.errCb({{authId: auth.name, source: "auth", level, message}});
  const byCode = ["accessCode", "authorizationCode", "authorization_code"].includes(auth.schema.get("flow"));

  if (!byCode || auth.code) {{
    request.callback({{auth, token: answer, isValid, redirectUrl}});
  }} else {{
    if (!isValid) {{
      report("warning", "Authorization may be unsafe: the state that came back is not the one that was sent.");
    }}
    if (answer.code) {{
      delete request.state;
      auth.code = answer.code;
      request.callback({{auth, redirectUrl}});
    }} else {{
      report("error", reasonOf(answer));
    }}
  }}
  window.close();
}}

if (document.readyState === "loading") {{
  document.addEventListener("DOMContentLoaded", finish);
}} else {{
  finish();
}}
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


def _nonce(nonce: str) -> str:
    """Return the attribute that says by which nonce a script may run."""
    return f' nonce="{html.escape(nonce)}"' if nonce else ""


def swagger_ui(
    sources: Sources,
    *,
    openapi_url: str,
    title: str,
    oauth2_redirect_url: str | None,
    init_oauth: Mapping[str, Any] | None,
    parameters: Mapping[str, Any],
) -> str:
    """Return the page that shows a document in Swagger UI.

    Args:
        sources: what it is made of.
        openapi_url: where the document is.
        title: the page's title.
        oauth2_redirect_url: the path of the page that OAuth 2.0 sends the browser back to.
        init_oauth: what `ui.initOAuth` is called with.
        parameters: the whole configuration.
    """
    lines = [f"{_json(name)}: {_json(value)}," for name, value in parameters.items()]
    if oauth2_redirect_url:
        lines.append(f"oauth2RedirectUrl: window.location.origin + {_js_string(oauth2_redirect_url)},")
    nonce = _nonce(sources.nonce)
    return _SWAGGER_UI.format(
        favicon=html.escape(sources.favicon),
        css=html.escape(sources.css),
        title=html.escape(title),
        adapts=_SWAGGER_UI_ADAPTS.format(nonce=nonce) if sources.adapts else "",
        nonce=nonce,
        js=html.escape(sources.js),
        openapi_url=_js_string(openapi_url),
        parameters="\n".join(lines),
        init_oauth=f"ui.initOAuth({_json(init_oauth)})" if init_oauth else "",
    )


def redoc(sources: Sources, *, openapi_url: str, title: str, with_google_fonts: bool) -> str:
    """Return the page that shows a document in ReDoc.

    Args:
        sources: what it is made of.
        openapi_url: where the document is.
        title: the page's title.
        with_google_fonts: whether the page loads its fonts from Google.
    """
    nonce = _nonce(sources.nonce)
    return _REDOC.format(
        favicon=html.escape(sources.favicon),
        fonts=_GOOGLE_FONTS if with_google_fonts else "",
        title=html.escape(title),
        openapi_url=html.escape(openapi_url),
        adapts=_REDOC_ADAPTS.format(nonce=nonce, themes=_json(_REDOC_THEMES)) if sources.adapts else "",
        nonce=nonce,
        js=html.escape(sources.js),
    )


def scalar(sources: Sources, *, title: str, configuration: Mapping[str, Any]) -> str:
    """Return the page that shows a document in Scalar.

    Args:
        sources: what it is made of.
        title: the page's title.
        configuration: the whole configuration, with where the document is.
    """
    return _SCALAR.format(
        favicon=html.escape(sources.favicon),
        title=html.escape(title),
        nonce=_nonce(sources.nonce),
        js=html.escape(sources.js),
        configuration=_json(configuration),
    )


def oauth2_redirect(nonce: str = "") -> str:
    """Return the page that hands the answer of an OAuth 2.0 provider to the Swagger UI that asked for it."""
    return _OAUTH2_REDIRECT.format(nonce=_nonce(nonce))
