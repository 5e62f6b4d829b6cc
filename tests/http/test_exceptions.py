"""Exceptions of every kind, raised wherever a request goes: what is answered, what runs after, what the server sees."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import anyio
import pytest
from starlette.background import BackgroundTasks
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from tests.asking import WAYS, Answer, App, Ask, Framework, Way, ask

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", WAYS)]

PLACES = (
    "dependency",
    "thread dependency",
    "before yield",
    "endpoint",
    "thread endpoint",
    "inner exit",
    "outer exit",
    "thread exit",
    "task",
    "response",
    "started response",
    "first line",
    "later line",
    "event",
    "chunk",
    "result",
    "body",
)


class MineError(Exception):
    """Answered by a handler for its class."""


class PlainError(Exception):
    """Answered by a plain function."""


class SilentError(Exception):
    """Its handler answers nothing."""


class ClumsyError(Exception):
    """Its handler raises another one."""


def kinds(fw: Framework) -> dict[str, Callable[[], Exception]]:
    return {
        "mine": MineError,
        "plain": PlainError,
        "silent": SilentError,
        "clumsy": ClumsyError,
        "of status": lambda: fw.HTTPException(409, "conflict"),
        "http": lambda: fw.HTTPException(403, {"why": "no"}, headers={"x-why": "no"}),
        "starlette": lambda: StarletteHTTPException(404, "nowhere"),
        "no body": lambda: StarletteHTTPException(304),
        "nobody's": lambda: RuntimeError("broken"),
        "group": lambda: ExceptionGroup("several", [ValueError("one")]),
    }


class Places:
    """An app that raises the exception of its `outcome` at the place that the path names.

    Args:
        fw: the framework.
    """

    def __init__(self, fw: Framework) -> None:
        self.fw = fw
        self.app = fw.app()
        self.events = self.app.state.events
        around = self.around()
        for place in PLACES:
            endpoint, options = self.endpoint(place)
            options = {"dependencies": around, "response_model": None, **options}
            self.app.add_api_route(f"/{place.replace(' ', '-')}", endpoint, **options)

    def error(self) -> Exception:
        return kinds(self.fw)[self.app.state.outcome]()

    def at(self, place: str, request: Request) -> None:
        if request.url.path == f"/{place.replace(' ', '-')}":
            raise self.error()

    def around(self) -> list[Any]:
        events, at = self.events, self.at

        async def outer(request: Request) -> AsyncIterator[None]:
            events.append("outer enters")
            at("before yield", request)
            try:
                yield
            except Exception as error:
                events.append(f"outer sees {type(error).__name__}")
                raise
            events.append("outer leaves")
            at("outer exit", request)

        def in_thread(request: Request) -> Iterator[None]:
            try:
                yield
            except Exception as error:
                events.append(f"thread sees {type(error).__name__}")
                raise
            at("thread exit", request)

        async def inner(request: Request, outer: Annotated[None, self.fw.Depends(outer)]) -> AsyncIterator[None]:
            try:
                yield
            except Exception as error:
                events.append(f"inner sees {type(error).__name__}")
                raise
            events.append("inner leaves")
            at("inner exit", request)

        async def dependency(request: Request) -> None:
            at("dependency", request)

        def thread_dependency(request: Request) -> None:
            at("thread dependency", request)

        depends = self.fw.Depends
        return [depends(in_thread), depends(inner, scope="function"), depends(dependency), depends(thread_dependency)]

    def endpoint(self, place: str) -> tuple[Callable[..., Any], dict[str, Any]]:
        """Return what can raise at a place, and the options of its route."""
        if place == "thread endpoint":
            return self.thread_endpoint, {}
        if place == "result":
            return self.result, {"response_model": int}
        if place == "body":
            return self.body(), {"methods": ["POST"]}
        if place.endswith("line"):
            return self.items, {}
        if place == "event":
            return self.items, {"response_class": self.fw.sse.EventSourceResponse}
        if place == "chunk":
            return self.chunks, {"response_class": self.fw.responses.StreamingResponse}
        return self.anywhere, {}

    async def anywhere(self, request: Request, tasks: BackgroundTasks) -> Any:
        self.at("endpoint", request)
        tasks.add_task(self.at, "task", request)
        return Breaking(self) if request.url.path.endswith("response") else {"fine": True}

    def thread_endpoint(self, request: Request) -> None:
        self.at("thread endpoint", request)

    async def result(self) -> str:
        self.events.append("result")
        return "no number"

    def body(self) -> Callable[..., Any]:
        async def take(data: Annotated[dict[str, int], self.fw.Body()]) -> Any:
            return data

        return take

    async def items(self, request: Request) -> AsyncIterator[dict[str, str]]:
        self.at("first line", request)
        yield {"a": "first"}
        self.at("later line", request)
        # An event stream runs in a task of its own: without a pause it may fail before the answer has begun, or after.
        await anyio.sleep(0.01)
        self.at("event", request)
        yield {"a": "later"}

    async def chunks(self, request: Request) -> AsyncIterator[str]:
        yield "first"
        self.at("chunk", request)


class Breaking(Response):
    """A response that raises instead of being sent, or while it is."""

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/started-response":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise self.places.error()


def handle(app: App, *, last: bool) -> None:
    """Declare exception handlers; `last`: one for whatever is nobody's as well."""
    events = app.state.events

    @app.exception_handler(MineError)
    async def mine(request: Request, error: Exception) -> Response:
        events.append(f"handled for {request.scope['endpoint'].__name__}")
        return PlainTextResponse("mine", 418)

    @app.exception_handler(PlainError)
    def plain(request: Request, error: Exception) -> Response:
        return PlainTextResponse("plain", 418)

    @app.exception_handler(SilentError)
    async def silent(request: Request, error: Exception) -> None:
        events.append("said nothing")

    @app.exception_handler(ClumsyError)
    async def clumsy(request: Request, error: Exception) -> Response:
        raise ValueError("clumsy")

    @app.exception_handler(409)
    async def conflict(request: Request, error: Exception) -> Response:
        return PlainTextResponse(f"conflict for {request.method}", 409)

    if last:

        @app.exception_handler(Exception)
        async def anything(request: Request, error: Exception) -> Response:
            return PlainTextResponse(f"sorry: {error!r}", 500)


async def answers(fw: Framework, requests: list[Ask], *, last: bool) -> list[Answer]:
    app = Places(fw).app
    handle(app, last=last)
    return [await ask(app, request) for request in requests]


@pytest.mark.parametrize("last", [False, True], ids=["nobody's goes up", "nobody's is handled"])
@pytest.mark.parametrize("place", PLACES)
async def test_answer_and_order_are_those_of_fastapi(place: str, way: Way, last: bool) -> None:
    method = "POST" if place == "body" else "GET"
    target = f"{method} /{place.replace(' ', '-')}"
    requests = [Ask(target, [("x-kind", kind)], outcome=kind) for kind in kinds(Framework("martlet"))]
    if place == "body":
        requests = [Ask(target, [("content-type", "application/json")], b"{}", raises=MineError("away"))]
    expected = await answers(Framework("fastapi", way), requests, last=last)
    found = await answers(Framework("martlet", way), requests, last=last)
    for request, one, other in zip(requests, expected, found, strict=True):
        assert other == one, request.outcome
