"""Clients that go away: what is left is closed, and nobody is told of an error."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import pytest
from starlette.background import BackgroundTasks
from starlette.requests import Request

from tests.asking import JSON, WAYS, App, Ask, Framework, Way, ask

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", WAYS)]

GONE = {"asgi": {"version": "3.0", "spec_version": "2.4"}}


def make(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    async def session() -> AsyncIterator[str]:
        events.append("session opens")
        try:
            yield "session"
        finally:
            # The clean-up is awaited to its end, though the request is cancelled.
            await anyio.sleep(0.001)
            events.append("session closed")

    def plain_session() -> Iterator[str]:
        try:
            yield "session"
        finally:
            events.append("plain session closed")

    around = [fw.Depends(session), fw.Depends(plain_session)]

    @app.get("/lines", dependencies=around)
    async def lines(tasks: BackgroundTasks) -> AsyncIterator[dict[str, int]]:
        tasks.add_task(events.append, "task")
        try:
            for number in range(1000):
                yield {"number": number}
                await anyio.lowlevel.checkpoint()
        finally:
            events.append("generator closed")

    @app.get("/plain-lines", dependencies=around)
    def plain_lines() -> Iterator[dict[str, int]]:
        for number in range(1000):
            yield {"number": number}

    @app.get("/events", dependencies=around, response_class=fw.sse.EventSourceResponse)
    async def stream() -> AsyncIterator[dict[str, int]]:
        try:
            for number in range(1000):
                yield {"number": number}
                await anyio.lowlevel.checkpoint()
        finally:
            events.append("generator closed")

    @app.get("/raw", dependencies=around, response_class=fw.responses.StreamingResponse)
    async def raw(number: Annotated[int, fw.Query()] = 1000) -> AsyncIterator[str]:
        try:
            for each in range(number):
                yield f"{each}\n"
        finally:
            events.append("generator closed")

    @app.get("/object", dependencies=around)
    async def whole() -> Any:
        return {"a": 1}

    return app


@pytest.mark.parametrize("takes", [1, 2, 5])
@pytest.mark.parametrize("path", ["/lines", "/events", "/raw"])
async def test_generators_and_sessions_are_closed(path: str, takes: int, way: Way) -> None:
    answer = await ask(make(Framework("martlet", way)), Ask(f"GET {path}", takes=takes))
    assert answer.error is None
    assert not answer.complete
    closed = [event for event in answer.events if str(event).endswith("closed")]
    assert closed == ["generator closed", "plain session closed", "session closed"]


async def test_sessions_of_plain_generators_are_closed(way: Way) -> None:
    answer = await ask(make(Framework("martlet", way)), Ask("GET /plain-lines", takes=3))
    assert answer.error is None
    assert answer.events[-2:] == ["plain session closed", "session closed"]


@pytest.mark.parametrize("takes", [0, 1])
@pytest.mark.parametrize("path", ["/lines", "/events", "/raw", "/object", "/plain-lines"])
async def test_a_server_that_says_so_is_answered_as_by_fastapi(
    path: str, takes: int, way: Way, anyio_backend_name: str
) -> None:
    request = Ask(f"GET {path}", takes=takes, scope=GONE)
    found = await ask(make(Framework("martlet", way)), request)
    # An event stream has a task for its generator, and so a group of exceptions.
    raised = {"/object": "OSError", "/events": "ExceptionGroup"}.get(path, "ClientDisconnect")
    assert found.error is not None
    assert found.error[0] == raised
    assert found.events[-2:] == ["plain session closed", "session closed"]
    if anyio_backend_name == "asyncio":  # trio complains of FastAPI's generators, which are left open
        expected = await ask(make(Framework("fastapi", way)), request)
        assert (found.status, found.error) == (expected.status, expected.error)


@pytest.mark.parametrize("how", ["body", "stream"])
async def test_an_endpoint_that_reads_what_never_comes_is_refused_as_the_framework_would_be(how: str, way: Way) -> None:
    def make_reader(fw: Framework) -> App:
        app = fw.app()

        @app.post("/body")
        async def body(request: Request) -> int:
            return len(await request.body())

        @app.post("/stream")
        async def stream(request: Request) -> list[int]:
            return [len(piece) async for piece in request.stream()]

        @app.post("/parsed")
        async def parsed(body: dict[str, int]) -> dict[str, int]:
            return body

        return app

    def cut(path: str) -> Ask:
        return Ask(f"POST /{path}", [JSON], [b'{"a"', b": 1}"], leaves=True)

    answer = await ask(make_reader(Framework("martlet", way)), cut(how))
    expected = await ask(make_reader(Framework("fastapi", way)), cut("parsed"))
    assert (answer.status, answer.body, answer.error) == (400, expected.body, None)
    # FastAPI's own endpoint raises, and the server logs a traceback for it.
    theirs = await ask(make_reader(Framework("fastapi", way)), cut(how))
    assert theirs.status == 500
    assert theirs.error == ("ClientDisconnect", "")
