"""A request's objects go with the request: none of them waits for the garbage collector."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import suppress
from typing import Annotated

import pytest
from starlette.types import Message

from martlet import Depends, FastAPI, HTTPException, Request, Response
from martlet.exceptions import ResponseValidationError
from tests import rsgi

ROUNDS = 20


async def opened() -> AsyncIterator[int]:
    try:
        yield 1
    except LookupError as error:
        raise LookupError("of the session's own") from error


def in_thread() -> Iterator[int]:
    try:
        yield 1
    except LookupError as error:
        raise LookupError("of the session's own") from error


def make(*, behind_middleware: bool) -> FastAPI:
    app = FastAPI(openapi_url=None)
    if behind_middleware:

        @app.middleware("http")
        async def mark(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
            response = await call_next(request)
            response.headers["x-marked"] = "1"
            return response

    @app.get("/answered")
    def answered() -> str:
        return "yes"

    @app.get("/refused")
    async def refused() -> None:
        raise HTTPException(403)

    @app.get("/not-an-int")
    async def not_an_int(number: int) -> int:
        return number

    @app.get("/broken")
    async def broken() -> None:
        raise LookupError

    @app.get("/misfit")
    async def misfit() -> int:
        return "none"  # type: ignore[return-value]  # that is what is tried

    @app.get("/session")
    async def session(opened: Annotated[int, Depends(opened)], in_thread: Annotated[int, Depends(in_thread)]) -> int:
        return opened + in_thread

    @app.get("/rolled-back")
    def rolled_back(opened: Annotated[int, Depends(opened)], in_thread: Annotated[int, Depends(in_thread)]) -> None:
        raise LookupError

    @app.get("/lines")
    def lines() -> Iterator[int]:
        yield 1
        yield 2

    @app.get("/stream")
    async def stream() -> AsyncIterator[int]:
        yield 1
        yield 2

    return app


async def over_asgi(app: FastAPI, path: str) -> int | None:
    """Return the status of an answer."""
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "query_string": b"number=x"}
    sent: list[Message] = []

    async def receive() -> Message:
        left: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        return await left

    async def send(message: Message) -> None:
        sent.append(message)

    with suppress(LookupError, ResponseValidationError):
        await app({**scope, "root_path": "", "headers": [], "scheme": "http"}, receive, send)
    return int(sent[0]["status"])


async def over_rsgi(app: FastAPI, path: str) -> int | None:
    """Return the same."""
    http = rsgi.HTTP()
    with suppress(LookupError, ResponseValidationError):
        await rsgi.serve(app, rsgi.Scope("GET", f"{path}?number=x"), http)
    if http.reading is not None:
        await http.reading
    await asyncio.sleep(0)  # for tasks that were cancelled
    return http.status


@pytest.mark.parametrize("behind_middleware", [False, True])
@pytest.mark.parametrize("request_", [over_asgi, over_rsgi])
@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(
            ("/answered", 200),
            ("/lines", 200),
            ("/stream", 200),
            ("/session", 200),
            ("/refused", 403),
            ("/not-an-int", 422),
        ),
        *(("/broken", 500), ("/rolled-back", 500), ("/misfit", 500), ("/nowhere", 404)),
    ],
)
def test_nothing_is_left_to_the_collector(
    path: str,
    status: int,
    request_: Callable[[FastAPI, str], Coroutine[None, None, int | None]],
    behind_middleware: bool,
) -> None:
    async def main() -> int:
        app = make(behind_middleware=behind_middleware)
        for _ in range(2):  # the first builds the app and its handlers
            assert await asyncio.create_task(request_(app, path)) == status
        gc.disable()
        return min([await left_by_requests(app) for _ in range(3)])  # what others have left may come in between

    async def left_by_requests(app: FastAPI) -> int:
        gc.collect()
        for _ in range(ROUNDS):
            await asyncio.create_task(request_(app, path))
        return gc.collect()

    try:
        assert asyncio.run(main()) < ROUNDS
    finally:
        gc.enable()
