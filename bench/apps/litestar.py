"""Litestar's program, as its documentation writes these; telemetry, OpenAPI and logging left at their defaults."""

from collections.abc import Callable
from typing import Annotated, Any

from litestar import Litestar, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from bench.apps.shared import ITEMS, ROUTES, Item, Order


def json() -> Litestar:
    @get("/json")
    async def hello() -> dict[str, str]:
        return {"message": "hello"}

    return Litestar([hello])


def items() -> Litestar:
    @get("/items/{item_id:int}")
    async def read_item(
        item_id: FromPath[int], q: FromQuery[str], limit: Annotated[int, QueryParameter(ge=1)] = 10
    ) -> Item:
        return Item(id=item_id, name=q, price=limit + 0.5, tags=["new"])

    return Litestar([read_item])


def orders() -> Litestar:
    @post("/orders", status_code=200)
    async def create_order(data: JSONBody[Order]) -> Order:
        return data

    return Litestar([create_order])


def list_() -> Litestar:
    @get("/list")
    async def read_items() -> list[Item]:
        return ITEMS

    return Litestar([read_items])


async def settings() -> dict[str, int]:
    return {"limit": 5}


async def connection(given: NamedDependency[dict[str, int]]) -> int:
    return given["limit"]


async def session(connected: NamedDependency[int]) -> int:
    return connected + 1


async def user(used: NamedDependency[int], given: NamedDependency[dict[str, int]]) -> str:
    return f"user {used} of {given['limit']}"


async def page(limit: FromQuery[int] = 3) -> int:
    return limit


def deps() -> Litestar:
    @get("/deps")
    async def read_deps(
        who: NamedDependency[str], used: NamedDependency[int], at: NamedDependency[int]
    ) -> dict[str, str | int]:
        return {"user": who, "session": used, "page": at}

    provided: dict[str, Callable[..., Any]] = {
        "given": settings,
        "connected": connection,
        "used": session,
        "who": user,
        "at": page,
    }
    return Litestar([read_deps], dependencies={name: Provide(call) for name, call in provided.items()})


def many() -> Litestar:
    def handler(number: int) -> Any:
        @get(f"/kind{number}/{{item_id:int}}")
        async def read_one(item_id: FromPath[int]) -> dict[str, int]:
            return {"id": item_id}

        return read_one

    return Litestar([handler(number) for number in range(ROUTES)])


def sync() -> Litestar:
    @get("/sync", sync_to_thread=True)
    def hello() -> dict[str, str]:
        return {"message": "hello"}

    return Litestar([hello])
