"""Plain functions while requests live: how often they go to a thread, what runs there, and what limits them."""

import asyncio
import threading
import time
import traceback
from collections.abc import Iterator
from typing import Annotated, Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import pytest
from anyio.to_thread import current_default_thread_limiter
from pydantic import AfterValidator, BaseModel, field_serializer

from martlet._engine.run.lanes import Pool
from tests.asking import COMPILED, WAYS, App, Framework, Way, ask, get

pytestmark = pytest.mark.anyio
each_way = pytest.mark.parametrize("way", WAYS)


def with_dependencies(fw: Framework) -> App:
    """Make an app whose endpoint has three plain dependencies; all of them note which thread they are in."""
    app = fw.app()

    def note() -> int:
        app.state.events.append(threading.get_ident())
        return 1

    def first() -> int:
        return note()

    def second(first: Annotated[int, fw.Depends(first)]) -> int:
        return first + note()

    def third(second: Annotated[int, fw.Depends(second)]) -> int:
        return second + note()

    @app.get("/")
    def read(third: Annotated[int, fw.Depends(third)]) -> int:
        return third + note()

    return app


@pytest.mark.parametrize(("way", "count"), [*((way, 1) for way in COMPILED), ("foreign", 5)])
async def test_an_endpoint_and_its_dependencies_make_one_hop(
    way: Way, count: int, anyio_backend_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The careful way makes five: each call its own, and one to validate the answer."""
    hops, submit = [], Pool.submit

    def counted(pool: Pool, hop: Any) -> None:
        hops.append(hop)
        submit(pool, hop)

    monkeypatch.setattr(Pool, "submit", counted)
    answer = await ask(with_dependencies(Framework("martlet", way)), get("/"))
    assert answer.body == b"4"
    assert len(hops) == (count if anyio_backend_name == "asyncio" else 0)
    if count == 1:
        assert len({event for event in answer.events if isinstance(event, int)}) == 1


@each_way
async def test_the_answer_is_validated_in_a_thread(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    here, seen = threading.get_ident(), []

    def note(value: str) -> str:
        seen.append(threading.get_ident() == here)
        return value

    class Noted(BaseModel):
        text: Annotated[str, AfterValidator(note)]

        @field_serializer("text")
        def written(self, value: str) -> str:
            return note(value)

    @app.get("/", response_model=Noted)
    def read() -> Any:
        return {"text": "a"}

    assert (await ask(app, get("/"))).body == b'{"text":"a"}'
    assert seen == [False, False]


@each_way
async def test_the_endpoint_can_call_back_into_the_loop(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()

    async def answer() -> str:
        await anyio.lowlevel.checkpoint()
        return "from the loop"

    @app.get("/")
    def read() -> str:
        return anyio.from_thread.run(answer)

    assert (await ask(app, get("/"))).body == b'"from the loop"'


@each_way
async def test_exceptions_show_where_they_came_from(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    raised: list[BaseException] = []

    def breaks() -> None:
        raise RuntimeError("broken")

    @app.get("/", dependencies=[fw.Depends(breaks)])
    def read() -> None: ...

    assert (await ask(app, get("/"), raised=raised.append)).status == 500
    assert traceback.extract_tb(raised[0].__traceback__)[-1].name == "breaks"


@each_way
async def test_one_token_is_enough_for_many_requests(way: Way) -> None:
    """A session that waits to be closed gets a thread, though all there are may be waiting for that session."""
    fw = Framework("martlet", way)
    app = fw.app()
    limiter = current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 1
    one = threading.Lock()

    def session() -> Iterator[int]:
        with one:
            yield limiter.borrowed_tokens

    @app.get("/")
    def read(borrowed: Annotated[int, fw.Depends(session)]) -> int:
        return borrowed

    @app.get("/function")
    def read_function(borrowed: Annotated[int, fw.Depends(session, scope="function")]) -> int:
        return borrowed

    bodies = [(await ask(app, get(path))).body for path in ("/", "/function")]
    limiter.total_tokens = before
    assert (bodies, limiter.borrowed_tokens) == ([b"1", b"1"], 0)


@pytest.mark.parametrize("framework", ["martlet", "fastapi"])
async def test_a_request_that_is_out_of_time_goes_no_further(framework: Any, anyio_backend_name: str) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("of tasks that asyncio cancels")
    fw = Framework(framework, "direct")
    app = fw.app()
    begun, ended = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        time.sleep(0.1)
        ended.set()

    @app.get("/", dependencies=[fw.Depends(slow)])
    def read() -> None:
        app.state.events.append("read")

    task = asyncio.ensure_future(ask(app, get("/")))
    while not begun.is_set():  # noqa: ASYNC110 - set in a thread
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not ended.is_set()
    await anyio.to_thread.run_sync(ended.wait)
    await asyncio.sleep(0.02)
    assert app.state.events == []
