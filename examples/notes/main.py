"""The app: its routers, and what happens when it starts."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from notes import notes, users
from notes.database import create_tables


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Make the tables before the first request."""
    create_tables()
    yield


app = FastAPI(title="Notes", lifespan=lifespan)
app.include_router(users.router)
app.include_router(notes.router)


@app.middleware("http")
async def tell_time(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Say in a header how long an answer took."""
    began = time.perf_counter()
    response = await call_next(request)
    response.headers["X-Seconds"] = f"{time.perf_counter() - began:.6f}"
    return response


@app.exception_handler(RequestValidationError)
async def say_what_is_wrong(_request: Request, error: RequestValidationError) -> JSONResponse:
    """Answer bad input with a line for each mistake."""
    mistakes = [f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()]
    return JSONResponse({"mistakes": mistakes}, status_code=422)


@app.get("/health", include_in_schema=False)
async def health() -> dict[str, str]:
    """Say that requests are answered."""
    return {"status": "ok"}
