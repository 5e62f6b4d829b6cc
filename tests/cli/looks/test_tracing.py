"""The way of a request: the same end that the app itself comes to, and a reason for every route that says no."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.convertors import CONVERTOR_TYPES, Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Match, Route

from martlet import APIRouter, FastAPI, WebSocket
from martlet.cli.looks.tracing import trace
from martlet.routing import APIRoute
from martlet.testclient import TestClient


class Day(Convertor[dt.date]):
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def convert(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_string(self, value: dt.date) -> str:
        return value.isoformat()


class Pair(Convertor[str]):
    regex = "[a-z]+/[a-z]+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


@pytest.fixture(autouse=True)
def convertors() -> Iterator[None]:
    register_url_convertor("day", Day())
    register_url_convertor("pair", Pair())
    yield
    del CONVERTOR_TYPES["day"], CONVERTOR_TYPES["pair"]


def answer() -> str:
    return "yes"


def plain(request: Request) -> Response:
    return PlainTextResponse("yes")


async def live(socket: WebSocket) -> None: ...


class Own(APIRoute):
    def matches(self, scope: Any) -> Any:
        return super().matches(scope)


class Never(BaseRoute):
    def matches(self, scope: Any) -> Any:
        return Match.NONE, {}


def make(site: Path) -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.add_api_websocket_route("/live", live)
    app.add_api_route("/days/{day:day}", answer)
    app.add_api_route("/pairs/{pair:pair}/end", answer)
    app.add_api_route("/files/{rest:path}/meta", answer)
    app.add_api_route("/items", answer)
    app.add_api_route("/items/", answer, methods=["PUT"])
    app.add_api_route("/items/{a}-{b}", answer, methods=["DELETE"])
    app.add_api_route("/items/{a}/parts/{b:int}", answer)
    app.routes.extend([Never(), Host("a.example", FastAPI(openapi_url=None)), Route("/plain", plain)])
    own = APIRouter(route_class=Own)
    own.add_api_route("/own", answer)
    app.include_router(own, prefix="/v1")
    inner = FastAPI(openapi_url=None, redirect_slashes=False)
    inner.add_api_route("/x", answer)
    app.mount("/inner", inner)
    app.frontend("/site", directory=site)
    return app


PATHS = (
    "/",
    "/days/2026-11-22",
    "/days/2026-02-30",
    "/days/today",
    "/pairs/a/b/end",
    "/pairs/a/1/end",
    "/files/a/b/meta",
    "/files/a/b",
    "/items",
    "/items/",
    "/items/a-b",
    "/items/1/parts/2",
    "/items/1/parts/two",
    "/items/1/parts",
    "/items/1/parts/2/",
    "/plain",
    "/plain/",
    "/v1/own",
    "/v1/own/",
    "/inner/x",
    "/inner/x/",
    "/inner",
    "/site/index.html",
    "/site",
    "/site/nowhere",
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_it_ends_as_the_request_does(tmp_path: Path, method: str) -> None:
    (tmp_path / "index.html").write_text("yes")
    app = make(tmp_path)
    client = TestClient(app, follow_redirects=False)
    for path in PATHS:
        response, found = client.request(method, path), trace(app, method, path)
        expected = found.status or 200
        if found.chosen is not None and found.chosen.row.kind == "frontend" and found.outcome == "answers":
            assert response.status_code in ({200, 307, 404} if method == "GET" else {404, 405}), path
        else:
            assert response.status_code == expected, path
        if found.location is not None:
            assert response.headers["location"].endswith(found.location), path


def reasons(tmp_path: Path, method: str, path: str) -> dict[str, str]:
    return {verdict.row.path: verdict.why for verdict in trace(make(tmp_path), method, path).asked}


def test_every_route_that_says_no_has_a_reason(tmp_path: Path) -> None:
    assert reasons(tmp_path, "GET", "/items/1/parts/two") == {
        "/live": "is for WebSockets",
        "/days/{day:day}": "has 'days' where the path has 'items'",
        "/pairs/{pair:pair}/end": "has 'pairs' where the path has 'items'",
        "/files/{rest:path}/meta": "is for paths that begin with /files/",
        "/items": "ends where the path goes on: /1/parts/two",
        "/items/": "has '' where the path has '1'",
        "/items/{a}-{b}": "wants {a}-{b} where the path has '1'",
        "/items/{a}/parts/{b:int}": "wants {b:int} where the path has 'two'",
        "?": "its own `matches` says no",
        "a.example": "is for the host a.example",
        "/plain": "has 'plain' where the path has 'items'",
        "/v1/own": "has 'v1' where the path has 'items'",
        "/inner": "is for paths below /inner",
    }
    assert reasons(tmp_path, "GET", "/days/2026-02-30")["/days/{day:day}"] == (
        "wants {day:day} where the path has '2026-02-30'"
    )
    assert reasons(tmp_path, "GET", "/items/1/parts")["/items/{a}/parts/{b:int}"] == "wants more: /{b:int}"
    assert reasons(tmp_path, "GET", "/plain/")["/plain"] == "differs by the slash at the end"
    assert reasons(tmp_path, "GET", "/pairs/a/1/end")["/pairs/{pair:pair}/end"].startswith("wants {pair:pair} where")
    assert reasons(tmp_path, "GET", "/items/a-b")["/items/{a}-{b}"] == "takes DELETE, not GET"
    assert reasons(tmp_path, "WS", "/plain")["/plain"] == "is for HTTP"


def test_a_regex_of_the_user_s_is_named(tmp_path: Path) -> None:
    app = FastAPI(openapi_url=None)
    app.add_api_route("/a/{x}", answer)
    route: Any = app.routes[0]
    route.path_regex = re.compile("^/b$")
    assert trace(app, "GET", "/a/1").asked[0].why == "its regex says no"


def test_websockets_go_their_own_way(tmp_path: Path) -> None:
    app = make(tmp_path)
    found = trace(app, "WS", "/live")
    assert (found.outcome, found.chosen is not None and found.chosen.row.handler) == ("answers", "live")
    assert trace(app, "WS", "/live/").outcome == "not found"
    assert found.status is None


def test_a_host_is_asked_for_its_name(tmp_path: Path) -> None:
    found = trace(make(tmp_path), "GET", "/nowhere", "a.example")
    assert found.inner is not None
    assert (found.outcome, found.why) == ("not found", "a.example is the first that matches")
    assert found.innermost is found.inner
