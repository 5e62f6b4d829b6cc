"""Falcon's program (its ASGI app), as its documentation writes these; models are validated and written by Pydantic."""

from collections.abc import Awaitable, Callable
from typing import Any

from falcon.asgi import App, Request, Response
from pydantic import TypeAdapter

from bench.apps.shared import ITEMS, ROUTES, Item, Order

LIST = TypeAdapter(list[Item])
Answer = Callable[..., Awaitable[None]]


def _app(path: str, answer: Answer, verb: str = "get") -> App[Any, Any]:
    app: App[Any, Any] = App()
    app.add_route(path, type("Resource", (), {f"on_{verb}": staticmethod(answer)})())
    return app


def _write(response: Response, content: bytes) -> None:
    response.content_type = "application/json"
    response.data = content


def json() -> App[Any, Any]:
    async def hello(request: Request, response: Response) -> None:
        response.media = {"message": "hello"}

    return _app("/json", hello)


def items() -> App[Any, Any]:
    async def read_item(request: Request, response: Response, item_id: int) -> None:
        limit = request.get_param_as_int("limit", min_value=1, default=10)
        item = Item(id=item_id, name=request.get_param("q", required=True), price=limit + 0.5, tags=["new"])
        _write(response, item.model_dump_json().encode())

    return _app("/items/{item_id:int}", read_item)


def orders() -> App[Any, Any]:
    async def create_order(request: Request, response: Response) -> None:
        order = Order.model_validate_json(await request.stream.read())
        _write(response, order.model_dump_json().encode())

    return _app("/orders", create_order, "post")


def list_() -> App[Any, Any]:
    async def read_items(request: Request, response: Response) -> None:
        _write(response, LIST.dump_json(ITEMS))

    return _app("/list", read_items)


def many() -> App[Any, Any]:
    async def read_one(request: Request, response: Response, item_id: int) -> None:
        response.media = {"id": item_id}

    app: App[Any, Any] = App()
    resource = type("Resource", (), {"on_get": staticmethod(read_one)})()
    for number in range(ROUTES):
        app.add_route(f"/kind{number}/{{item_id:int}}", resource)
    return app
