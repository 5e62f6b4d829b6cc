"""Streams: what the items of generator endpoints become, and what happens while none comes."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable
from functools import wraps
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel
from starlette.responses import StreamingResponse

from martlet import routing
from tests.asking import WAYS, App, Framework, Way, ask, get

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", WAYS)]


class Item(BaseModel):
    name: str
    weight: float | None = None


def make(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    @app.get("/typed", response_model_exclude_none=True)
    async def typed() -> AsyncIterable[Item]:
        try:
            yield Item(name="first")
            yield {"name": "second", "weight": "2"}  # type: ignore[misc]  # validated
            yield {"weight": "x"}  # type: ignore[misc]  # refused
        finally:
            events.append("closed")

    @app.get("/untyped")
    def untyped() -> Any:
        yield {"nan": float("nan"), "list": [float("inf"), 1.5], "item": Item(name="x", weight=float("nan"))}
        yield None
        yield "text"

    @app.get("/events", response_class=fw.sse.EventSourceResponse)
    async def stream() -> Any:
        yield fw.sse.ServerSentEvent(data={"nan": float("nan")}, event="odd")
        yield fw.sse.ServerSentEvent(data=Item(name="x"))
        yield fw.sse.ServerSentEvent(data="text", raw_data=None)
        yield {"plain": 1}

    @app.get("/failing-events", response_class=fw.sse.EventSourceResponse)
    async def failing_stream(count: int) -> Any:
        for number in range(count):
            yield {"number": number}
            await anyio.lowlevel.checkpoint()
        raise LookupError("no more events")

    @app.get("/plain-events", response_class=fw.sse.EventSourceResponse)
    def plain_stream() -> Iterable[Item]:
        yield Item(name="x")

    return app


@pytest.mark.parametrize("count", [0, 1, 20])
async def test_events_that_fail(count: int, way: Way, anyio_backend_name: str) -> None:
    request = get(f"/failing-events?count={count}")
    found = await ask(make(Framework("martlet", way)), request)
    assert found.error is not None
    assert found.error[0] == "ExceptionGroup"
    if anyio_backend_name == "asyncio":
        # Over RSGI a stream waits for the loop's next turn: of one that fails before, nothing is sent.
        is_kept = count == 0 and way.endswith("RSGI")
        assert found.status in ((None, 500) if is_kept else (200,))
        assert not (found.complete and found.status == 200)
        expected = await ask(make(Framework("fastapi", way)), request)
        assert found.error == expected.error


async def test_items_are_validated_and_the_generator_closed_when_one_is_wrong(way: Way) -> None:
    answer = await ask(make(Framework("martlet", way)), get("/typed"))
    assert answer.error is not None
    assert answer.error[0] == "ResponseValidationError"
    if way.endswith("RSGI"):
        # (where a stream waits for the loop's next turn, and this one for nothing: nothing is sent of it)
        assert answer.status in (None, 500)
        assert "closed" in answer.events
    else:
        assert answer.body == b'{"name":"first"}\n{"name":"second","weight":2.0}\n'
        assert answer.events == ["answer begins", "closed"]


@pytest.mark.parametrize("path", ["/untyped", "/events", "/plain-events"])
async def test_lines_and_events_are_those_of_fastapi(path: str, way: Way) -> None:
    expected = await ask(make(Framework("fastapi", way)), get(path))
    assert await ask(make(Framework("martlet", way)), get(path)) == expected


async def test_a_silent_stream_is_kept_alive(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_PING_INTERVAL", 0.01)
    fw = Framework("martlet", way)
    app = fw.app()

    @app.get("/", response_class=fw.sse.EventSourceResponse)
    async def slow() -> AsyncIterator[int]:
        yield 1
        await anyio.sleep(0.05)
        yield 2

    answer = await ask(app, get("/"))
    lines = answer.body.split(b"\n\n")
    # A busy machine may be silent before the first item, too.
    first, last = lines.index(b"data: 1"), lines.index(b"data: 2")
    assert {*lines[first + 1 : last]} == {b": ping"}
    assert lines[last:] == [b"data: 2", b""]


async def test_a_decorated_endpoint_may_return_an_iterator_that_cannot_be_closed(way: Way) -> None:
    class Numbers:
        def __init__(self) -> None:
            self.left = 2

        def __aiter__(self) -> "Numbers":
            return self

        async def __anext__(self) -> int:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return self.left

    def counting(endpoint: Callable[[], AsyncIterator[int]]) -> Callable[[], Any]:
        @wraps(endpoint)
        def count() -> Any:
            return Numbers()

        return count

    app = Framework("martlet", way).app()

    @counting
    async def endpoint() -> AsyncIterator[int]:
        yield 0

    app.add_api_route("/", endpoint)
    assert (await ask(app, get("/"))).body == b"1\n0\n"


async def test_a_plain_generator_is_sent_raw(way: Way) -> None:
    app = Framework("martlet", way).app()

    @app.get("/", response_class=StreamingResponse)
    def chunks() -> Any:
        yield "a"
        yield b"b"

    assert (await ask(app, get("/"))).body == b"ab"
