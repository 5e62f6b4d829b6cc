"""FastAPI's program: the way its documentation writes these."""

from typing import Annotated

from fastapi import Depends, FastAPI, Query

from bench.apps.shared import ITEMS, ROUTES, Item, Order


def json() -> FastAPI:
    app = FastAPI()

    @app.get("/json")
    async def hello():  # type: ignore[no-untyped-def]  # the workload is an endpoint without annotations
        return {"message": "hello"}

    return app


def items() -> FastAPI:
    app = FastAPI()

    @app.get("/items/{item_id}")
    async def read_item(item_id: int, q: str, limit: Annotated[int, Query(ge=1)] = 10) -> Item:
        return Item(id=item_id, name=q, price=limit + 0.5, tags=["new"])

    return app


def orders() -> FastAPI:
    app = FastAPI()

    @app.post("/orders")
    async def create_order(order: Order) -> Order:
        return order

    return app


def list_() -> FastAPI:
    app = FastAPI()

    @app.get("/list", response_model=list[Item])
    async def read_items() -> list[Item]:
        return ITEMS

    return app


async def settings() -> dict[str, int]:
    return {"limit": 5}


async def connection(given: Annotated[dict[str, int], Depends(settings)]) -> int:
    return given["limit"]


async def session(connected: Annotated[int, Depends(connection)]) -> int:
    return connected + 1


async def user(used: Annotated[int, Depends(session)], given: Annotated[dict[str, int], Depends(settings)]) -> str:
    return f"user {used} of {given['limit']}"


async def page(limit: int = 3) -> int:
    return limit


def deps() -> FastAPI:
    app = FastAPI()

    @app.get("/deps")
    async def read_deps(
        who: Annotated[str, Depends(user)], used: Annotated[int, Depends(session)], at: Annotated[int, Depends(page)]
    ) -> dict[str, str | int]:
        return {"user": who, "session": used, "page": at}

    return app


def many() -> FastAPI:
    app = FastAPI()

    async def read_one(item_id: int) -> dict[str, int]:
        return {"id": item_id}

    for number in range(ROUTES):
        app.get(f"/kind{number}/{{item_id}}")(read_one)
    return app


def sync() -> FastAPI:
    app = FastAPI()

    @app.get("/sync")
    def hello() -> dict[str, str]:
        return {"message": "hello"}

    return app
