"""The app inside an http middleware that sends its answer itself: what follows, who hears of errors, who listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.background import BackgroundTask
from starlette.background import BackgroundTasks as StarletteBackgroundTasks
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet import BackgroundTasks, Depends, FastAPI
from martlet._engine.run.last import LastMessage, marking
from martlet._engine.serve.middleware import stand_in
from martlet.testclient import TestClient

CallNext = Callable[[Request], Awaitable[Response]]
START: Message = {"type": "http.response.start", "status": 200, "headers": []}
LAST: Message = {"type": "http.response.body", "body": b"last"}


class Trouble(Exception):
    """What senders of these tests raise."""


def part(body: bytes) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": True}


async def passes(request: Request, call_next: CallNext) -> Response:
    return await call_next(request)


def around(app: ASGIApp, dispatch: Callable[[Request, CallNext], Awaitable[Response]] = passes) -> ASGIApp:
    made: ASGIApp = stand_in(BaseHTTPMiddleware)(app, dispatch=dispatch)
    return made


async def never() -> Message:
    await anyio.sleep(5)
    raise Trouble("nobody waits so long")


class Own(StarletteBackgroundTasks):
    """Without tasks, and may do something all the same."""


async def call(app: ASGIApp, send: Send, receive: Receive = never) -> None:
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    with anyio.fail_after(3):
        await app(scope, receive, send)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("mark", [LastMessage, dict])
def test_what_follows_goes_on_at_once_only_where_that_is_said(mark: Any, waits: bool, depth: int) -> None:
    """Two requests: without the mark, the second one is answered before what follows the first one."""
    log: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if waits:
            await asyncio.sleep(0.001)
        await send(START)
        await send(mark(LAST))
        log.append("follows")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and not message["more_body"]:
            log.append("answered")

    async def main() -> None:
        stack: ASGIApp = app
        for _ in range(depth):
            stack = around(stack)
        await asyncio.gather(call(stack, send), call(stack, send))

    asyncio.run(main())
    assert log == ["answered", "follows"] * 2 if mark is LastMessage else ["answered"] * 2 + ["follows"] * 2


@pytest.mark.parametrize("responds", [False, True])
@pytest.mark.parametrize("has_tasks", [False, True])
def test_an_endpoint_that_adds_no_task_is_done_at_once(has_tasks: bool, responds: bool) -> None:
    log: list[str] = []
    app = FastAPI()

    @app.middleware("http")
    async def dispatch(request: Request, call_next: CallNext) -> Response:
        return await call_next(request)

    async def watched() -> AsyncIterator[None]:
        yield
        log.append("exit")

    async def note() -> None:
        log.append("task")

    @app.get("/", dependencies=[Depends(watched)])
    async def read(tasks: BackgroundTasks) -> Any:
        if has_tasks:
            tasks.add_task(note)
        return Response() if responds else "done"

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            log.append("answered")

    async def main() -> None:
        await asyncio.gather(call(app, send), call(app, send))

    asyncio.run(main())
    assert log == (["answered"] * 2 + ["task", "exit"] * 2 if has_tasks else ["answered", "exit"] * 2)


def test_tasks_from_outside_come_before_what_follows_inside() -> None:
    log: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(LastMessage(LAST))
        log.append("inside")

    async def task() -> None:
        log.append("outside")

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        response.background = BackgroundTask(task)
        return response

    async def send(message: Message) -> None:
        log.append(type(message).__name__)

    asyncio.run(call(around(around(app, dispatch)), send))
    assert log == ["dict", "dict", "dict", "outside", "inside"]


class Server:
    """Takes an answer with nobody in between, or as if somebody were."""

    def __init__(self, *, is_server_s: bool) -> None:
        self.is_server_s = is_server_s
        self.taken: list[tuple[bytes, bool]] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.body":
            self.taken.append((message["body"], message.get("more_body", False)))


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("depth", [1, 2])
def test_the_end_comes_with_the_last_part_where_only_the_server_hears_of_it(depth: int, waits: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        for message in (part(b"first"), part(b""), LAST):
            await send(message)
            await asyncio.sleep(0.001 if waits else 0)

    stack: ASGIApp = app
    for _ in range(depth):
        stack = around(stack)
    server, other = Server(is_server_s=True), Server(is_server_s=False)
    asyncio.run(call(stack, server.send))
    asyncio.run(call(stack, other.send))
    assert other.taken == [(b"first", True), (b"last", True), (b"", False)]
    assert server.taken == ([(b"first", True), (b"last", False)] if depth == 1 else other.taken)


@pytest.mark.parametrize("turns", range(5))
@pytest.mark.parametrize("by", ["task", "wait_for", "group"])
def test_what_is_sent_by_another_task_arrives_whenever_that_begins(by: str, turns: int) -> None:
    taken: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Any) -> None:
        for message in (START, part(b"first"), LAST):
            if by == "task":
                await asyncio.ensure_future(send(message))
            elif by == "wait_for":
                await asyncio.wait_for(send(message), 1)
            else:
                async with anyio.create_task_group() as group:
                    group.start_soon(send, message)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response = await call_next(request)
        for _ in range(turns):
            await asyncio.sleep(0)
        return response

    async def send(message: Message) -> None:
        taken.append(message.get("body", b"head"))

    asyncio.run(call(around(app, dispatch), send))
    assert b"".join(taken) == b"headfirstlast"


def test_what_was_begun_before_the_end_and_comes_after_it_is_dropped() -> None:
    taken: list[bytes] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await asyncio.sleep(0.001)
        late = send(part(b"late"))
        await send(LAST)
        await late

    async def send(message: Message) -> None:
        taken.append(message.get("body", b"head"))

    asyncio.run(call(around(app), send))
    assert taken == [b"head", b"last", b""]


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("hides", [False, True])
@pytest.mark.parametrize("fails_at", [b"first", b"second", b"last"])
def test_what_takes_the_answer_fails_outside(fails_at: bytes, hides: bool, waits: bool) -> None:
    log: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        try:
            for body in (b"first", b"second"):
                if waits:
                    await asyncio.sleep(0.001)
                await send(part(body))
            await send(LAST)
        except BaseException as error:
            log.append(type(error).__name__)
            raise

    async def send(message: Message) -> None:
        if message.get("body") == fails_at:
            raise Trouble("the client has left")

    class Hiding(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await answered[0](scope, receive, send)
            except Trouble:
                log.append("hidden")

    answered: list[Response] = []

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        answered.append(await call_next(request))
        return Hiding() if hides else answered[0]

    stack = around(app, dispatch)
    if hides:
        asyncio.run(call(stack, send))
    else:
        with pytest.raises(Trouble, match="has left"):
            asyncio.run(call(stack, send))
    assert log == (["hidden"] if hides else []) + ["CancelledError"]


async def leaves_in_the_middle(request: Request, call_next: CallNext) -> Response:
    """Send the beginning of the answer, and go on without it for a moment."""
    answer = await call_next(request)

    class Hasty(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            with anyio.move_on_after(0.001):
                await answer(scope, receive, send)
            await asyncio.sleep(0.02)

    return Hasty()


def test_an_answer_may_be_left_in_the_middle() -> None:
    log: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(part(b"a"))
        await asyncio.sleep(0.01)
        await send(part(b"too late"))
        await send(LAST)
        log.append("out")

    async def send(message: Message) -> None:
        log.append(str(message.get("body", "start")))

    asyncio.run(call(around(app, leaves_in_the_middle), send))
    assert log == ["start", "b'a'", "out"]


def test_an_answer_that_was_left_may_fail_later() -> None:
    log: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(part(b"a"))
        log.append("out")

    async def send(message: Message) -> None:
        if "body" in message:
            await asyncio.sleep(0.01)
            log.append("fails")
            raise Trouble("nobody takes it any more")

    asyncio.run(call(around(app, leaves_in_the_middle), send))
    assert log == ["fails", "out"]


def test_parts_come_from_any_task_inside() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await send(part(b"a"))
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(send, part(b"b"))  # type: ignore[arg-type]  # a coroutine function
        await anyio.sleep(0.001)
        await send({"type": "http.response.body", "body": b""})

    bodies: list[Any] = []

    async def send(message: Message) -> None:
        bodies.append(message.get("body"))

    asyncio.run(call(around(app), send))
    assert bodies == [None, b"a", b"b", b""]


def test_a_request_that_is_cancelled_while_its_answer_is_sent() -> None:
    log: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        try:
            await send(part(b"a"))
        finally:
            log.append("out")

    async def send(message: Message) -> None:
        if "body" in message:
            await asyncio.sleep(5)

    async def main() -> None:
        with anyio.move_on_after(0.01) as scope:
            await call(around(app), send)
        assert scope.cancelled_caught

    asyncio.run(main())
    assert log == ["out"]


@pytest.mark.parametrize("waits", [False, True])
def test_who_listens_hears_that_the_answer_is_complete(waits: bool) -> None:
    heard: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def listen() -> None:
            heard.append(await receive())
            task: Any = asyncio.current_task()
            heard.append(task.cancelling())

        await send(START)
        listener = asyncio.ensure_future(listen())
        await asyncio.sleep(0)
        if waits:
            await asyncio.sleep(0.001)
        await send(LAST)
        await listener

    async def ignore(message: Message) -> None:
        """Send nothing."""

    asyncio.run(call(around(app), ignore))
    assert heard == [{"type": "http.disconnect"}, 0]


@pytest.mark.parametrize("completes", [False, True])
def test_who_listens_can_be_cancelled_by_others(completes: bool) -> None:
    log: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def listen() -> None:
            try:
                await receive()
            except asyncio.CancelledError:
                log.append("cancelled")
                raise

        await send(START)
        listener = asyncio.ensure_future(listen())
        await asyncio.sleep(0)
        listener.cancel()
        if not completes:
            await asyncio.wait([listener])
        await send(LAST)

    async def ignore(message: Message) -> None:
        """Send nothing."""

    asyncio.run(call(around(app), ignore))
    assert log == ["cancelled"]


class Between:
    """A middleware between two http middlewares that notes what passes."""

    def __init__(self, app: ASGIApp, log: list[Any]) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.body":
                self.log.append((message.get("body", b""), message.get("more_body", False)))
            await send(message)

        await self.app(scope, receive, noting)


def test_an_answer_whose_client_is_listened_for_is_ended_once(tmp_path: Path) -> None:
    """Starlette cancels the sending of a file when its client has left, as it is told once the answer is complete."""
    log: list[Any] = []
    (tmp_path / "file.txt").write_text("all")
    app = FastAPI()
    app.mount("/files", StaticFiles(directory=tmp_path))
    app.middleware("http")(passes)
    app.add_middleware(Between, log=log)
    app.middleware("http")(passes)
    assert TestClient(app).get("/files/file.txt").text == "all"
    assert log == [(b"all", True), (b"", False)]


def test_only_the_last_message_is_marked() -> None:
    kinds: list[Any] = []

    async def send(message: Message) -> None:
        kinds.append(type(message))

    async def main() -> None:
        for message in (START, part(b"a"), LAST):
            await marking(Response(), send)(message)

    asyncio.run(main())
    assert kinds == [dict, dict, LastMessage]
    tasks = BackgroundTasks()
    assert marking(Response(background=tasks), send) is not send
    tasks.add_task(main)
    for background in (tasks, BackgroundTask(main), Own()):
        assert marking(Response(background=background), send) is send
