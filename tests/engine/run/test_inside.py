"""http middleware driven by `run/inside.py` against Starlette's own, event by event, and what only ours can."""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.background import BackgroundTask
from starlette.middleware.base import BaseHTTPMiddleware, _StreamingResponse
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.run import inside
from martlet._engine.run.inside import Inside
from martlet._engine.serve.middleware import stand_in
from martlet._engine.serve.middleware.http import Driven
from martlet._engine.words.errors import UnexpectedMessageError

CallNext = Callable[[Request], Awaitable[Response]]
VALUE: contextvars.ContextVar[str] = contextvars.ContextVar("value", default="unset")


class Trouble(Exception):
    """What apps and middlewares of these tests raise."""


@dataclass
class Case:
    """An app with middlewares around it, and a log of what happens in them, in order.

    Args:
        inner: what the app inside does.
        around: what the middlewares do, the outermost first.
        chunks: how many parts the body of the answer has.
        body: the parts of the request's body.
        leaves: whether the client has left behind its request.
    """

    inner: str
    around: Sequence[str]
    chunks: int = 2
    body: Sequence[bytes] = (b"",)
    leaves: bool = False
    log: list[str] = field(default_factory=list)

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: C901, PLR0912 - one if a kind
        """Answer as `inner` says."""
        kind = self.inner
        self.log.append("in")
        try:
            if kind == "waits first":
                await asyncio.sleep(0.001)
            if kind == "reads":
                while (message := await receive()).get("more_body"):
                    self.log.append(f"read {message['body']!r}")
                self.log.append(f"read {message}")
            if kind == "fails first":
                raise Trouble("first") from ValueError("cause")
            if kind == "says nothing":
                return
            if kind == "listens beside":
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(self.listen, receive)
                    await PlainTextResponse("hello")(scope, receive, send)
                return
            if kind == "debug":
                await send({"type": "http.response.debug", "info": {"template": "t"}})
            if kind == "early hint":
                await send({"type": "http.response.early_hint", "links": []})
            await send({"type": "http.response.start", "status": 200, "headers": [(b"x-inner", b"1")]})
            if kind == "pathsend":
                await send({"type": "http.response.pathsend", "path": "/file"})
                return
            for number in range(self.chunks):
                if kind == "fails later" and number == 1:
                    raise Trouble("later")
                if kind == "waits between":
                    await asyncio.sleep(0.001)
                await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})
            if kind == "in a task group":
                async with anyio.create_task_group() as tasks:
                    part = {"type": "http.response.body", "body": b"t", "more_body": True}
                    tasks.start_soon(send, part)  # type: ignore[arg-type]  # a coroutine function
            await send({"type": "http.response.body", "body": b"end", "more_body": False})
            self.log.append("sent")
            if kind == "listens":
                self.log.append(f"heard {await receive()}")
            if kind == "goes on":
                await asyncio.sleep(0.002)
                await send({"type": "http.response.body", "body": b"too late"})
                self.log.append("went on")
            if kind == "fails at last":
                raise Trouble("at last")
        except asyncio.CancelledError:
            self.log.append("cancelled inside")
            raise
        finally:
            self.log.append("out")

    async def listen(self, receive: Receive) -> None:
        """Note that the client has left; when it is heard before that is a matter of turns."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.log.append("left")

    def dispatch(self, kind: str) -> Callable[[Request, CallNext], Awaitable[Response]]:  # noqa: C901 - one if a kind
        """Return the function of one middleware."""

        async def changed(response: Any) -> AsyncIterator[Any]:
            async for chunk in response.body_iterator:
                yield chunk.upper() if isinstance(chunk, bytes) else chunk

        async def dispatch(request: Request, call_next: CallNext) -> Response:  # noqa: C901, PLR0912 - one if a kind
            self.log.append(f"before {kind}")
            if kind == "reads the body":
                self.log.append(f"body {await request.body()!r}")
            if kind == "streams the body":
                self.log.append(f"stream {[chunk async for chunk in request.stream()]}")
            if kind == "answers itself":
                return PlainTextResponse("itself")
            if kind == "fails before":
                raise Trouble("before")
            response = Response()
            if kind == "in a scope":
                with anyio.move_on_after(5):
                    response = await call_next(request)
            elif kind == "in a task group":
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(anyio.sleep, 0)
                    response = await call_next(request)
            elif kind == "in a task":
                response = await asyncio.create_task(call_next(request))  # type: ignore[arg-type]  # a coroutine
            elif kind == "catches":
                try:
                    response = await call_next(request)
                except Exception as error:
                    self.log.append(f"caught {error!r}")
                    return PlainTextResponse("caught", status_code=500)
            else:
                response = await call_next(request)
            self.log.append(f"after {kind} {response.status_code}")
            if kind == "fails after":
                raise Trouble("after")
            if kind == "discards":
                return PlainTextResponse("instead")
            if kind == "changes":
                return StreamingResponse(changed(response), headers={"x-changed": "1"})
            if kind == "takes all":
                parts = [chunk async for chunk in response.body_iterator]  # type: ignore[attr-defined]
                return Response(repr(parts), background=BackgroundTask(self.log.append, "background"))
            response.headers["x-around"] = kind
            return response

        return dispatch


AROUND = ["passes", "reads the body", "streams the body", "answers itself", "fails before", "in a scope"]
AROUND += ["in a task group", "in a task", "catches", "fails after", "discards", "changes", "takes all"]
INNER = ["plain", "waits first", "reads", "fails first", "says nothing", "debug", "early hint", "pathsend"]
INNER += ["fails later", "waits between", "in a task group", "listens", "goes on", "fails at last", "listens beside"]


def stacked(case: Case, *, driven: bool) -> ASGIApp:
    """Return the case's app, driven by Starlette or by us."""
    app: ASGIApp = case.app
    for kind in reversed(case.around):
        made = stand_in(BaseHTTPMiddleware) if driven else BaseHTTPMiddleware
        app = made(app, dispatch=case.dispatch(kind))
    return app


async def events(app: ASGIApp, case: Case, version: str) -> list[Any]:
    """Send one request and return what was sent and raised."""
    sent: list[Any] = []
    left = [{"type": "http.request", "body": part, "more_body": True} for part in case.body]
    left[-1]["more_body"] = False

    async def receive() -> Message:
        if left:
            return left.pop(0)
        if not case.leaves:
            await anyio.sleep(5)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    scope["asgi"] = {"version": "3.0", "spec_version": version}
    try:
        with anyio.fail_after(3):
            await app(scope, receive, send)
    except Exception as error:
        # (Other causes tell of Starlette's task groups and streams.)
        sent.append(f"{error!r} {error.__cause__ if isinstance(error.__cause__, ValueError) else ''}")
    return sent


def both(case: Case, version: str = "2.4") -> tuple[list[Any], list[Any]]:
    """Return what happens under Starlette and under us."""
    told = []
    for driven in (False, True):
        case.log.clear()
        said = anyio.run(events, stacked(case, driven=driven), case, version)
        told.append([*said, *(entry for entry in case.log)])
    return told[0], told[1]


def by_side(told: Sequence[Any]) -> list[list[Any]]:
    """Return what happened outside and inside, each in its order: where both go on, either may be the first."""
    outside = ("before", "after", "caught", "body", "stream", "background")
    return [
        [each for each in told if not isinstance(each, str) or each.startswith(outside)],
        [each for each in told if isinstance(each, str) and not each.startswith(outside)],
    ]


@pytest.mark.parametrize("inner", INNER)
@pytest.mark.parametrize("around", AROUND)
def test_events_are_starlette_s(inner: str, around: str) -> None:
    theirs, ours = both(Case(inner, [around], leaves=inner == "listens" and around in ("discards", "takes all")))
    assert ours == theirs


@given(
    st.sampled_from(INNER),
    st.lists(st.sampled_from(AROUND), min_size=1, max_size=3),
    st.integers(0, 3),
    st.lists(st.binary(max_size=3), min_size=1, max_size=3),
    st.sampled_from(["2.3", "2.4"]),
)
def test_nested_middlewares_do_as_starlette_s(
    inner: str, around: list[str], chunks: int, body: list[bytes], version: str
) -> None:
    theirs, ours = (by_side(told) for told in both(Case(inner, around, chunks, body), version))
    assert ours == theirs


@given(
    st.sampled_from(INNER), st.lists(st.sampled_from(AROUND), min_size=1, max_size=3), st.sampled_from(["2.3", "2.4"])
)
def test_a_client_that_has_left_keeps_nothing_running(inner: str, around: list[str], version: str) -> None:
    # At which turn it is heard of differs, and so does how much of the answer is still sent to nobody.
    theirs, ours = both(Case(inner, around, leaves=True), version)
    for what in ("in", "out"):
        assert ours.count(what) == theirs.count(what)


@pytest.mark.parametrize("inner", ["waits first", "plain", "waits between", "listens"])
@pytest.mark.parametrize("by", ["task", "scope"])
def test_a_cancelled_request_is_cancelled_on_both_sides(inner: str, by: str) -> None:
    async def outside(case: Case, *, driven: bool) -> list[str]:
        app = stacked(case, driven=driven)
        reached = anyio.Event()

        async def send(message: Message) -> None:
            reached.set()
            await anyio.sleep(5)

        async def receive() -> Message:
            reached.set()
            await anyio.sleep(5)
            raise Trouble("nobody waits so long")

        if inner == "waits first":
            reached.set()
        scope: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
        if by == "scope":
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(app, scope, receive, send)  # type: ignore[arg-type]  # a coroutine function
                await reached.wait()
                await anyio.lowlevel.checkpoint()
                tasks.cancel_scope.cancel()
        else:
            task = asyncio.ensure_future(app(scope, receive, send))
            await reached.wait()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return case.log

    cases = [Case(inner, ["passes"]), Case(inner, ["passes"])]
    theirs, ours = (anyio.run(_with(outside, each, driven=bool(at))) for at, each in enumerate(cases))
    assert ours == theirs
    assert ours[-2:] == ["cancelled inside", "out"]


def _with(function: Callable[..., Awaitable[Any]], *args: Any, **kwargs: Any) -> Callable[[], Awaitable[Any]]:
    return lambda: function(*args, **kwargs)


async def _call(app: ASGIApp, sent: list[Message], method: str = "GET") -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "http", "method": method, "path": "/", "query_string": b"", "headers": []}, receive, send)


def _dispatched(app: ASGIApp, dispatch: Callable[[Request, CallNext], Awaitable[Response]]) -> ASGIApp:
    made: ASGIApp = stand_in(BaseHTTPMiddleware)(app, dispatch=dispatch)
    assert isinstance(made, Driven)
    return made


@pytest.mark.parametrize("is_told", [False, True])
def test_context_variables_pass_both_ways(is_told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    # As on 3.11, and as where Python tells the context of a task (here it is no task's, so nothing is reset in it).
    monkeypatch.setattr(inside, "_context_of", (lambda _: contextvars.copy_context()) if is_told else None)
    seen = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(VALUE.get())
        token = VALUE.set("inside")
        await PlainTextResponse("hello")(scope, receive, send)
        if not is_told:
            VALUE.reset(token)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        token = VALUE.set("outside")
        response = await call_next(request)
        seen.append(VALUE.get())
        VALUE.reset(token)
        seen.append(VALUE.get())
        return response

    sent: list[Message] = []
    anyio.run(_call, _dispatched(inner, dispatch), sent)
    assert seen == ["outside", "inside", "unset"]
    assert sent[0]["status"] == 200


def test_an_answer_can_be_asked_for_again() -> None:
    asked: list[int] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(len(asked))
        await PlainTextResponse(f"try {len(asked)}", status_code=503 if len(asked) < 3 else 200)(scope, receive, send)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        while (response := await call_next(request)).status_code == 503:
            pass
        return response

    sent: list[Message] = []
    anyio.run(_call, _dispatched(inner, dispatch), sent)
    assert [message.get("body") for message in sent[1:]] == [b"try 3", b""]


@pytest.mark.parametrize(("first", "reads"), [(True, False), (False, False), (False, True)])
def test_messages_without_a_place_in_an_answer_are_refused(first: bool, reads: bool) -> None:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        if not first:
            await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.trailers", "headers": []})

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        if reads:
            return Response(b"".join([part async for part in response.body_iterator]))
        return response  # type: ignore[no-any-return]  # Starlette has no public class for it

    with pytest.raises(UnexpectedMessageError, match="plain ASGI app") as raised:
        anyio.run(_call, _dispatched(inner, dispatch), [])
    assert isinstance(raised.value, AssertionError)


def test_the_answer_is_starlette_s_response() -> None:
    log: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("hello")(scope, receive, send)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        response: Any = await call_next(request)
        assert issubclass(type(response), _StreamingResponse)
        assert type(response).__name__ == "_StreamingResponse"
        assert (response.media_type, response.background) == (None, None)
        response.background = BackgroundTask(log.append, "background")
        if request.method == "POST":
            parts = response.body_iterator
            assert response.body_iterator is parts
            response.body_iterator = changed(parts)
        return response  # type: ignore[no-any-return]  # as above

    async def changed(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for part in parts:
            yield part.upper()

    for method, body in (("GET", b"hello"), ("POST", b"HELLO")):
        sent: list[Message] = []
        anyio.run(_call, _dispatched(inner, dispatch), sent, method)
        assert [message.get("body") for message in sent[1:]] == [body, b""]
    assert log == ["background"] * 2


def test_what_cancels_itself_inside_has_no_answer() -> None:
    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        raise asyncio.CancelledError

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        return await call_next(request)

    with pytest.raises(RuntimeError, match="No response returned"):
        anyio.run(_call, _dispatched(inner, dispatch), [])


def test_what_is_not_http_is_handed_on_and_trio_is_served_by_starlette() -> None:
    kinds = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        kinds.append(scope["type"])
        if scope["type"] == "http":
            await PlainTextResponse("hello")(scope, receive, send)

    async def dispatch(request: Request, call_next: CallNext) -> Response:
        return await call_next(request)

    async def unused() -> Message:
        raise Trouble("nothing is received")

    async def ignored(message: Message) -> None:
        raise Trouble("nothing is sent")

    app = _dispatched(inner, dispatch)
    anyio.run(app, {"type": "lifespan"}, unused, ignored)
    sent: list[Message] = []
    anyio.run(_call, app, sent, backend="trio")
    assert kinds == ["lifespan", "http"]
    assert sent[1]["body"] == b"hello"


def test_a_sender_that_is_cancelled_takes_its_message_back() -> None:
    async def main() -> list[bytes]:
        async def inner(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200})
            with anyio.move_on_after(0.001):
                await send({"type": "http.response.body", "body": b"taken back", "more_body": True})
            await send({"type": "http.response.body", "body": b"end"})

        async def unused() -> Message:
            raise Trouble("nothing is received")

        async def ignored(message: Message) -> None:
            raise Trouble("nothing is sent")

        run = Inside(inner, {"type": "http"}, unused, ignored, asyncio.get_running_loop())
        response = await run.respond()
        await anyio.sleep(0.01)
        parts = [chunk async for chunk in response.body_iterator]
        run.stop_listening()
        await run.finish()
        return parts

    assert anyio.run(main) == [b"end"]


async def events_of(app: ASGIApp, scope: Scope) -> list[Message]:
    """Send one request without a body, and return what was sent."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_what_the_app_raises_has_no_cause_of_the_middlewares(depth: int) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise Trouble("inside")

    case = Case("plain", ["passes"] * depth)
    stack: ASGIApp = app
    for kind in case.around:
        stack = stand_in(BaseHTTPMiddleware)(stack, dispatch=case.dispatch(kind))
    scope: Scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}
    with pytest.raises(Trouble, match="inside") as caught:
        anyio.run(events_of, stack, scope)
    assert caught.value.__cause__ is None
