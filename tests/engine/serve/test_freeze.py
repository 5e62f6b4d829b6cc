"""The table of handlers: when it is made anew, what it keeps, and which routes are served the longer way."""

import logging
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Match, Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send

from martlet import APIRouter, Depends, FastAPI, WebSocket
from martlet._engine.compile.handler import Handler
from martlet._engine.run.rsgi_exchange import Bridge
from martlet._engine.serve.asgi import DirectStack
from martlet._engine.serve.freeze import NOTHING, Dispatcher
from martlet._engine.serve.targets import RouteTarget, Target
from martlet._engine.words.epoch import EPOCH
from martlet.routing import APIRoute, APIWebSocketRoute
from martlet.testclient import TestClient
from tests import rsgi


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def real() -> str:
    return "real"


async def read(value: str = Depends(real)) -> str:
    return value


def make(**options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None, **options)
    app.get("/")(read)
    return app


def dispatcher_of(app: FastAPI) -> Dispatcher:
    stack = app.build_middleware_stack()
    assert isinstance(stack, DirectStack)
    return stack.dispatcher


def only_target(dispatcher: Dispatcher) -> Target:
    (target,) = dispatcher.frozen.targets
    assert isinstance(target, Target)
    return target


def test_there_is_no_table_before_it_is_asked_for() -> None:
    dispatcher = dispatcher_of(make())
    assert dispatcher._frozen is NOTHING
    assert dispatcher.frozen is dispatcher.frozen
    assert NOTHING.find("/", "GET") is None


def test_what_happens_in_another_app_leaves_handlers_as_they_are() -> None:
    dispatcher = dispatcher_of(make())
    before, target = dispatcher.frozen, only_target(dispatcher)
    handler = target.handler()
    make()
    assert EPOCH.value != before.epoch
    assert dispatcher.frozen is not before
    assert only_target(dispatcher) is target
    assert target.handler() is handler


def test_overrides_make_handlers_anew_and_the_usual_ones_are_kept() -> None:
    app = make()
    dispatcher = dispatcher_of(app)
    target = only_target(dispatcher)
    usual = target.handler()
    app.dependency_overrides[real] = lambda: "fake"
    assert only_target(dispatcher).handler() is not usual
    app.dependency_overrides.clear()
    assert only_target(dispatcher).handler() is usual


@pytest.mark.anyio
@pytest.mark.parametrize("over_rsgi", [False, True])
async def test_a_handler_that_is_old_once_it_is_made_is_not_kept(
    monkeypatch: pytest.MonkeyPatch, *, over_rsgi: bool
) -> None:
    dispatcher = dispatcher_of(make())
    target, make_it = only_target(dispatcher), Target.handler

    def forgotten_meanwhile(self: Target) -> Handler:
        made = make_it(self)
        self.forget()  # as another thread does that has seen overrides change
        return made

    async def serve() -> None:
        if over_rsgi:
            await target.answer(Bridge(None), rsgi.Scope("GET", "/"), rsgi.HTTP(), {})
        else:
            await target.handle({"type": "http", "method": "GET", "headers": []}, receive, send, {})

    with monkeypatch.context() as patch:
        patch.setattr(Target, "handler", forgotten_meanwhile)
        await serve()
    assert (target.handle, target.answer) == (target._first, target._first_answer)
    await serve()
    assert (target.answer if over_rsgi else target.handle) not in (target._first, target._first_answer)


async def receive() -> Message:
    raise AssertionError("there is no body")


async def send(message: Message) -> None: ...


def test_a_new_route_makes_a_new_table() -> None:
    app = make()
    dispatcher = dispatcher_of(app)
    before = dispatcher.frozen
    app.get("/more")(read)
    assert len(dispatcher.frozen.targets) == 2
    assert len(before.targets) == 1


class OwnHandle(APIRoute):
    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("mine")(scope, receive, send)


class OwnHandler(APIRoute):
    def get_route_handler(self) -> Any:
        return super().get_route_handler()


class OwnMatch(APIRoute):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return super().matches(scope)


@pytest.mark.parametrize(
    ("route_class", "reason"),
    [
        (OwnHandle, "its `handle` is not Martlet's"),
        (OwnHandler, "its handler is your own: `get_route_handler` is overridden, or `app` was replaced"),
    ],
)
def test_the_log_tells_which_routes_are_served_the_longer_way(
    route_class: Any, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = make()
    app.add_api_route("/own", read, route_class_override=route_class)
    with caplog.at_level(logging.INFO, logger="fastapi"):
        targets = dispatcher_of(app).frozen.targets
    assert [record.getMessage() for record in caplog.records] == [f"Served the longer way: /own: {reason}"]
    assert isinstance(targets[1], RouteTarget)
    assert targets[1].reason == reason


def test_the_log_has_a_line_for_each_reason(caplog: pytest.LogCaptureFixture) -> None:
    app = make()
    for path, route_class in (("/a", OwnHandle), ("/b", OwnHandler), ("/c", OwnHandle), ("/d", OwnHandle)):
        app.add_api_route(path, read, route_class_override=route_class)
    with caplog.at_level(logging.INFO, logger="fastapi"):
        assert len(dispatcher_of(app).frozen.targets) == 5
    handle, handler = (record.getMessage() for record in caplog.records)
    assert handle == "Served the longer way: /a and 2 more: its `handle` is not Martlet's"
    assert handler.startswith("Served the longer way: /b: its handler is your own")


def test_starlettes_routes_are_not_told_of(caplog: pytest.LogCaptureFixture) -> None:
    app = make(routes=[Route("/plain", lambda _request: PlainTextResponse("plain"))])
    with caplog.at_level(logging.INFO, logger="fastapi"):
        targets = dispatcher_of(app).frozen.targets
    assert not caplog.records
    assert isinstance(targets[0], RouteTarget)
    assert targets[0].reason == "it is one of Starlette's"


def test_a_route_that_matches_by_itself_keeps_its_place_outside_of_the_table() -> None:
    app = make()
    app.add_api_route("/own", read, route_class_override=OwnMatch)
    frozen = dispatcher_of(app).frozen
    assert len(frozen.targets) == 1
    assert [foreign.route for foreign in frozen.map.foreign] == [app.routes[1]]


@pytest.mark.parametrize(("path", "body"), [("/own", b"mine"), ("/behind", b'"real"')])
def test_they_answer(path: str, body: bytes) -> None:
    app = make()
    router = APIRouter(route_class=OwnHandle)
    router.get("/own")(read)
    app.include_router(router)
    app.add_api_route("/behind", read, route_class_override=OwnMatch)
    assert TestClient(app).get(path).content == body


def test_a_replaced_app_answers() -> None:
    app = make()

    async def other(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("other")(scope, receive, send)

    route: Any = app.routes[0]
    route.app = other
    assert TestClient(app).get("/").content == b"other"


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


class Greedy(APIWebSocketRoute):
    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL, {}) if scope["type"] == "http" else super().matches(scope)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("greedy")(scope, receive, send)


@pytest.mark.parametrize("route", [APIWebSocketRoute("/live", talk), WebSocketRoute("/live", talk)])
def test_websockets_before_a_route_do_not_stand_in_the_way_of_its_requests(route: WebSocketRoute) -> None:
    app = FastAPI(openapi_url=None, routes=[route])
    app.get("/")(read)
    assert dispatcher_of(app).frozen.find("/", "GET") is not None
    client = TestClient(app)
    assert client.get("/").json() == "real"
    assert client.get("/live").status_code == 404
    with client.websocket_connect("/live"):
        pass


def test_a_websocket_s_route_that_matches_by_itself_is_asked() -> None:
    app = FastAPI(openapi_url=None, routes=[Greedy("/live", talk)])
    app.get("/")(read)
    assert dispatcher_of(app).frozen.find("/", "GET") is None
    assert TestClient(app).get("/").text == "greedy"
