"""Every sort of route as a row, with its full path, in the order in which they are tried."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Match, Route, Router, WebSocketRoute
from starlette.staticfiles import StaticFiles

from martlet import APIRouter, Depends, FastAPI, WebSocket
from martlet.cli.looks.listing import Row, last_of, row_of, rows_of
from martlet.cli.looks.places import NOWHERE
from martlet.security import HTTPBearer


def session() -> None: ...


def page(session: Annotated[None, Depends(session)]) -> None: ...


async def live(socket: WebSocket) -> None: ...


def plain(request: Request) -> Response:
    return PlainTextResponse("")


async def raw(scope: Any, receive: Any, send: Any) -> None: ...


class Page(HTTPEndpoint): ...


class Own(BaseRoute):
    def matches(self, scope: Any) -> Any:
        return Match.NONE, {}


def told(app: Any) -> list[tuple[str, str, str, str]]:
    return [(row.kind, row.shown_method, row.path, row.handler) for row in rows_of(app)]


def test_routes_of_included_routers_have_their_full_paths() -> None:
    app = FastAPI(openapi_url=None, dependencies=[Depends(HTTPBearer())])
    router = APIRouter(prefix="/a", dependencies=[Depends(page)])

    @router.api_route("/b", methods=["PUT", "GET"], dependencies=[Depends(session)])
    def put_b() -> dict[str, int]:
        return {}

    @router.get("/c")
    async def stream() -> AsyncIterator[int]:
        yield 1

    router.add_api_websocket_route("/live", live, dependencies=[Depends(page)])
    router.add_websocket_route("/plain", live)
    app.include_router(router, prefix="/v1")
    first, second, third, fourth = rows_of(app)
    assert (first.kind, first.methods, first.path, first.name) == ("operation", ("GET", "PUT"), "/v1/a/b", "put_b")
    assert (first.shown_method, first.response_model) == ("GET,PUT", "dict[str, int]")
    assert first.dependencies == ("HTTPBearer", "session", "page")
    assert second.response_model == "stream of int"
    assert (third.kind, third.shown_method, third.path) == ("websocket", "WS", "/v1/a/live")
    assert third.dependencies == ("HTTPBearer", "session", "page")
    assert (fourth.kind, fourth.path, fourth.dependencies) == ("websocket", "/v1/plain", ())


def test_what_is_mounted_stands_below_its_mount(tmp_path: Path) -> None:
    inner = FastAPI(title="Inner", openapi_url=None)
    inner.add_api_route("/x", session)
    inner.mount("/deep", Starlette(routes=[Route("/y", plain, methods=["GET"])]))
    app = FastAPI(openapi_url=None)
    app.mount("/inner", GZipMiddleware(inner))
    app.mount("/router", APIRouter())
    app.mount("/files", StaticFiles(directory=tmp_path))
    app.mount("/raw", raw)
    app.mount("/", Router())
    assert told(app) == [
        ("mount", "*", "/inner", "FastAPI('Inner')"),
        ("operation", "GET", "/inner/x", "session"),
        ("mount", "*", "/inner/deep", "Starlette"),
        ("route", "GET,HEAD", "/inner/deep/y", "plain"),
        ("mount", "*", "/router", "APIRouter"),
        ("mount", "*", "/files", f"StaticFiles({str(tmp_path)!r})"),
        ("mount", "*", "/raw", "raw"),
        ("mount", "*", "/", "Router"),
    ]


def test_routes_of_other_classes_are_listed_too(tmp_path: Path) -> None:
    app = FastAPI(openapi_url=None)
    app.routes.extend([Host("a.example", Starlette(routes=[Route("/z", Page)]), name="a"), Own()])
    app.routes.append(WebSocketRoute("/ws", live))
    router = APIRouter(dependencies=[Depends(session)])
    router.frontend("/site", directory=tmp_path)
    app.include_router(router, prefix="/v1")
    app.router._low_priority_routes.append(Own())
    files = f"files of {str(tmp_path)!r}"
    assert told(app) == [
        ("host", "*", "a.example", "Starlette"),
        ("route", "*", "/z", "Page"),
        ("other", "?", "?", "Own"),
        ("websocket", "WS", "/ws", "live"),
        ("other", "?", "?", "Own"),
        ("frontend", "GET,HEAD", "/v1/site", files),
    ]
    frontend = list(rows_of(app))[-1]
    assert frontend.dependencies == ("session",)
    assert row_of(last_of(app)[-1]) == frontend
    assert next(row for row in rows_of(app) if row.kind == "other").place.file == __file__


def test_a_router_whose_class_has_a_say_is_named_with_its_prefix() -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(APIRouter(), prefix="/v1")
    assert (row_of(app.router.routes[0]).path, row_of(app.router.routes[0], "/p").path) == ("/v1", "/p/v1")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, {"name": None, "file": None, "line": None, "response_model": None, "methods": [], "dependencies": []}),
        ({"name": "n", "response_model": "int", "methods": ("GET",)}, {"name": "n", "response_model": "int"}),
    ],
)
def test_what_a_row_lacks_is_null(changes: dict[str, Any], told: dict[str, Any]) -> None:
    values: dict[str, Any] = {"kind": "mount", "methods": (), "path": "/", "name": "", "handler": "h", "place": NOWHERE}
    said = Row(**{**values, **changes}).as_json()
    assert {**said, **told} == said
