"""The app that every server serves: a little of each thing that a server has a part in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import anyio
from pydantic import BaseModel

from martlet import FastAPI, Query, Request, WebSocket
from martlet.responses import StreamingResponse


class Item(BaseModel):
    name: str
    price: float


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[dict[str, str]]:
    app.state.asked = anyio.Event()
    print("the app starts", flush=True)
    yield {"from": "the lifespan"}
    print("the app ends", flush=True)


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health(request: Request) -> dict[str, str]:
    return {"state": request.state["from"]}


@app.post("/items/{item_id}", status_code=201)
async def add(item_id: int, item: Item, tags: Annotated[list[str] | None, Query()] = None) -> dict[str, object]:
    return {"id": item_id, "item": item, "tags": tags}


@app.get("/sync/{item_id}")
def read(item_id: int) -> dict[str, int]:
    return {"id": item_id}


@app.get("/broken")
async def broken() -> None:
    raise ValueError("broken on purpose")


@app.get("/stream")
async def stream() -> StreamingResponse:
    """Say one thing, and the other once somebody has asked for it."""
    app.state.asked = anyio.Event()

    async def parts() -> AsyncIterator[str]:
        yield "first\n"
        await app.state.asked.wait()
        yield "second\n"

    return StreamingResponse(parts(), media_type="text/plain")


@app.post("/ask", status_code=204)
async def ask() -> None:
    app.state.asked.set()


@app.websocket("/ws/{room}")
async def talk(websocket: WebSocket, room: int, name: str) -> None:
    await websocket.accept(subprotocol="chat", headers=[(b"x-room", str(room).encode())])
    async for message in websocket.iter_json():
        await websocket.send_json({"room": room, "name": name, "got": message})
