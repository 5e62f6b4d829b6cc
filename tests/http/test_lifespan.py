"""The lifespan: what the server is told, in which order things start and stop, and what requests see of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request
from starlette.types import Message

from tests.asking import COMPILED, App, Framework, Way, ask, get

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", COMPILED)]


def make(fw: Framework, *, fails: str = "") -> App:
    events: list[Any] = []

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[dict[str, Any]]:
        if fails == "startup":
            raise RuntimeError("cannot start")
        events.append("starts")
        yield {"database": "open"}
        events.append("stops")
        if fails == "shutdown":
            raise RuntimeError("cannot stop")

    app = fw.app(lifespan=lifespan)
    app.state.events = events

    @app.get("/")
    async def read(request: Request) -> Any:
        return request.state.database

    return app


async def live(app: App) -> tuple[list[Message], str]:
    """Start and stop an app, and return its messages and what it raised."""
    waiting: list[Message] = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append({**message, "message": message.get("message", "").strip().rpartition("\n")[2]})

    try:
        await app({"type": "lifespan", "state": {}}, receive, send)
    except RuntimeError as error:
        return sent, str(error)
    return sent, ""


@pytest.mark.parametrize("fails", ["", "startup", "shutdown"])
async def test_server_is_told_what_fastapi_tells(fails: str, way: Way) -> None:
    expected = await live(make(Framework("fastapi", way), fails=fails))
    app = make(Framework("martlet", way), fails=fails)
    assert await live(app) == expected
    assert app.state.events == ([] if fails == "startup" else ["starts", "stops"])


async def test_requests_see_the_state_of_the_lifespan(way: Way) -> None:
    app = make(Framework("martlet", way))
    request = get("/")
    request.scope["state"] = {"database": "open"}
    answer = await ask(app, request)
    assert (answer.status, answer.body) == (200, b'"open"')
