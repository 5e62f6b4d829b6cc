"""Martlet's program: FastAPI's, with the package named otherwise."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Annotated

from bench.apps.shared import ITEMS, ROUTES, Item, Order
from martlet import (
    BackgroundTasks,
    Depends,
    FastAPI,
    Query,
    Request,
    Response,
    UploadFile,
    WebSocket,
)
from martlet.middleware.cors import CORSMiddleware
from martlet.middleware.gzip import GZipMiddleware
from martlet.responses import StreamingResponse
from martlet.sse import EventSourceResponse, ServerSentEvent


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


async def session_of_request() -> AsyncIterator[int]:
    yield 5


def session_in_thread() -> Iterator[int]:
    yield 5


async def note() -> None:
    """Do what is done after the answer."""


async def chunks() -> AsyncIterator[bytes]:
    for number in range(10):
        yield b"chunk %d of a stream that is sent bit by bit\n" % number


def stack() -> FastAPI:
    app = FastAPI()
    app.add_middleware(CORSMiddleware, allow_origins=["*"])
    app.add_middleware(GZipMiddleware)

    @app.middleware("http")
    async def mark(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await call_next(request)
        response.headers["x-served-by"] = "bench"
        return response

    @app.get("/stack/json")
    async def hello() -> dict[str, str]:
        return {"message": "hello"}

    @app.get("/stack/yield")
    async def read_yield(value: Annotated[int, Depends(session_of_request)]) -> dict[str, int]:
        return {"value": value}

    @app.get("/stack/yield-sync")
    async def read_yield_sync(value: Annotated[int, Depends(session_in_thread)]) -> dict[str, int]:
        return {"value": value}

    @app.get("/stack/background")
    async def read_background(tasks: BackgroundTasks) -> dict[str, str]:
        tasks.add_task(note)
        return {"message": "hello"}

    @app.get("/stack/stream")
    async def read_stream() -> StreamingResponse:
        return StreamingResponse(chunks(), media_type="text/plain")

    @app.get("/stack/items/{item_id}")
    async def read_item(item_id: int, limit: Annotated[int, Query(ge=1)] = 10) -> dict[str, int]:
        return {"id": item_id, "limit": limit}

    return app


def upload() -> FastAPI:
    app = FastAPI()

    @app.post("/upload")
    async def take(file: UploadFile) -> dict[str, int]:
        return {"size": len(await file.read())}

    return app


def sse() -> FastAPI:
    app = FastAPI()

    @app.get("/sse", response_class=EventSourceResponse)
    async def events() -> AsyncIterator[ServerSentEvent]:
        for number in range(100):
            yield ServerSentEvent(data={"number": number}, id=str(number))

    return app


def ws() -> FastAPI:
    app = FastAPI()

    @app.websocket("/ws")
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept()
        async for message in websocket.iter_text():
            await websocket.send_text(message)

    return app
