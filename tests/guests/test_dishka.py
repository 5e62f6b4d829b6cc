"""dishka: a container of dependency injection beside `Depends`."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from dishka import Provider, Scope, make_async_container, provide
from dishka.integrations.fastapi import DishkaRoute, FastapiProvider, FromDishka, inject, setup_dishka
from fastapi import APIRouter, FastAPI, Request, WebSocket
from fastapi.testclient import TestClient


class Shelf:
    closed = 0


class Who:
    def __init__(self, name: str) -> None:
        self.name = name


class Provided(Provider):
    @provide(scope=Scope.REQUEST)
    async def shelf(self) -> AsyncIterator[Shelf]:
        yield Shelf()
        Shelf.closed += 1

    @provide(scope=Scope.REQUEST)
    def who(self, request: Request) -> Who:
        return Who(request.headers["x-who"])


@pytest.mark.parametrize("by_route", [True, False])
def test_dishka_gives_what_is_asked_for_and_closes_it(by_route: bool) -> None:
    def marked(endpoint: Any) -> Any:
        return endpoint if by_route else inject(endpoint)

    router = APIRouter(route_class=DishkaRoute) if by_route else APIRouter()

    @router.get("/books/{book_id}")
    @marked
    async def read(book_id: int, shelf: FromDishka[Shelf], who: FromDishka[Who]) -> list[Any]:
        return [book_id, type(shelf).__name__, who.name]

    app = FastAPI()
    app.include_router(router, prefix="/api")
    setup_dishka(make_async_container(Provided(), FastapiProvider()), app)
    Shelf.closed = 0
    client = TestClient(app)
    assert client.get("/api/books/3", headers={"x-who": "ada"}).json() == [3, "Shelf", "ada"]
    assert client.get("/api/books/x", headers={"x-who": "ada"}).status_code == 422
    assert Shelf.closed == 1
    assert [each["name"] for each in app.openapi()["paths"]["/api/books/{book_id}"]["get"]["parameters"]] == ["book_id"]


def test_dishka_gives_it_to_web_sockets() -> None:
    app = FastAPI()

    @app.websocket("/ws")
    @inject
    async def talk(websocket: WebSocket, shelf: FromDishka[Shelf]) -> None:
        await websocket.accept()
        await websocket.send_text(type(shelf).__name__)
        await websocket.close()

    class ForSockets(Provider):
        @provide(scope=Scope.SESSION)
        def shelf(self) -> Shelf:
            return Shelf()

    setup_dishka(make_async_container(ForSockets()), app)
    with TestClient(app).websocket_connect("/ws") as socket:
        assert socket.receive_text() == "Shelf"
