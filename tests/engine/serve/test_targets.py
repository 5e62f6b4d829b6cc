"""Starlette's own routes in an app without middleware: the app's limit on bodies, and errors after an answer."""

from typing import Any

import fastapi
import pytest
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
