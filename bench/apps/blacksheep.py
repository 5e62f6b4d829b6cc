"""BlackSheep's program, as its documentation writes these; models go out by Pydantic's own serializer."""

from blacksheep import Application, Content, FromJSON, FromQuery, Response
from blacksheep import json as answer
from pydantic import TypeAdapter

from bench.apps.shared import ITEMS, ROUTES, Item, Order

LIST = TypeAdapter(list[Item])


def _written(content: bytes) -> Response:
    return Response(200, content=Content(b"application/json", content))


def json() -> Application:
    app = Application()

    @app.router.get("/json")
    async def hello() -> Response:
        return answer({"message": "hello"})

    return app


def items() -> Application:
    app = Application()

    @app.router.get("/items/{item_id}")
    async def read_item(item_id: int, q: FromQuery[str], limit: FromQuery[int]) -> Response:
        item = Item(id=item_id, name=q.value, price=limit.value + 0.5, tags=["new"])
        return _written(item.model_dump_json().encode())

    return app


def orders() -> Application:
    app = Application()

    @app.router.post("/orders")
    async def create_order(order: FromJSON[Order]) -> Response:
        return _written(order.value.model_dump_json().encode())

    return app


def list_() -> Application:
    app = Application()

    @app.router.get("/list")
    async def read_items() -> Response:
        return _written(LIST.dump_json(ITEMS))

    return app


def many() -> Application:
    app = Application()

    async def read_one(item_id: int) -> Response:
        return answer({"id": item_id})

    for number in range(ROUTES):
        app.router.add_get(f"/kind{number}/{{item_id}}", read_one)
    return app
