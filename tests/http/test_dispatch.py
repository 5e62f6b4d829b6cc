"""How a request finds its route: order, methods, slashes, mounted apps, root paths, and what the scope says then."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Host, Match, Mount, NoMatchFound, Route, Router
from starlette.types import Receive, Scope, Send

from tests.asking import WAYS, App, Ask, Framework, Way, ask, get

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", WAYS)]


class Odd(BaseRoute):
    """A route of a user's own: it matches what ends with `.odd`, and partly what ends with `.part`."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and scope["path"].endswith(".odd"):
            return Match.FULL, {"odd": True, "fastapi": {"odd": 1}}
        return (Match.PARTIAL, {}) if scope["path"].endswith(".part") else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"odd {scope.get('odd')} {'router' in scope}")(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        raise NoMatchFound(name, path_params)


def make(fw: Framework) -> App:
    app = fw.app()

    async def plain(request: Request) -> Response:
        known = [key for key in ("endpoint", "path_params", "router", "app") if key in request.scope]
        return PlainTextResponse(f"{request.scope['endpoint'].__name__} {request.path_params} {known}")

    @app.get("/items/{item_id}")
    async def item(item_id: str) -> str:
        return f"item {item_id}"

    @app.get("/items/special")
    async def never() -> str:
        return "never"

    @app.get("/both")
    async def get_both() -> str:
        return "get"

    @app.post("/both")
    async def post_both() -> str:
        return "post"

    app.routes.append(Odd())
    app.routes.append(Route("/plain/{name}", plain))
    app.routes.append(Mount("/mounted", Router([Route("/{name}", plain)])))
    app.routes.append(Host("api.example.org", Router([Route("/hosted", plain)])))

    @app.get("/behind.odd")
    async def behind() -> str:
        return "behind"

    @app.get("/slash/")
    async def slash() -> str:
        return "slash"

    @app.get("/where/{name:path}")
    async def where(request: Request, name: str) -> Any:
        scope = request.scope
        return {
            "path": scope["path"],
            "root_path": scope["root_path"],
            "name": name,
            "route": scope["route"].path,
            "endpoint": scope["endpoint"].__name__,
            "params": dict(scope["path_params"]),
            "url": str(request.url),
            "base": str(request.base_url),
            "for": str(request.url_for("item", item_id="7")),
        }

    return app


@pytest.mark.parametrize(
    "request_",
    [
        get("/items/special"),
        get("/items/a%20b%2Fc"),
        get("/items/"),
        get("/items/1/"),
        Ask("POST /items/1"),
        Ask("HEAD /items/1"),
        Ask("OPTIONS /items/1"),
        get("/both"),
        Ask("POST /both"),
        Ask("PUT /both"),
        get("/some.odd"),
        get("/some.part"),
        get("/behind.odd"),
        get("/plain/x"),
        Ask("HEAD /plain/x"),
        Ask("POST /plain/x"),
        get("/mounted/x"),
        Ask("POST /mounted/x"),
        get("/mounted"),
        get("/mounted/"),
        get("/hosted", host="api.example.org"),
        get("/hosted", host="other.example.org"),
        get("/slash"),
        get("/slash?q=1"),
        get("/plain/x/"),
        get("/some.odd/"),
        get("/"),
        get("/nowhere"),
        get("/nowhere/"),
        get("//"),
        get("/where/a/b", host="here"),
        Ask("GET /prefix/where/a", [("host", "here")], scope={"root_path": "/prefix"}),
        Ask("GET /where/a", [("host", "here")], scope={"root_path": "/prefix"}),
        Ask("GET /prefix/both/", scope={"root_path": "/prefix"}),
    ],
    ids=lambda request: f"{request.target} {request.scope.get('root_path', '')}".strip(),
)
async def test_answer_is_that_of_fastapi(request_: Ask, way: Way) -> None:
    expected = await ask(make(Framework("fastapi", way)), request_)
    assert await ask(make(Framework("martlet", way)), request_) == expected


async def test_routes_may_come_and_go_while_the_app_serves(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()

    async def answered(target: str) -> tuple[int | None, bytes]:
        answer = await ask(app, get(target))
        return answer.status, answer.body

    @app.get("/one")
    async def one() -> int:
        return 1

    assert await answered("/one") == (200, b"1")
    assert (await answered("/two"))[0] == 404

    @app.get("/two")
    async def two() -> int:
        return 2

    assert await answered("/two") == (200, b"2")
    app.routes.pop(0)
    assert (await answered("/one"))[0] == 404
    app.routes.clear()
    assert (await answered("/two"))[0] == 404


def nested(fw: Framework) -> App:
    app = fw.app()
    inner: App = fw.FastAPI(openapi_url=None, redirect_slashes=False)

    @inner.get("/where/{name}")
    async def where(request: Request, name: str) -> Any:
        scope = request.scope
        return [scope["root_path"], scope["path"], dict(scope["path_params"]), scope["app"] is inner]

    @inner.exception_handler(ValueError)
    async def handled(request: Request, error: Exception) -> Response:
        return PlainTextResponse("inner", 418)

    @inner.get("/fails")
    async def fails() -> None:
        raise ValueError

    @inner.get("/breaks")
    async def breaks() -> None:
        raise RuntimeError("broken")

    app.mount("/{tenant}/api", inner)
    return app


@pytest.mark.parametrize(
    "target", ["/me/api/where/x", "/me/api/where/x/", "/me/api/fails", "/me/api/breaks", "/me/api"]
)
async def test_a_mounted_app_answers_as_fastapis(target: str, way: Way) -> None:
    expected = await ask(nested(Framework("fastapi", way)), get(target))
    assert await ask(nested(Framework("martlet", way)), get(target)) == expected


async def test_a_middleware_sees_the_route_once_it_has_answered(way: Way) -> None:
    def make(fw: Framework) -> App:
        app = fw.app()

        class Watching:
            def __init__(self, app: Any) -> None:
                self.app = app

            async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
                await self.app(scope, receive, send)
                app.state.events.append([scope["route"].path, scope["endpoint"].__name__, scope["path_params"]])

        @app.get("/items/{item_id}")
        async def item(item_id: int, q: int = 0) -> Any:
            return act[app.state.outcome]()

        act: dict[str, Callable[[], Any]] = {"": lambda: 1, "response": lambda: Response("x"), "breaks": lambda: 1 // 0}
        app.add_middleware(Watching)
        return app

    ours, theirs = make(Framework("martlet", way)), make(Framework("fastapi", way))
    for request in (get("/items/1"), get("/items/x"), get("/items/1").then("response"), get("/items/1").then("breaks")):
        assert await ask(ours, request) == await ask(theirs, request)


async def test_methods_of_the_server_are_taken_as_they_are(way: Way) -> None:
    app = Framework("martlet", way).app()

    @app.api_route("/", methods=["get", "PURGE"])
    async def read(request: Request) -> str:
        return request.method

    assert (await ask(app, Ask("PURGE /"))).body == b'"PURGE"'
    refused = await ask(app, Ask("POST /"))
    assert refused.status == 405
    assert sorted(dict(refused.headers)[b"allow"].split(b", ")) == [b"GET", b"PURGE"]
