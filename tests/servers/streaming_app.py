"""An app that streams without end, and says how far it has come; and that takes streams."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from martlet import FastAPI, Request
from martlet.responses import StreamingResponse

app = FastAPI()
app.state.sent = app.state.ended = 0
PIECE = b"x" * 100_000


@app.get("/health")
def health() -> dict[str, int]:
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    return {"sent": app.state.sent, "resident": resident, "ended": app.state.ended}


@app.get("/endless", response_class=StreamingResponse)
async def endless() -> AsyncIterator[bytes]:
    try:
        while True:
            yield PIECE
            app.state.sent += len(PIECE)
    finally:
        app.state.ended += 1


@app.get("/silent", response_class=StreamingResponse)
async def silent() -> AsyncIterator[bytes]:
    try:
        yield b"first"
        await asyncio.sleep(1000)
    finally:
        app.state.ended += 1


@app.get("/failing", response_class=StreamingResponse)
async def failing() -> AsyncIterator[bytes]:
    yield b"first"
    try:
        raise LookupError("the first of two")
    except LookupError as error:
        raise ValueError("the second of two") from error


@app.post("/take")
async def take(request: Request) -> int:
    return len(await request.body())
