from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.testclient import TestClient

from martlet import FastAPI, applications
from martlet._engine.describe.pages import page_endpoints, with_server
from martlet.openapi import docs


@dataclass
class App:
    """What of an app the pages look at."""

    title: str = "Shop"
    openapi_url: str | None = "/openapi.json"
    docs_url: str | None = "/docs"
    redoc_url: str | None = "/redoc"
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


def always(text: str) -> Callable[..., HTMLResponse]:
    def make(**_options: Any) -> HTMLResponse:
        return HTMLResponse(text)

    return make


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
        (App(openapi_url=None), []),
        (App(openapi_url=""), []),
    ],
)
def test_pages_without_a_url_do_not_exist(app: App, paths: list[str]) -> None:
    assert [path for path, _ in page_endpoints(app, docs)] == paths


def test_endpoints_bear_fastapis_names() -> None:
    names = [getattr(endpoint, "__name__", "") for _, endpoint in page_endpoints(App(), docs)]
    assert names == ["openapi", "swagger_ui_html", "swagger_ui_redirect", "redoc_html"]


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
    app = App(swagger_ui_init_oauth=init_oauth, swagger_ui_parameters=parameters)
    browser = client(app, html, root_path="/api")
    assert [browser.get(path).text for path in ("/docs", "/docs/oauth2-redirect", "/redoc")] == [
        "get_swagger_ui_html",
        "get_swagger_ui_oauth2_redirect_html",
        "get_redoc_html",
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
    ],
)
def test_an_apps_pages_are_those_of_its_module(path: str, function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = TestClient(FastAPI())
    monkeypatch.setattr(applications, function, always("patched"))
    assert browser.get(path).text == "patched"


def test_the_real_pages_are_html() -> None:
    browser = client(App())
    for path in ("/docs", "/docs/oauth2-redirect", "/redoc"):
        assert browser.get(path).headers["content-type"] == "text/html; charset=utf-8"
