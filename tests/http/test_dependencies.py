"""Dependencies while requests live: limits, lifetimes, sharing, context, and what overrides change."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, suppress
from contextvars import ContextVar
from typing import Annotated, Any

import anyio
import anyio.abc
import pytest
from starlette.requests import Request
from starlette.responses import Response

from martlet.exceptions import FastAPIError
from tests.asking import WAYS, App, Ask, Framework, Way, ask, get, post

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", WAYS)]


@pytest.mark.parametrize("yields", [False, True])
async def test_no_more_are_inside_than_the_limit_allows(yields: bool, way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    inside, most = 0, 0

    async def enter() -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await anyio.sleep(0.002)

    async def busy() -> None:
        nonlocal inside
        await enter()
        inside -= 1

    async def open_until_answered() -> AsyncIterator[None]:
        nonlocal inside
        await enter()
        yield
        inside -= 1

    chosen = open_until_answered if yields else busy

    @app.get("/", dependencies=[fw.Depends(chosen, max_concurrency=2)])
    async def read() -> None: ...

    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(ask, app, get("/"))
    assert (inside, most) == (0, 2)


@pytest.mark.parametrize("scope", ["function", "request"])
@pytest.mark.parametrize("where", ["straight", "careful"])
async def test_whoever_swallows_an_exception_is_told(scope: str, where: str, way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()

    async def swallow() -> AsyncIterator[None]:
        with suppress(ValueError):
            yield

    @app.post("/", dependencies=[fw.Depends(swallow, scope=scope)])
    async def create(number: Annotated[int, fw.Body()]) -> None:
        raise ValueError

    seen: list[BaseException] = []
    # UTF-16 is read the careful way.
    body = b"1" if where == "straight" else "1".encode("utf-16")
    answer = await ask(app, post("/", body), raised=seen.append)
    assert answer.status == 500
    assert isinstance(seen[0], FastAPIError)
    assert str(seen[0]).startswith("Response not awaited. There's a high chance that")


async def test_context_of_a_dependency_reaches_the_endpoint(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    user: ContextVar[str] = ContextVar("user", default="nobody")

    async def sign_in() -> None:
        user.set("someone")

    async def sign_in_for_long() -> AsyncIterator[None]:
        token = user.set("someone")
        yield
        user.reset(token)

    for path, dependency in (("/once", sign_in), ("/long", sign_in_for_long)):

        @app.get(path, dependencies=[fw.Depends(dependency)])
        async def read() -> str:
            return user.get()

        @app.get(f"{path}/thread", dependencies=[fw.Depends(dependency)])
        def read_in_thread() -> str:
            return user.get()

    for path in ("/once", "/once/thread", "/long", "/long/thread"):
        assert (await ask(app, get(path))).body == b'"someone"', path


async def test_libraries_may_push_exits_of_their_own(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    events = app.state.events

    async def session() -> AsyncIterator[None]:
        yield
        events.append("session closes")

    @app.get("/", dependencies=[fw.Depends(session)])
    async def read(request: Request) -> None:
        function: AsyncExitStack = request.scope["fastapi_function_astack"]
        function.callback(events.append, "function ends")
        inner: AsyncExitStack = request.scope["fastapi_inner_astack"]
        inner.callback(events.append, "request ends")

    answer = await ask(app, get("/"))
    ends = ["function ends", "answer begins", "answer ends", "request ends", "session closes"]
    assert [event for event in answer.events if event in ends] == ends


async def test_an_override_counts_from_the_next_request_on(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()

    def real() -> str:
        return "real"

    def fake() -> Iterator[str]:
        yield "fake"

    @app.get("/")
    async def read(value: Annotated[str, fw.Depends(real)]) -> str:
        return value

    async def answered() -> bytes:
        return (await ask(app, get("/"))).body

    assert await answered() == b'"real"'
    app.dependency_overrides[real] = fake
    assert await answered() == b'"fake"'
    app.dependency_overrides[real] = lambda: "other"
    assert await answered() == b'"other"'
    app.dependency_overrides.clear()
    assert await answered() == b'"real"'
    app.dependency_overrides = {real: fake}
    assert await answered() == b'"fake"'
    del app.dependency_overrides[real]
    assert await answered() == b'"real"'


def shared(fw: Framework) -> App:
    app = fw.app()
    count = 0

    async def number() -> int:
        nonlocal count
        count += 1
        return count

    async def one(number: Annotated[int, fw.Depends(number)]) -> int:
        return number

    async def other(
        response: Response,
        number: Annotated[int, fw.Depends(number)],
        again: Annotated[int, fw.Depends(number, use_cache=False)],
    ) -> list[int]:
        response.headers["x-number"] = str(number)
        return [number, again]

    @app.get("/")
    async def read(one: Annotated[int, fw.Depends(one)], other: Annotated[list[int], fw.Depends(other)]) -> Any:
        return {"one": one, "other": other}

    return app


async def test_a_dependency_is_called_once_for_a_request(way: Way) -> None:
    ours, theirs = shared(Framework("martlet", way)), shared(Framework("fastapi", way))
    for _ in range(2):
        assert await ask(ours, get("/")) == await ask(theirs, get("/"))


async def test_bad_inputs_are_told_in_order_unless_a_dependency_refuses_first(way: Way) -> None:
    def make(fw: Framework) -> App:
        app = fw.app()

        async def first(a: int) -> None:
            app.state.events.append("first")

        async def guard(token: Annotated[str | None, fw.Header()] = None) -> None:
            app.state.events.append("guard")
            if token is None:
                raise fw.HTTPException(401)

        @app.post("/{p}", dependencies=[fw.Depends(first), fw.Depends(guard)])
        async def create(p: int, q: int, number: Annotated[int, fw.Body()]) -> None: ...

        return app

    ours, theirs = make(Framework("martlet", way)), make(Framework("fastapi", way))
    for request in (
        Ask("POST /x?a=x", [("token", "t")]),
        Ask("POST /x?a=x"),
        Ask("POST /x?a=1&q=x", [("token", "t"), ("content-type", "application/json")], b'"x"'),
        Ask("POST /x?a=x", [("content-type", "application/json")], b"{"),
    ):
        assert await ask(ours, request) == await ask(theirs, request), request


@pytest.mark.parametrize("scope", ["function", "request"])
async def test_a_dependency_may_hold_a_task_group_and_cancel_scopes(scope: str, way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    events = app.state.events

    async def workers() -> AsyncIterator[anyio.abc.TaskGroup]:
        async with anyio.create_task_group() as tasks:
            with anyio.move_on_after(5):
                yield tasks
            events.append("left")

    async def other() -> AsyncIterator[None]:
        with anyio.CancelScope():
            yield

    @app.get("/", dependencies=[fw.Depends(other, scope=scope)])
    async def read(workers: Annotated[Any, fw.Depends(workers, scope=scope)]) -> None:
        async def work() -> None:
            events.append("worked")

        workers.start_soon(work)

    answer = await ask(app, get("/"))
    assert (answer.status, answer.error) == (200, None)
    assert {"left", "worked"} < set(answer.events)


async def test_a_cancelled_request_cleans_up_to_the_end_and_stays_cancelled(way: Way) -> None:
    fw = Framework("martlet", way)
    app = fw.app()
    events = app.state.events

    async def session() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await anyio.sleep(0.001)
            events.append("closed")

    @app.get("/", dependencies=[fw.Depends(session), fw.Depends(session, scope="function", use_cache=False)])
    async def read() -> None:
        await anyio.sleep_forever()

    with anyio.move_on_after(0.01) as cancelled:
        await ask(app, get("/"))
    assert cancelled.cancelled_caught
    assert events == ["closed", "closed"]
