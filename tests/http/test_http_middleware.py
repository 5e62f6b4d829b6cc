"""Requests of one app with an http middleware, several at once: what they wait for, and what follows an answer."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from martlet import FastAPI, Request, Response

CallNext = Callable[[Request], Awaitable[Response]]


def behind_a_middleware() -> FastAPI:
    """Return an app with an http middleware that changes a header."""
    app = FastAPI()

    @app.middleware("http")
    async def mark(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        response.headers["x-marked"] = "yes"
        return response

    return app


async def answers(app: FastAPI, *paths: str) -> list[httpx.Response]:
    """Ask for all paths at once."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await asyncio.gather(*(client.get(path) for path in paths))


def test_requests_may_wait_for_the_same() -> None:
    app = behind_a_middleware()
    loading: list[asyncio.Future[str]] = []

    @app.get("/")
    async def read() -> str:
        if not loading:
            loading.append(asyncio.ensure_future(asyncio.sleep(0.001, "loaded once")))
        return await loading[0]

    assert [answer.json() for answer in asyncio.run(answers(app, "/", "/", "/"))] == ["loaded once"] * 3
