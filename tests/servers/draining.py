"""The app that is stopped under load: it writes into a journal which requests it has begun, and what of them has ended.

`JOURNAL` in the environment names the file; lines are appended in single writes, so that what a process had begun is
known however it ends. With `TALKS` the app has a WebSocket.
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

from pydantic import BaseModel

from martlet import BackgroundTasks, FastAPI, WebSocket, WebSocketDisconnect
from martlet.responses import StreamingResponse

JOURNAL = os.open(os.environ["JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)


def note(what: str, number: object) -> None:
    os.write(JOURNAL, f"{what} {number}\n".encode())


@contextmanager
def noted(what: str, number: object) -> Iterator[None]:
    note(f"{what} begins", number)
    try:
        yield
    finally:
        note(f"{what} ends", number)


def a_while() -> float:
    return random.random() * 0.05  # noqa: S311 - it is not secret how long


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    with noted("lifespan", os.getpid()):
        yield


class Item(BaseModel):
    text: str


app = FastAPI(lifespan=lifespan)


@app.get("/health")
async def health() -> str:
    return "ok"


@app.get("/async/{number}")
async def in_the_loop(number: int) -> str:
    note("started", number)
    await asyncio.sleep(a_while())
    return f"{number}"


@app.get("/sync/{number}")
def in_a_thread(number: int) -> str:
    note("started", number)
    time.sleep(a_while())
    return f"{number}"


@app.post("/body/{number}")
async def with_a_body(number: int, item: Item) -> Item:
    note("started", number)
    await asyncio.sleep(a_while())
    return item


@app.get("/stream/{number}")
async def in_parts(number: int) -> StreamingResponse:
    note("started", number)

    async def parts() -> AsyncIterator[str]:
        for _ in range(5):
            await asyncio.sleep(a_while())
            yield f"{number} "

    return StreamingResponse(parts(), media_type="text/plain")


@app.get("/later/{number}")
async def with_a_task(number: int, tasks: BackgroundTasks) -> str:
    note("started", number)
    tasks.add_task(later, number)
    return f"{number}"


async def later(number: int) -> None:
    with noted("task", number):
        await asyncio.sleep(a_while())


@app.get("/for/{seconds}")
async def for_some_time(seconds: float) -> str:
    with noted("request", seconds):
        await asyncio.sleep(seconds)
    return "done"


@app.get("/block/{seconds}")
async def block_for_some_time(seconds: float) -> str:
    with noted("block", seconds):
        time.sleep(seconds)  # noqa: ASYNC251 - what a mistake looks like
    return "done"


@app.get("/task/{seconds}")
async def task_for_some_time(seconds: float, tasks: BackgroundTasks) -> str:
    tasks.add_task(send_mail, seconds)
    return "accepted"


async def send_mail(seconds: float) -> None:
    with noted("mail", seconds):
        await asyncio.sleep(seconds)


if os.environ.get("TALKS"):

    @app.websocket("/talk/{number}")
    async def talk(websocket: WebSocket, number: int) -> None:
        await websocket.accept()
        with noted("talk", number), suppress(WebSocketDisconnect):
            while True:
                await websocket.send_text(await websocket.receive_text())
