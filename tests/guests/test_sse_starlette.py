"""sse-starlette: its EventSourceResponse, returned by endpoints."""

from collections.abc import AsyncIterator
from typing import Annotated

import anyio
import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient
from sse_starlette import EventSourceResponse, JSONServerSentEvent, ServerSentEvent
from starlette.types import Message

cleaned: list[str] = []


async def resource() -> AsyncIterator[str]:
    yield "a resource"
    cleaned.append("the dependency")


def make_app() -> FastAPI:
    app = FastAPI()

    @app.get("/count")
    async def count(request: Request, to: int, held: Annotated[str, Depends(resource)]) -> EventSourceResponse:
        async def events() -> AsyncIterator[dict[str, str]]:
            for number in range(to):
                yield {"event": "number", "id": str(number), "data": f"{number} with {held}"}

        return EventSourceResponse(events(), headers={"x-held": held})

    @app.get("/objects", response_class=EventSourceResponse)
    async def objects() -> EventSourceResponse:
        async def events() -> AsyncIterator[ServerSentEvent]:
            yield ServerSentEvent(data="one\ntwo", retry=500, comment="first")
            yield JSONServerSentEvent(data={"n": 1})

        return EventSourceResponse(events())

    @app.get("/forever")
    async def forever() -> EventSourceResponse:
        async def events() -> AsyncIterator[str]:
            try:
                while True:
                    yield "still here"
                    await anyio.sleep(0.01)
            finally:
                cleaned.append("the events")

        return EventSourceResponse(events(), ping=1)

    return app


def test_events_arrive_and_the_dependency_lives_as_long() -> None:
    cleaned.clear()
    with TestClient(make_app()).stream("GET", "/count?to=2") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["x-held"] == "a resource"
        text = "".join(answer.iter_text())
    assert text == (
        "id: 0\r\nevent: number\r\ndata: 0 with a resource\r\n\r\n"
        "id: 1\r\nevent: number\r\ndata: 1 with a resource\r\n\r\n"
    )
    assert cleaned == ["the dependency"]


def test_bad_input_is_refused_before_the_stream() -> None:
    assert TestClient(make_app()).get("/count?to=many").status_code == 422


def test_event_objects() -> None:
    text = TestClient(make_app()).get("/objects").text
    assert "data: one\r\ndata: two\r\n" in text
    assert 'data: {"n":1}\r\n' in text
    assert "retry: 500" in text


@pytest.mark.anyio
async def test_a_client_that_leaves_ends_the_events() -> None:
    cleaned.clear()
    app, seen, left = make_app(), [], anyio.Event()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        seen.append(message)
        if len(seen) == 4:
            left.set()

    scope = {"type": "http", "method": "GET", "path": "/forever", "query_string": b"", "headers": [], "state": {}}
    with anyio.fail_after(5):
        await app(scope, receive, send)
    assert seen[0]["status"] == 200
    assert b"still here" in seen[1]["body"]
    assert cleaned == ["the events"]
