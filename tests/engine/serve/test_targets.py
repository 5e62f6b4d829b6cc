"""Starlette's own routes in an app without middleware: the app's limit on bodies, and errors after an answer."""

from typing import Annotated, Any

import fastapi
import pytest
from pydantic import HttpUrl
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

import martlet

FRAMEWORKS = pytest.mark.parametrize("framework", [fastapi, martlet], ids=["fastapi", "martlet"])


async def echo(request: Request) -> Response:
    return Response(await request.body())


async def unread(request: Request) -> Response:
    return PlainTextResponse("unread")


@FRAMEWORKS
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [("/echo", 5, 200), ("/echo", 6, 413), ("/unread", 6, 413), ("/more", 10, 200), ("/more", 11, 413)],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_starlettes_routes_are_held_to_the_apps_limit(
    framework: Any, path: str, size: int, status: int, *, chunked: bool
) -> None:
    routes = [Route("/echo", echo, methods=["POST"]), Route("/unread", unread, methods=["POST"])]
    routes.append(Route("/more", echo, methods=["POST"], max_body_size=10))
    client = TestClient(framework.FastAPI(routes=routes, max_body_size=5))
    if chunked and path == "/unread":
        status = 200  # no length was said, and nobody counted
    answer = client.post(path, content=iter([b"1" * size]) if chunked else b"1" * size)
    assert answer.status_code == status
    if status == 413:
        assert "Content Too Large" in answer.text


@FRAMEWORKS
def test_an_error_after_the_answer_of_starlettes_route_is_not_answered_again(framework: Any) -> None:
    def broken() -> None:
        raise LookupError

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("sent", background=BackgroundTask(broken))

    app = framework.FastAPI(routes=[Route("/", endpoint)])
    answer = TestClient(app, raise_server_exceptions=False).get("/")
    assert (answer.status_code, answer.text) == (200, "sent")
    with pytest.raises(LookupError):
        TestClient(app).get("/")


class Unreadable:
    """A class that pydantic has no schema for."""


def unreadable(value: Unreadable) -> str:
    return "never called"


@FRAMEWORKS
@pytest.mark.parametrize("debug", [False, True])
def test_an_override_that_cannot_be_read_is_an_error_of_the_request(framework: Any, *, debug: bool) -> None:
    app: martlet.FastAPI = framework.FastAPI(debug=debug)

    @app.exception_handler(500)
    async def answer(_: Request, error: Exception) -> Response:
        return PlainTextResponse("it failed", 500)

    def greeting() -> str:
        return "hello"

    @app.get("/")
    async def read(said: Annotated[str, framework.Depends(greeting)]) -> str:
        return said

    client = TestClient(app, raise_server_exceptions=False)
    app.dependency_overrides[greeting] = unreadable
    for _ in range(2):
        answered = client.get("/")
        assert answered.status_code == 500
        assert "Unreadable" in answered.text if debug else answered.text == "it failed"
    app.dependency_overrides.clear()
    assert client.get("/").json() == "hello"


@FRAMEWORKS
def test_a_refused_body_leaves_nothing_of_a_middleware_to_the_next_app(framework: Any) -> None:
    def app(*, marking: bool) -> Any:
        made = framework.FastAPI()

        async def endpoint() -> None: ...

        made.add_api_route("/", endpoint, methods=["POST"], max_body_size=1)
        if marking:

            async def mark(request: Request, call_next: Any) -> Response:
                response: Response = await call_next(request)
                response.headers["x-mark"] = "seen"
                return response

            made.middleware("http")(mark)
        return made

    for marking in (True, False):
        answer = TestClient(app(marking=marking)).post("/", content=b"12")
        assert answer.status_code == 413
        assert "x-mark" not in TestClient(app(marking=False)).post("/", content=b"12").headers


@FRAMEWORKS
def test_a_path_parameter_that_waits_for_its_turn_is_named_when_it_is_refused(framework: Any) -> None:
    def before() -> None: ...

    app = framework.FastAPI()

    async def endpoint(item_id: HttpUrl) -> None: ...

    app.add_api_route("/{item_id}", endpoint, dependencies=[framework.Depends(before)])
    app.add_api_route("/q/{item_id}", endpoint)
    for path in ("/x", "/q/x"):
        (error,) = TestClient(app).get(path).json()["detail"]
        assert (error["type"], error["loc"], error["input"]) == ("url_parsing", ["path", "item_id"], "x")
