"""Starlette's program: parameters read and models validated by hand, as its users do."""

from pydantic import TypeAdapter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bench.apps.shared import ITEMS, ROUTES, Item, Order

LIST = TypeAdapter(list[Item])


def json() -> Starlette:
    async def hello(request: Request) -> Response:
        return JSONResponse({"message": "hello"})

    return Starlette(routes=[Route("/json", hello)])


def items() -> Starlette:
    async def read_item(request: Request) -> Response:
        limit = int(request.query_params.get("limit", "10"))
        item_id, name = request.path_params["item_id"], request.query_params["q"]
        item = Item(id=item_id, name=name, price=limit + 0.5, tags=["new"])
        return Response(item.model_dump_json(), media_type="application/json")

    return Starlette(routes=[Route("/items/{item_id:int}", read_item)])


def orders() -> Starlette:
    async def create_order(request: Request) -> Response:
        order = Order.model_validate_json(await request.body())
        return Response(order.model_dump_json(), media_type="application/json")

    return Starlette(routes=[Route("/orders", create_order, methods=["POST"])])


def list_() -> Starlette:
    async def read_items(request: Request) -> Response:
        return Response(LIST.dump_json(ITEMS), media_type="application/json")

    return Starlette(routes=[Route("/list", read_items)])


async def settings() -> dict[str, int]:
    return {"limit": 5}


async def connection(given: dict[str, int]) -> int:
    return given["limit"]


async def session(connected: int) -> int:
    return connected + 1


async def user(used: int, given: dict[str, int]) -> str:
    return f"user {used} of {given['limit']}"


async def page(limit: int) -> int:
    return limit


def deps() -> Starlette:
    async def read_deps(request: Request) -> Response:
        given = await settings()
        used = await session(await connection(given))
        at = await page(int(request.query_params.get("limit", "3")))
        return JSONResponse({"user": await user(used, given), "session": used, "page": at})

    return Starlette(routes=[Route("/deps", read_deps)])


def many() -> Starlette:
    async def read_one(request: Request) -> Response:
        return JSONResponse({"id": request.path_params["item_id"]})

    return Starlette(routes=[Route(f"/kind{number}/{{item_id:int}}", read_one) for number in range(ROUTES)])


def sync() -> Starlette:
    def hello(request: Request) -> Response:
        return JSONResponse({"message": "hello"})

    return Starlette(routes=[Route("/sync", hello)])
