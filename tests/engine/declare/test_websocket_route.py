"""APIWebSocketRoute."""

from typing import Any

import pytest
from starlette.routing import Match
from starlette.websockets import WebSocket

from martlet import Body, Depends
from martlet._engine.declare.merge import Level
from martlet._engine.declare.websocket_route import APIWebSocketRoute
from martlet._engine.words.errors import InvalidParameterError
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import Framework, both


async def talk(websocket: WebSocket, room: str) -> None:
    await websocket.accept()
    await websocket.send_text(room)
    await websocket.close()


def dependency(q: str = "") -> None: ...


def body(extra: int = Body()) -> None: ...


@both
def test_the_attributes_are_fastapis(framework: Framework) -> None:
    depends = framework.Depends(dependency)
    route = framework.module("routing").APIWebSocketRoute("/{room:path}", talk, dependencies=[depends])
    assert (route.path, route.path_format, route.name, route.endpoint) == ("/{room:path}", "/{room}", "talk", talk)
    assert route.dependencies == [depends]
    assert [each.call for each in route.dependant.dependencies] == [dependency]
    assert route._embed_body_fields is False
    match, found = route.matches({"type": "websocket", "path": "/a/b"})
    assert (match, found["route"]) == (Match.FULL, route)
    assert route.matches({"type": "http", "path": "/a/b"}) == (Match.NONE, {})


def test_it_may_be_served_alone() -> None:
    route = APIWebSocketRoute("/{room}", talk, name="rooms")
    assert route.name == "rooms"
    with TestClient(route).websocket_connect("/a") as websocket:
        assert websocket.receive_text() == "a"
    assert not route.has_own_handler
    assert route.app is route.app


def test_another_app_is_known() -> None:
    route = APIWebSocketRoute("/{room}", talk)
    other: Any = object()
    route.app = other
    assert route.has_own_handler


def test_what_cannot_work_is_refused_at_once() -> None:
    async def endpoint(room: dict[str, str]) -> None: ...

    with pytest.raises(InvalidParameterError):
        APIWebSocketRoute("/{room}", endpoint)


class Custom(APIWebSocketRoute):
    pass


def test_an_effective_route_is_a_copy_below_a_prefix() -> None:
    route = Custom("/{room}", talk, dependencies=[Depends(dependency)])
    _ = route.app
    effective = route.within(Level(prefix="/api", dependencies=[Depends(body)], dependency_overrides_provider="app"))
    assert type(effective) is Custom
    assert "app" not in vars(effective)
    assert (effective.path, effective.original_route) == ("/api/{room}", route)
    assert effective.dependencies == [Depends(body), Depends(dependency)]
    assert [each.call for each in effective.dependant.dependencies] == [body, dependency]
    assert effective.dependant.path_params is route.dependant.path_params
    assert effective.dependency_overrides_provider == "app"
    assert (route.path, route.dependencies, route._embed_body_fields) == ("/{room}", [Depends(dependency)], False)


def test_a_name_in_the_prefix_makes_a_path_parameter() -> None:
    effective = APIWebSocketRoute("/", talk).within(Level(prefix="/{room}"))
    assert [each.name for each in effective.dependant.path_params] == ["room"]
    with TestClient(effective).websocket_connect("/a/") as websocket:
        assert websocket.receive_text() == "a"
