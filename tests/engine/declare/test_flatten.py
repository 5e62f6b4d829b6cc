"""Included routers: what they bring in, how they are asked, and what stays the same object."""

import threading
from typing import Any

import anyio
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Match, Mount, NoMatchFound, Route, WebSocketRoute
from starlette.websockets import WebSocket

from martlet import APIRouter, FastAPI
from martlet._engine.declare.flatten import (
    IncludedRouter,
    ThroughOriginal,
    dispatch_routes,
    effective_route,
    flat_routes,
    holder_of,
    original_of,
)
from martlet._engine.declare.merge import Level
from martlet._engine.declare.route import APIRoute
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import Framework, both


def endpoint() -> None: ...


async def text(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path)


async def echo(websocket: WebSocket) -> None:
    await websocket.accept()
    await websocket.send_text(websocket.url.path)
    await websocket.close()


class Unknown(BaseRoute):
    """A route of a class that nobody knows."""


class Greedy(Route):
    """A route of Starlette's with a method of its own."""

    def matches(self, scope: Any) -> Any:
        match, found = super().matches(scope)
        return (Match.NONE, {}) if match is Match.PARTIAL else (match, found)


def included(*routes: BaseRoute, prefix: str = "/api") -> FastAPI:
    app = FastAPI(openapi_url=None)
    app.include_router(APIRouter(routes=list(routes)), prefix=prefix)
    return app


# ------------------------------------------------------------------------------------------------------ Starlette's


@pytest.mark.parametrize("route", [Route("/x/{y:int}", text), WebSocketRoute("/x/{y:int}", echo)])
def test_starlettes_routes_are_copied_below_the_prefix(route: Any) -> None:
    effective: Any = effective_route(route, Level(prefix="/api"))
    assert type(effective) is type(route)
    assert (effective.path, effective.path_format) == ("/api/x/{y:int}", "/api/x/{y}")
    assert (effective.name, effective.endpoint, effective.original_route) == (route.name, route.endpoint, route)
    assert route.path == "/x/{y:int}"


@both
def test_they_are_served_there(framework: Framework) -> None:
    app, router = framework.FastAPI(openapi_url=None), framework.APIRouter()
    router.add_route("/x", text)
    router.add_websocket_route("/ws", echo)
    router.mount("/mount", Starlette(routes=[Route("/y", text, name="y")]), name="mounted")
    app.include_router(router, prefix="/api")
    client = TestClient(app)
    assert client.get("/api/x").text == "/api/x"
    assert client.get("/x").status_code == 404
    assert client.get("/api/mount/y").text == "/api/mount/y"
    assert app.url_path_for("text") == "/api/x"
    assert app.url_path_for("mounted:y") == "/api/mount/y"
    with client.websocket_connect("/api/ws") as websocket:
        assert websocket.receive_text() == "/api/ws"


@both
@pytest.mark.parametrize("prefix", ["/api", ""])
def test_a_host_is_served_below_the_prefix(framework: Framework, prefix: str) -> None:
    app, router = framework.FastAPI(openapi_url=None), framework.APIRouter()
    router.host("{sub}.example.org", Starlette(routes=[Route("/y", text, name="y")]), name="hosted")
    app.include_router(router, prefix=prefix)
    client = TestClient(app, base_url="http://a.example.org")
    assert client.get(f"{prefix}/y").text == f"{prefix}/y"
    assert str(app.url_path_for("hosted:y", sub="a")) == f"{prefix}/y"


def test_a_subclass_stays_one() -> None:
    client = TestClient(included(Greedy("/x", text)))
    assert client.get("/api/x").status_code == 200
    assert client.post("/api/x").status_code == 404


def test_the_includes_limit_holds_for_them() -> None:
    async def read(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await request.body())

    app, router = FastAPI(openapi_url=None), APIRouter(routes=[Route("/x", read, methods=["POST"])])
    app.include_router(router, max_body_size=3)
    client = TestClient(app)
    assert client.post("/x", content=b"123").text == "123"
    assert client.post("/x", content=b"1234").status_code == 413


def test_routes_that_cannot_be_given_a_prefix_are_left_out() -> None:
    assert effective_route(Unknown(), Level()) is None
    assert included(Unknown()).routes == []


def test_the_original_of_a_route_that_is_not_included_is_itself() -> None:
    route = Route("/x", text)
    assert original_of(route) is route
    effective = effective_route(route, Level())
    assert effective is not None
    assert original_of(effective) is route


# --------------------------------------------------------------------------------------------------------- includes


def test_effective_routes_stay_the_same_while_others_come_and_go() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter()
    router.add_api_route("/a", endpoint)
    router.add_api_route("/b", endpoint)
    app.include_router(router, prefix="/r")
    first, second = app.routes
    first.operation_id = "mine"  # type: ignore[attr-defined]  # BaseRoute has none
    FastAPI()
    router.add_api_route("/c", endpoint)
    del router.routes[1]
    assert [route is first for route in app.routes] == [True, False]
    assert second not in app.routes
    assert app.routes[0].operation_id == "mine"  # type: ignore[attr-defined]


def test_two_includes_have_two_effective_routes() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter()
    router.add_api_route("/a", endpoint)
    app.include_router(router, prefix="/x")
    app.include_router(router, prefix="/y")
    one, two = app.routes
    assert isinstance(one, APIRoute)
    assert isinstance(two, APIRoute)
    assert (one.path, two.path) == ("/x/a", "/y/a")
    assert one.original_route is two.original_route is router.routes[0]


def test_nested_includes_add_up() -> None:
    app, parent, child = FastAPI(openapi_url=None), APIRouter(prefix="/p", tags=["p"]), APIRouter(tags=["c"])
    child.add_api_route("/a", endpoint, tags=["route"])
    app.include_router(parent, prefix="/x", tags=["x"])
    parent.include_router(child, prefix="/y", tags=["y"])
    [route] = app.routes
    assert isinstance(route, APIRoute)
    assert route.path == "/x/p/y/a"
    assert route.tags == ["x", "p", "y", "c", "route"]
    assert repr(app.router.routes[0]).startswith("IncludedRouter(prefix='/x'")


def test_the_candidates_are_worked_out_once() -> None:
    app = included(*(Route(f"/{number}", text) for number in range(50)))
    [router] = app.router.routes
    assert isinstance(router, IncludedRouter)
    barrier, results = threading.Barrier(4), []

    def work() -> None:
        barrier.wait()
        results.append(router.effective_candidates())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(result is results[0] for result in results)


def test_a_thread_that_waited_finds_the_work_done(monkeypatch: pytest.MonkeyPatch) -> None:
    app = included(Route("/a", text))
    [router] = app.router.routes
    assert isinstance(router, IncludedRouter)
    made: list[BaseRoute] = []
    original = router._make

    def noting(route: BaseRoute) -> Any:
        made.append(route)
        return original(route)

    monkeypatch.setattr(router, "_make", noting)
    with router._lock:
        thread = threading.Thread(target=router.effective_candidates)
        thread.start()
        router.effective_candidates()
    thread.join()
    assert len(made) == 1


@both
def test_paths_are_made_by_name(framework: Framework) -> None:
    app, router = framework.FastAPI(openapi_url=None), framework.APIRouter()
    router.add_api_route("/{item_id}", endpoint, name="read")
    app.include_router(router, prefix="/api")
    assert app.url_path_for("read", item_id="1") == "/api/1"
    with pytest.raises(NoMatchFound):
        app.url_path_for("read")


# ----------------------------------------------------------------------------------------------- users' own methods


class Tracking(APIRoute):
    """A route that keeps state on itself."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = self.handled = 0

    def matches(self, scope: Any) -> Any:
        self.asked += 1
        return super().matches(scope)

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        self.handled += 1
        await super().handle(scope, receive, send)


def test_methods_of_a_users_route_are_called_on_the_route_that_was_declared() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter(route_class=Tracking)

    @router.get("/a", name="a")
    def read(request: Request) -> Any:
        route = request.scope["route"]
        return [route.path, request.scope["fastapi"]["effective_route_context"] is route]

    app.include_router(router, prefix="/x")
    app.include_router(router, prefix="/y")
    client = TestClient(app)
    assert client.get("/x/a").json() == ["/x/a", True]
    assert client.get("/y/a").json() == ["/y/a", True]
    original = router.routes[0]
    assert isinstance(original, Tracking)
    assert original.handled == 2
    assert original.asked >= 2
    assert client.post("/x/a").status_code == 405
    assert app.url_path_for("a") == "/x/a"


def test_who_stands_in_for_it_stays_the_same_object() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter(route_class=Tracking)
    router.add_api_route("/a", endpoint)
    app.include_router(router)
    [first], [second] = app.router.dispatch_routes(), app.router.dispatch_routes()
    assert isinstance(first, ThroughOriginal)
    assert first is second
    assert first.url_path_for("endpoint") == "/a"


def test_a_users_route_that_is_not_included_needs_nobody_to_stand_in() -> None:
    router = APIRouter(route_class=Tracking)
    router.add_api_route("/a", endpoint)
    assert dispatch_routes(router.routes) == router.routes


class Choosing(APIRouter):
    """A router that keeps state on itself, and answers only those who know a word."""

    asked = handled = 0

    def matches(self, scope: Any) -> Any:
        self.asked += 1
        known = (b"x-word", b"please") in scope["headers"]
        return super().matches(scope) if known else (Match.NONE, {})

    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        self.handled += 1
        await super().handle(scope, receive, send)


def choosing_app() -> tuple[FastAPI, Choosing]:
    app, router, nested = FastAPI(openapi_url=None), Choosing(), APIRouter()

    @router.get("/a")
    def read(request: Request) -> Any:
        return request.scope["fastapi"]["effective_route_context"].path

    nested.add_api_route("/n", lambda: "nested", methods=["PUT"])
    router.include_router(nested, prefix="/nested")
    router.add_route("/plain", text)
    app.include_router(router, prefix="/x")
    return app, router


def test_a_users_router_is_asked_itself() -> None:
    app, router = choosing_app()
    client = TestClient(app, headers={"x-word": "please"})
    assert client.get("/x/a").json() == "/x/a"
    assert client.put("/x/nested/n").json() == "nested"
    assert client.get("/x/plain").text == "/x/plain"
    assert (router.asked, router.handled) == (3, 3)
    assert client.get("/x/a", headers={"x-word": "now"}).status_code == 404
    assert router.handled == 3


def test_a_method_that_does_not_fit_is_refused_there() -> None:
    app, _ = choosing_app()
    refused = TestClient(app, headers={"x-word": "please"}).post("/x/a")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")
    assert [getattr(route, "path", "") for route in flat_routes(app.router.routes)] == [
        "/x/a",
        "/x/nested/n",
        "/x/plain",
    ]


def test_a_later_full_match_wins_over_a_partial_one_there() -> None:
    app, router = choosing_app()
    router.add_api_route("/a", lambda: "late", methods=["POST"])
    assert TestClient(app, headers={"x-word": "please"}).post("/x/a").json() == "late"


def test_a_router_that_claims_what_it_has_not_answers_404() -> None:
    class Claiming(APIRouter):
        def matches(self, scope: Any) -> Any:
            return Match.FULL, {}

    app = FastAPI(openapi_url=None)
    app.include_router(Claiming(), prefix="/x", max_body_size=5)
    assert TestClient(app).get("/anything").status_code == 404
    app = FastAPI(openapi_url=None)
    app.include_router(Claiming(default=PlainTextResponse("mine")))
    assert TestClient(app).get("/anything").text == "mine"


def test_a_users_router_in_a_users_router_is_asked_itself() -> None:
    app, outer, inner = FastAPI(openapi_url=None), Choosing(), Choosing()
    inner.add_api_route("/a", lambda: "a")
    outer.include_router(inner, prefix="/i")
    app.include_router(outer, prefix="/o")
    assert TestClient(app, headers={"x-word": "please"}).get("/o/i/a").json() == "a"
    assert (outer.handled, inner.handled) == (1, 1)


def test_methods_of_a_route_count_in_a_users_router_too() -> None:
    app, router = FastAPI(openapi_url=None), Choosing(route_class=Tracking)
    router.add_api_route("/a", lambda: "a")
    app.include_router(router, prefix="/x")
    assert TestClient(app, headers={"x-word": "please"}).get("/x/a").json() == "a"
    original = router.routes[0]
    assert isinstance(original, Tracking)
    assert original.handled == 1


@both
def test_a_router_that_is_not_included_matches_nothing_and_handles_everything(framework: Framework) -> None:
    router = framework.APIRouter()
    router.add_route("/a", text)
    scope = {"type": "http", "path": "/a", "method": "GET", "headers": [], "query_string": b"", "server": ("a", 80)}
    assert router.matches(scope) == (Match.NONE, {})
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    anyio.run(router.handle, scope, None, send)
    assert sent[0]["status"] == 200


# ----------------------------------------------------------------------------------------------------------- editing


def test_a_route_is_found_where_it_came_in() -> None:
    app = included(Route("/a", text))
    [effective] = app.routes
    [holder] = app.router.routes
    assert holder_of(app.router.routes, effective) is holder
    assert holder_of(app.router.routes, holder) is holder
    with pytest.raises(ValueError, match="is not among"):
        holder_of(app.router.routes, Route("/a", text))


def test_an_include_does_not_replace_what_it_does_not_bring_in() -> None:
    app, router = FastAPI(openapi_url=None), APIRouter()
    router.include_router(APIRouter(routes=[Mount("/m", app=Starlette())]), prefix="/x")
    app.include_router(router)
    assert app.routes != []
    [holder] = app.router.routes
    assert isinstance(holder, IncludedRouter)
    assert not holder.replace_route(Route("/a", text), None)
