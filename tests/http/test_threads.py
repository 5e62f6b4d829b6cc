"""Plain functions while requests live: how often they go to a thread, what runs there, and what limits them."""

import asyncio
import threading
import time
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from functools import wraps
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
    way: Way, count: int, anyio_backend_name: str, hops: list[Any]
) -> None:
    """The careful way makes five: each call its own, and one to validate the answer."""
    answer = await ask(with_dependencies(Framework("martlet", way)), get("/"))
    assert answer.body == b"4"
    assert len(hops) == (count if anyio_backend_name == "asyncio" else 0)
    if count == 1:
        assert len({event for event in answer.events if isinstance(event, int)}) == 1


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the list of hops that are made."""
    made, submit = [], Pool.submit

    def counted(pool: Pool, hop: Any) -> None:
        made.append(hop)
        submit(pool, hop)

    monkeypatch.setattr(Pool, "submit", counted)
    return made


class Store:
    """What hands sessions out."""

    def __init__(self, app: App, fw: Framework) -> None:
        self.events = app.state.events
        self.error: Exception = fw.HTTPException(409)

    def session(self) -> Iterator[str]:
        in_session.set(True)
        try:
            yield "session"
        except Exception:
            self.events.append("rolled back")
            raise
        finally:
            self.events.append("closed")

    def __call__(self) -> Iterator[str]:
        yield from self.session()

    def fail(self) -> str:
        """Refuse the request."""
        raise self.error


in_session = ContextVar("in_session", default=False)


@pytest.mark.parametrize("scope", ["function", "request"])
@pytest.mark.parametrize("way", COMPILED)
async def test_a_plain_endpoint_shares_a_thread_with_the_first_halves_of_its_dependencies(
    scope: str, way: Way, hops: list[Any], anyio_backend_name: str
) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    events, store = app.state.events, Store(app, fw)

    def user(session: Annotated[str, fw.Depends(store.session, scope=scope)]) -> str:
        return f"user of {session}"

    def first_half_fails(user: Annotated[str, fw.Depends(user)]) -> Iterator[str]:
        yield store.fail()

    @app.get("/")
    def read(
        user: Annotated[str, fw.Depends(user)], session: Annotated[str, fw.Depends(store.session, scope=scope)]
    ) -> str:
        events.append(in_session.get())
        return f"{user}, {session}"

    @app.get("/conflict")
    def conflict(user: Annotated[str, fw.Depends(user)]) -> None:
        store.fail()

    @app.get("/sooner", dependencies=[fw.Depends(first_half_fails, scope=scope)])
    def sooner() -> None:
        events.append("called")

    on_lanes = anyio_backend_name == "asyncio"
    answer = await ask(app, get("/"))
    assert answer.body == b'"user of session, session"'
    order = ["closed", "answer ends"] if scope == "function" else ["answer ends", "closed"]
    assert [event for event in answer.events if event in (True, False, *order)] == [False, *order]
    assert len(hops) == (2 if on_lanes else 0)
    for path in ("/conflict", "/sooner"):
        hops.clear()
        answer = await ask(app, get(path))
        assert answer.status == 409
        assert [each for each in answer.events if each in ("called", "rolled back", "closed")] == [
            "rolled back",
            "closed",
        ]
        assert len(hops) == (2 if on_lanes else 0)


async def test_what_is_no_generator_function_itself_makes_its_generator_in_the_loop(
    hops: list[Any], anyio_backend_name: str
) -> None:
    fw = Framework("martlet", "direct")
    app = fw.app()
    here = threading.get_ident()
    store = Store(app, fw)

    @wraps(store.session)
    def decorated() -> Iterator[str]:
        app.state.events.append(threading.get_ident() == here)
        return store.session()

    @app.get("/", dependencies=[fw.Depends(decorated), fw.Depends(store)])
    def read() -> None: ...

    answer = await ask(app, get("/"))
    assert [each for each in answer.events if each in (True, False)] == [True]
    assert answer.events.count("closed") == 2
    assert len(hops) == (5 if anyio_backend_name == "asyncio" else 0)


@pytest.mark.parametrize("framework", ["martlet", "fastapi"])
async def test_a_request_that_is_cancelled_closes_what_it_has_opened_in_a_thread(framework: Any) -> None:
    fw = Framework(framework, "direct")
    app = fw.app()
    events = app.state.events

    def slow() -> Iterator[None]:
        time.sleep(0.05)
        yield
        events.append("closed")

    def careful() -> Iterator[None]:
        try:
            yield
        finally:
            events.append("closed with care")

    def cancels() -> None:
        anyio.from_thread.run_sync(scope.cancel)

    @app.get("/", dependencies=[fw.Depends(careful), fw.Depends(cancels), fw.Depends(slow)])
    def read() -> None:
        events.append("read")

    with anyio.CancelScope() as scope:
        await ask(app, get("/"))
    assert scope.cancelled_caught
    assert events == ["closed with care"]


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
