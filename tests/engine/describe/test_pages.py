import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from martlet import FastAPI, Martlet, applications
from martlet._engine.describe import assets
from martlet._engine.describe.endpoints import page_endpoints, with_server
from martlet.openapi import docs


@dataclass
class App:
    """What of an app the pages look at."""

    title: str = "Shop"
    openapi_url: str | None = "/openapi.json"
    docs_url: str | None = "/docs"
    redoc_url: str | None = "/redoc"
    scalar_url: str | None = None
    swagger_ui_oauth2_redirect_url: str | None = "/docs/oauth2-redirect"
    swagger_ui_init_oauth: dict[str, Any] | None = None
    swagger_ui_parameters: dict[str, Any] | None = None
    root_path_in_servers: bool = True
    document: dict[str, Any] = field(default_factory=lambda: {"openapi": "3.1.0"})

    def openapi(self) -> dict[str, Any]:
        return self.document


class Recorder:
    """Stands for the module that makes the HTML, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, dict[str, Any]] = {}

    def __getattr__(self, name: str) -> Any:
        def make(**options: Any) -> HTMLResponse:
            self.asked[name] = options
            return HTMLResponse(name)

        return make


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand for what was packed."""
    names = {
        "swagger.js": "swagger-ui-dist@5.1/swagger-ui-bundle.aa.js",
        "swagger.css": "swagger-ui-dist@5.1/swagger-ui.cc.css",
        "redoc.js": "redoc@2.1/redoc.standalone.bb.js",
        "scalar.js": "@scalar/api-reference@1.1/standalone.dd.js",
    }
    for name in names.values():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(f"content of {name}".encode()))
    files = {role: {"name": name, "type": "text/javascript"} for role, name in names.items()}
    (tmp_path / "index.json").write_text(json.dumps({"files": files}))
    monkeypatch.setattr(assets, "DIRECTORY", tmp_path)
    return tmp_path


def always(text: str) -> Callable[..., HTMLResponse]:
    def make(**_options: Any) -> HTMLResponse:
        return HTMLResponse(text)

    return make


PAGES = ("/docs", "/docs/oauth2-redirect", "/redoc", "/scalar")


def client(app: App, html: Any = docs, root_path: str = "") -> TestClient:
    starlette = Starlette()
    for path, endpoint in page_endpoints(app, html):
        starlette.add_route(path, endpoint)
    return TestClient(starlette, root_path=root_path)


@pytest.mark.parametrize(
    ("app", "paths"),
    [
        (App(), ["/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"]),
        (App(swagger_ui_oauth2_redirect_url=None), ["/openapi.json", "/docs", "/redoc"]),
        (App(docs_url=None), ["/openapi.json", "/redoc"]),
        (App(docs_url=None, redoc_url=None), ["/openapi.json"]),
        (App(docs_url=None, scalar_url="/scalar"), ["/openapi.json", "/redoc", "/scalar"]),
        (App(openapi_url=None), []),
        (App(openapi_url=""), []),
    ],
)
def test_pages_without_a_url_do_not_exist(app: App, paths: list[str]) -> None:
    assert [path for path, _ in page_endpoints(app, docs)] == paths


def test_endpoints_bear_fastapis_names() -> None:
    names = [getattr(endpoint, "__name__", "") for _, endpoint in page_endpoints(App(scalar_url="/scalar"), docs)]
    assert names == ["openapi", "swagger_ui_html", "swagger_ui_redirect", "redoc_html", "scalar_html"]


def test_the_document_is_served_as_the_app_gives_it() -> None:
    app = App()
    answer = client(app).get("/openapi.json")
    assert answer.json() == {"openapi": "3.1.0"}
    app.document["x-added"] = 1
    assert client(app).get("/openapi.json").json() == {"openapi": "3.1.0", "x-added": 1}


def test_root_path_is_the_first_server() -> None:
    app = App(document={"servers": [{"url": "/other"}]})
    assert client(app, root_path="/api/").get("/openapi.json").json() == {
        "servers": [{"url": "/api"}, {"url": "/other"}]
    }
    assert app.document == {"servers": [{"url": "/other"}]}


def test_root_path_is_no_server_where_the_app_says_so() -> None:
    assert client(App(root_path_in_servers=False), root_path="/api").get("/openapi.json").json() == {"openapi": "3.1.0"}


@pytest.mark.parametrize("servers", [[{"url": "/api"}], [{"description": "x"}, {"url": "/api", "x": 1}]])
def test_a_server_is_not_named_twice(servers: list[dict[str, Any]]) -> None:
    document = {"servers": servers}
    assert with_server(document, "/api") is document


def test_no_root_path_no_server() -> None:
    document: dict[str, Any] = {}
    assert with_server(document, "") is document


def test_pages_name_addresses_below_the_root_path() -> None:
    html = Recorder()
    init_oauth = {"clientId": "x"}
    parameters = {"deepLinking": False}
    app = App(swagger_ui_init_oauth=init_oauth, swagger_ui_parameters=parameters, scalar_url="/scalar")
    browser = client(app, html, root_path="/api")
    assert [browser.get(path).text for path in PAGES] == [
        "get_swagger_ui_html",
        "get_swagger_ui_oauth2_redirect_html",
        "get_redoc_html",
        "get_scalar_html",
    ]
    assert html.asked == {
        "get_swagger_ui_html": {
            "openapi_url": "/api/openapi.json",
            "title": "Shop - Swagger UI",
            "oauth2_redirect_url": "/api/docs/oauth2-redirect",
            "init_oauth": init_oauth,
            "swagger_ui_parameters": parameters,
        },
        "get_swagger_ui_oauth2_redirect_html": {},
        "get_redoc_html": {"openapi_url": "/api/openapi.json", "title": "Shop - ReDoc"},
        "get_scalar_html": {"openapi_url": "/api/openapi.json", "title": "Shop - Scalar"},
    }


def test_without_a_redirect_swagger_ui_gets_none() -> None:
    html = Recorder()
    client(App(swagger_ui_oauth2_redirect_url=None), html).get("/docs")
    assert html.asked["get_swagger_ui_html"]["oauth2_redirect_url"] is None


def test_functions_are_looked_up_at_each_request() -> None:
    html = SimpleNamespace(get_swagger_ui_html=always("first"))
    browser = client(App(), html)
    assert browser.get("/docs").text == "first"
    html.get_swagger_ui_html = always("second")
    assert browser.get("/docs").text == "second"


@pytest.mark.parametrize(
    ("path", "function"),
    [
        ("/docs", "get_swagger_ui_html"),
        ("/docs/oauth2-redirect", "get_swagger_ui_oauth2_redirect_html"),
        ("/redoc", "get_redoc_html"),
        ("/scalar", "get_scalar_html"),
    ],
)
def test_an_apps_pages_are_those_of_its_module(path: str, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = TestClient(FastAPI(scalar_url="/scalar"))
    monkeypatch.setattr(applications, function, always("patched"))
    answer = browser.get(path)
    assert answer.text == "patched"
    assert "content-security-policy" not in answer.headers


def page(path: str, app: App | None = None, root_path: str = "") -> httpx2.Response:
    return client(app or App(scalar_url="/scalar"), root_path=root_path).get(path)


@pytest.mark.parametrize("path", PAGES)
def test_the_scripts_of_a_page_run_by_its_nonce_and_by_nothing_else(path: str) -> None:
    answer = page(path)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    nonce = re.fullmatch("'nonce-([A-Za-z0-9_-]{22})'", policy["script-src"])
    assert nonce is not None
    tags = re.findall("<script[^>]*>", answer.text)
    assert tags
    assert all(tag.startswith(f'<script nonce="{nonce[1]}"') for tag in tags)
    assert page(path).headers["content-security-policy"] != answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/docs", ["swagger-ui-dist@5.1/swagger-ui.cc.css", "swagger-ui-dist@5.1/swagger-ui-bundle.aa.js"]),
        ("/redoc", ["redoc@2.1/redoc.standalone.bb.js"]),
        ("/scalar", ["@scalar/api-reference@1.1/standalone.dd.js"]),
    ],
)
def test_a_page_loads_what_was_packed_from_its_own_path(path: str, names: list[str], shelf: Path) -> None:
    app = App(scalar_url="/scalar")
    text = page(path, app, root_path="/api/").text
    loaded = re.findall('(?:<script[^>]* src|stylesheet"[^>]* href)="([^"]*)"', text)
    assert loaded == [f"/api{path}?asset={name}" for name in names]
    assert re.findall('https?://(?!www.w3.org/2000/svg)[^"]*', text) == []
    for url in loaded:
        answer = client(app, root_path="/api").get(url.removeprefix("/api"))
        assert (answer.status_code, answer.text) == (200, "content of " + url.partition("=")[2])


def test_a_page_of_an_app_below_another_loads_from_there(shelf: Path) -> None:
    app, inner = FastAPI(), FastAPI(docs_url="/")
    app.mount("/inner", inner)
    browser = TestClient(app)
    text = browser.get("/inner/").text
    assert "url: '/inner/openapi.json'" in text
    script = re.findall('<script[^>]* src="([^"]*)"', text)[0]
    assert script == "/inner/?asset=swagger-ui-dist@5.1/swagger-ui-bundle.aa.js"
    assert browser.get(script).text.startswith("content of swagger")


@pytest.mark.parametrize("path", PAGES)
def test_functions_that_are_replaced_elsewhere_do_not_count(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("get_swagger_ui_html", "get_swagger_ui_oauth2_redirect_html", "get_redoc_html", "get_scalar_html"):
        monkeypatch.setattr(docs, name, always("patched"))
    answer = TestClient(FastAPI(scalar_url="/scalar")).get(path)
    assert "<script nonce=" in answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_prefix_cannot_bring_a_script_along(path: str) -> None:
    evil = "/'\"><script>alert(1)</script>"
    tags = [re.findall("<script[^>]*>", page(path, root_path=prefix).text) for prefix in ("", evil)]
    assert len(tags[0]) == len(tags[1])
    assert all(tag.startswith("<script nonce=") for tag in tags[1])


def test_nothing_is_declared_beside_the_pages(shelf: Path) -> None:
    paths = [getattr(route, "path", "") for route in FastAPI().routes]
    assert paths == ["/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"]


def test_what_was_not_packed_comes_from_the_cdn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assets, "DIRECTORY", tmp_path)
    cdn = "https://cdn.jsdelivr.net"
    answer = page("/docs")
    assert f'src="{cdn}/npm/swagger-ui-dist@5/swagger-ui-bundle.js"' in answer.text
    assert f"style-src 'self' 'unsafe-inline' {cdn};" in answer.headers["content-security-policy"]
    for path, name in (("/redoc", "redoc@2/bundles/redoc.standalone.js"), ("/scalar", "@scalar/api-reference@1")):
        answer = page(path)
        assert f'src="{cdn}/npm/{name}"' in answer.text
        assert cdn not in answer.headers["content-security-policy"]


def test_an_apps_own_settings_reach_swagger_ui(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(docs.swagger_ui_default_parameters, "filter", True)
    text = page(
        "/docs", App(swagger_ui_parameters={"deepLinking": False}, swagger_ui_init_oauth={"clientId": "x"})
    ).text
    assert '"deepLinking": false,' in text
    assert '"filter": true,' in text
    assert 'ui.initOAuth({"clientId": "x"})' in text
    assert "oauth2RedirectUrl: window.location.origin + '/docs/oauth2-redirect'" in text


def test_scalar_asks_no_service_of_others() -> None:
    text = page("/scalar").text
    configuration = json.loads(re.findall(r'createApiReference\("#app", (.*)\)', text)[0])
    assert configuration == {"url": "/openapi.json", **docs.scalar_default_configuration}
    assert configuration["withDefaultFonts"] is configuration["telemetry"] is False


def test_scalar_is_there_where_it_is_asked_for() -> None:
    assert TestClient(FastAPI()).get("/scalar").status_code == 404
    assert TestClient(FastAPI(scalar_url="/s")).get("/s").status_code == 200
    assert TestClient(Martlet()).get("/scalar").status_code == 200
    assert TestClient(Martlet(scalar_url=None)).get("/scalar").status_code == 404
