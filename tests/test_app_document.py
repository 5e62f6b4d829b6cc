"""The document of an app and its pages."""

from typing import Any

import pytest

from martlet import APIRouter, FastAPI
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import Framework, both


def endpoint() -> str:
    return "answer"


@both
@pytest.mark.parametrize("root_path", ["", "/proxy", "/proxy/"])
def test_the_document_and_its_pages(framework: Framework, root_path: str) -> None:
    app = framework.FastAPI(servers=[{"url": "https://example.org"}])
    app.get("/a")(endpoint)
    client = TestClient(app, root_path=root_path)
    document = client.get("/openapi.json").json()
    first = [{"url": "/proxy"}] if root_path else []
    assert document["servers"] == [*first, {"url": "https://example.org"}]
    assert list(document["paths"]) == ["/a"]
    prefix = root_path.rstrip("/")
    docs, redoc = client.get("/docs"), client.get("/redoc")
    assert docs.headers["content-type"] == redoc.headers["content-type"] == "text/html; charset=utf-8"
    assert f"{prefix}/openapi.json" in docs.text
    assert f"{prefix}/docs/oauth2-redirect" in docs.text
    assert f"{prefix}/openapi.json" in redoc.text
    assert client.get("/docs/oauth2-redirect").status_code == 200


@both
def test_a_root_path_that_is_a_server_is_not_listed_twice(framework: Framework) -> None:
    app = framework.FastAPI(servers=[{"url": "/proxy"}])
    assert TestClient(app, root_path="/proxy").get("/openapi.json").json()["servers"] == [{"url": "/proxy"}]


@both
def test_a_root_path_may_be_kept_out(framework: Framework) -> None:
    app = framework.FastAPI(root_path_in_servers=False)
    assert "servers" not in TestClient(app, root_path="/proxy").get("/openapi.json").json()


@both
@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({"openapi_url": None}, []),
        ({"docs_url": None}, ["/openapi.json", "/redoc"]),
        ({"redoc_url": None}, ["/openapi.json", "/docs", "/docs/oauth2-redirect"]),
        ({"redoc_url": None, "swagger_ui_oauth2_redirect_url": None}, ["/openapi.json", "/docs"]),
        ({"openapi_url": "/o", "docs_url": "/d", "redoc_url": None}, ["/o", "/d", "/docs/oauth2-redirect"]),
    ],
)
def test_pages_can_be_left_out(framework: Framework, options: dict[str, Any], paths: list[str]) -> None:
    app = framework.FastAPI(**options)
    assert [route.path for route in app.routes] == paths
    client = TestClient(app)
    assert [client.get(path).status_code for path in paths] == [200] * len(paths)


def test_a_page_without_a_redirect() -> None:
    app = FastAPI(swagger_ui_oauth2_redirect_url=None)
    assert "oauth2RedirectUrl" not in TestClient(app).get("/docs").text


def test_the_document_is_made_once_and_again_when_routes_have_changed() -> None:
    app, router = FastAPI(), APIRouter()
    app.include_router(router)
    document = app.openapi()
    assert app.openapi_schema is document
    document["info"]["x-mine"] = True
    FastAPI()
    assert app.openapi() is document
    router.get("/late")(endpoint)
    assert list(app.openapi()["paths"]) == ["/late"]
    app.openapi_schema = None
    assert app.openapi()["info"] == {"title": "FastAPI", "version": "0.1.0"}


def test_another_document_may_be_served() -> None:
    app = FastAPI()
    app.openapi = lambda: {"mine": True}  # type: ignore[method-assign]  # as FastAPI's docs do it
    assert TestClient(app).get("/openapi.json").json() == {"mine": True}
