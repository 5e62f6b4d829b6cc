"""FastAPI and Martlet: settings, and what stands around the router."""

from typing import Any, get_type_hints

import pytest
from pydantic import PydanticUserError
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from martlet import APIRouter, Body, Depends, FastAPI, Form, HTTPException, Martlet
from martlet._engine.declare.routes_list import RoutesView
from martlet._engine.serve.asgi import DirectStack
from martlet._engine.serve.overrides import Overrides
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.errors import (
    DuplicateParameterError,
    FastAPIDeprecationWarning,
    InvalidAppError,
    InvalidLimitError,
    UnknownOptionError,
)
from martlet.exceptions import RequestValidationError, WebSocketRequestValidationError
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import GENUINE, MARTLET, Framework, both

ATTRIBUTES = (
    "debug",
    "title",
    "summary",
    "description",
    "version",
    "terms_of_service",
    "contact",
    "license_info",
    "openapi_url",
    "openapi_tags",
    "openapi_external_docs",
    "openapi_schema",
    "openapi_version",
    "root_path",
    "root_path_in_servers",
    "docs_url",
    "redoc_url",
    "swagger_ui_oauth2_redirect_url",
    "swagger_ui_init_oauth",
    "swagger_ui_parameters",
    "servers",
    "separate_input_output_schemas",
    "max_body_size",
    "user_middleware",
    "middleware_stack",
    "dependency_overrides",
)


def endpoint() -> str:
    return "answer"


class Around:
    """A middleware that marks answers."""

    def __init__(self, app: Any, mark: str = "around") -> None:
        self.app = app
        self.mark = mark

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def marking(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-mark", self.mark.encode()))
            await send(message)

        await self.app(scope, receive, marking)


# ----------------------------------------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"title": "T", "version": "2", "summary": "S", "servers": [{"url": "/"}], "debug": True},
        {"openapi_url": None, "docs_url": None, "contact": {"name": "n"}, "max_body_size": 3},
        {"openapi_tags": [{"name": "t"}], "swagger_ui_parameters": {"a": 1}, "root_path_in_servers": False},
    ],
)
def test_the_attributes_are_fastapis(options: dict[str, Any]) -> None:
    ours, theirs = MARTLET.FastAPI(**options), GENUINE.FastAPI(**options)
    for name in ATTRIBUTES:
        assert getattr(ours, name) == getattr(theirs, name), name
    assert [route.path for route in ours.routes] == [route.path for route in theirs.routes]
    assert [route.name for route in ours.routes] == [route.name for route in theirs.routes]
    assert {each.__name__ for each in ours.exception_handlers} == {each.__name__ for each in theirs.exception_handlers}
    assert ours.router.strict_content_type is theirs.router.strict_content_type is True


def test_it_is_starlettes_app() -> None:
    app = FastAPI()
    assert isinstance(app, Starlette)
    assert isinstance(app.router, APIRouter)
    assert isinstance(app.webhooks, APIRouter)
    webhooks = APIRouter()
    assert FastAPI(webhooks=webhooks).webhooks is webhooks


def test_unknown_options_are_refused() -> None:
    options: Any = {"tittle": ""}
    with pytest.raises(UnknownOptionError, match=r"FastAPI\(\) got .* 'tittle'\n  Did you mean 'title'"):
        FastAPI(**options)
    with pytest.raises(UnknownOptionError, match=r"^Martlet\(\)"):
        Martlet(**options)
    with pytest.raises(InvalidLimitError):
        FastAPI(max_body_size=-1)


@both
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"title": ""}, "A title must be provided for OpenAPI, e.g.: 'My API'"),
        ({"version": ""}, "A version must be provided for OpenAPI, e.g.: '2.1.0'"),
    ],
)
def test_a_document_needs_a_title_and_a_version(framework: Framework, options: dict[str, Any], text: str) -> None:
    with pytest.raises(AssertionError, match="^" + text):
        framework.FastAPI(**options)
    framework.FastAPI(openapi_url=None, **options)


def test_the_refusal_has_a_class() -> None:
    with pytest.raises(InvalidAppError, match="openapi_url=None"):
        FastAPI(title="")


@both
def test_a_root_path_is_deprecated_and_used(framework: Framework) -> None:
    with pytest.warns(framework.module("exceptions").FastAPIDeprecationWarning, match="`root_path` parameter") as seen:
        app = framework.FastAPI(root_path="/proxy")
    assert seen[0].filename == __file__
    document = TestClient(app).get("/openapi.json").json()
    assert document["servers"] == [{"url": "/proxy"}]
    assert issubclass(FastAPIDeprecationWarning, UserWarning)


def test_routes_to_begin_with() -> None:
    async def plain(request: Request) -> PlainTextResponse:
        return PlainTextResponse("plain")

    app = FastAPI(routes=[Route("/plain", plain)], openapi_url=None)
    assert TestClient(app).get("/plain").text == "plain"


def test_overrides_say_when_they_change() -> None:
    app = FastAPI()
    before = EPOCH.value
    app.dependency_overrides[endpoint] = endpoint
    assert EPOCH.value > before
    before = EPOCH.value
    app.dependency_overrides = {}
    assert EPOCH.value > before
    assert isinstance(app.dependency_overrides, Overrides)
    kept = app.dependency_overrides
    app.dependency_overrides = kept
    assert app.dependency_overrides is kept


# ----------------------------------------------------------------------------------------------------------- declaring


@both
def test_routes_without_decorators(framework: Framework) -> None:
    app = framework.FastAPI(openapi_url=None)
    app.add_api_route("/a", endpoint, methods=["PUT"], summary="S")
    assert (app.routes[-1].path, app.routes[-1].methods, app.routes[-1].summary) == ("/a", {"PUT"}, "S")


def test_the_same_chain_for_every_way_to_declare() -> None:
    seen: list[str] = []

    class Router(APIRouter):
        def add_api_route(self, path: str, endpoint: Any, **options: Any) -> None:
            seen.append(path)
            super().add_api_route(path, endpoint, **options)

    app = FastAPI()
    app.router = Router()
    app.get("/get")(endpoint)
    app.api_route("/api_route")(endpoint)
    app.add_api_route("/add", endpoint)
    assert seen == ["/get", "/api_route", "/add"]


def test_unknown_options_of_routes_are_refused() -> None:
    app: Any = FastAPI()
    with pytest.raises(UnknownOptionError, match=r"^FastAPI\.add_api_route\(\)"):
        app.add_api_route("/a", endpoint, sumary="")


def test_all_routes_are_one_live_list() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter()
    app.include_router(router, prefix="/x")
    routes = app.routes
    assert isinstance(routes, RoutesView)
    router.get("/a")(endpoint)
    assert [getattr(route, "path", "") for route in routes] == ["/x/a"]
    assert app.url_path_for("endpoint") == "/x/a"


def test_its_annotations_can_be_asked_for() -> None:
    """Containers of dependency injection do, and Cadwyn's tests."""
    assert get_type_hints(FastAPI)["router"] is APIRouter


# ------------------------------------------------------------------------------------------------------------- serving


@both
def test_a_name_that_is_not_there_fails_the_requests_that_bring_its_value(framework: Framework) -> None:
    """A type that is imported under `TYPE_CHECKING`, say, as Cadwyn's tests have it."""
    app = framework.FastAPI(openapi_url=None)

    async def read(n: int, q: "NoSuchName" = None) -> list[Any]:  # type: ignore[name-defined]  # noqa: F821
        return [n, q]

    body = framework.Body()

    async def read_body(n: int, item: "NoSuchName" = body) -> int:  # type: ignore[name-defined]  # noqa: F821
        return n

    app.post("/a")(read)
    app.post("/b")(read_body)
    client = framework.module("testclient").TestClient(app)
    assert client.post("/a?n=3").json() == [3, None]
    assert client.post("/a?n=x").status_code == client.post("/b?n=3").status_code == 422
    for url, body in (("/a?n=3&q=4", None), ("/b?n=3", {"a": 1})):
        with pytest.raises(PydanticUserError, match="NoSuchName"):
            client.post(url, json=body)


@both
def test_middleware_is_put_around(framework: Framework) -> None:
    app = framework.FastAPI(middleware=[Middleware(Around, mark="first")])
    app.add_middleware(Around, mark="second")
    app.get("/a")(endpoint)

    async def third(request: Any, call_next: Any) -> Any:
        response = await call_next(request)
        response.headers.append("x-mark", "third")
        return response

    assert app.middleware("http")(third) is third
    response = TestClient(app).get("/a")
    assert response.headers.get_list("x-mark") == ["first", "second", "third"]


@both
def test_handlers_of_exceptions(framework: Framework) -> None:
    async def teapot(request: Any, error: Any) -> Any:
        return PlainTextResponse("teapot", status_code=418)

    app = framework.FastAPI(exception_handlers={KeyError: teapot})

    async def missing(request: Any, error: Any) -> Any:
        return PlainTextResponse("missing", status_code=404)

    async def broken(request: Any, error: Any) -> Any:
        return PlainTextResponse("broken", status_code=500)

    def fail(kind: str) -> None:
        raise {"key": KeyError(), "value": ValueError()}[kind]

    assert app.exception_handler(404)(missing) is missing
    app.exception_handler(500)(broken)
    app.get("/{kind}")(fail)
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/key").text == "teapot"
    assert client.get("/a/b").text == "missing"
    assert client.get("/value").text == "broken"


def test_the_default_handlers_can_be_replaced() -> None:
    async def own(request: Any, error: Any) -> Any:
        return JSONResponse("own", status_code=400)

    app = FastAPI(exception_handlers={RequestValidationError: own})
    assert app.exception_handlers[RequestValidationError] is own
    assert WebSocketRequestValidationError in app.exception_handlers


class CustomRouter(APIRouter):
    pass


def configured(change: Any) -> FastAPI:
    app = FastAPI()
    change(app)
    return app


@pytest.mark.parametrize(
    ("app", "bare"),
    [
        (FastAPI(), True),
        (FastAPI(exception_handlers={500: endpoint}), True),  # type: ignore[dict-item]  # never called
        (FastAPI(middleware=[Middleware(Around)]), False),
        (FastAPI(debug=True), False),
        (configured(lambda app: setattr(app, "router", CustomRouter())), False),
    ],
)
def test_without_anything_around_requests_go_straight_to_the_table(app: FastAPI, bare: bool) -> None:
    stack = app.build_middleware_stack()
    assert isinstance(stack, ServerErrorMiddleware)
    assert isinstance(stack, DirectStack) is bare


class Counted(Starlette):
    """An app class that comes behind FastAPI's in a user's."""

    calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        type(self).calls += 1
        await super().__call__(scope, receive, send)


class Mixed(FastAPI, Counted):
    pass


def test_a_class_between_ours_and_starlettes_is_called() -> None:
    app = Mixed()
    app.get("/a")(endpoint)
    client = TestClient(app)
    assert (client.get("/a").json(), client.get("/a").json(), Mixed.calls) == ("answer", "answer", 2)


def test_a_library_that_replaces_how_starlette_serves_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI()
    app.get("/a")(endpoint)
    client = TestClient(app)
    assert client.get("/a").json() == "answer"
    own, seen = Starlette.__call__, []

    async def watched(self: Starlette, scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])
        await own(self, scope, receive, send)

    monkeypatch.setattr(Starlette, "__call__", watched)
    assert client.get("/a").json() == "answer"
    assert seen == ["/a"]


def test_a_route_that_cannot_be_served_is_a_server_error_that_is_handled() -> None:
    app, router = FastAPI(), APIRouter()
    app.get("/a")(endpoint)
    app.include_router(router, prefix="/{a}")
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/a").json() == "answer"
    router.get("/{a}")(endpoint)
    answer = client.get("/a")
    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    with pytest.raises(DuplicateParameterError, match=r"Duplicated param name a at path /\{a\}/\{a\}"):
        TestClient(app).get("/a")


def test_it_serves_either_way() -> None:
    several: list[Any] = [{}, {"debug": True}, {"max_body_size": 100}]
    for options in several:
        app = FastAPI(**options)
        app.get("/a")(endpoint)
        app.include_router(APIRouter(), prefix="/b")
        client = TestClient(app)
        assert client.get("/a").json() == "answer"
        assert client.get("/b").json() == {"detail": "Not Found"}
        assert client.get("/a/", follow_redirects=False).status_code == 307


@pytest.mark.parametrize("options", [{}, {"debug": True}])
def test_it_explains_what_answers_a_path(options: Any) -> None:
    app = FastAPI(**options)
    app.get("/a/{item_id}")(endpoint)
    text = str(app.explain("/a/3"))
    assert "matches /a/{item_id}" in text
    assert "return b" in text or "send" in text
    app.add_middleware(Around)
    TestClient(app).get("/a/3")
    assert "405 Method Not Allowed" in str(app.explain("/a/3", "put"))


@both
def test_bodies_are_held_to_the_apps_limit(framework: Framework) -> None:
    async def read(request: Any) -> int:
        return len(await request.body())

    read.__annotations__["request"] = framework.Request
    app = framework.FastAPI(max_body_size=3)
    app.post("/a")(read)
    client = TestClient(app)
    assert client.post("/a", content=b"123").json() == 3
    assert client.post("/a", content=b"1234").status_code == 413


@both
def test_a_dependency_of_the_app_runs_for_every_route(framework: Framework) -> None:
    def refuse() -> None:
        raise framework.HTTPException(403)

    app, router = framework.FastAPI(dependencies=[framework.Depends(refuse)]), framework.APIRouter()
    router.get("/a")(endpoint)
    app.include_router(router)
    app.get("/b")(endpoint)
    client = TestClient(app)
    assert [client.get(path).status_code for path in ("/a", "/b", "/docs")] == [403, 403, 200]


# -------------------------------------------------------------------------------------------------------------- Martlet


def test_martlet_has_limits() -> None:
    app = Martlet()
    assert (app.title, app.max_body_size) == ("Martlet", 10 * 1024 * 1024)
    assert app.router.form_limits == {"max_fields": 1000, "max_files": 100, "max_part_size": 1024 * 1024}
    assert FastAPI().router.form_limits == {}


def test_its_limits_may_be_set_and_lifted() -> None:
    app = Martlet(title="T", max_body_size=None, form_limits={"max_files": 1})
    assert (app.title, app.max_body_size) == ("T", None)
    assert app.router.form_limits == {"max_fields": 1000, "max_files": 1, "max_part_size": 1024 * 1024}


def test_it_serves() -> None:
    app = Martlet()

    def refuse(token: str) -> None:
        if token != "right":
            raise HTTPException(401)

    @app.post("/a", dependencies=[Depends(refuse)])
    async def read(body: dict[str, int] = Body()) -> dict[str, int]:
        return body

    @app.post("/form")
    async def form(a: str = Form()) -> str:
        return a

    client = TestClient(app)
    assert client.post("/a?token=right", json={"a": 1}).json() == {"a": 1}
    assert client.post("/a?token=wrong", json={"a": 1}).status_code == 401
    assert client.post("/a?token=right", content=b" " * (10 * 1024 * 1024 + 1)).status_code == 413
    assert client.post("/form", data={"a": "b"}).json() == "b"
