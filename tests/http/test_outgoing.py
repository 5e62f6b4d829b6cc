"""Answers against HTTP: nothing of them leaves, whoever made them, and what leaves instead is a 500."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from tests.asking import WAYS, App, Framework, Way, ask, get

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", WAYS)]

WRONG: dict[str, Callable[[], Response]] = {
    "status": lambda: PlainTextResponse("four", 1000),
    "name": lambda: PlainTextResponse("four", headers={"x a": "1"}),
    "value": lambda: JSONResponse("four", headers={"x-a": "1\r\nx-b: 2"}),
    "too long": lambda: PlainTextResponse("four", headers={"content-length": "5"}),
    "too short": lambda: PlainTextResponse("four", headers={"content-length": "3"}),
    "stream": lambda: StreamingResponse(iter(["four"]), headers={"x-a": "\x00"}),
    "short stream": lambda: StreamingResponse(iter(["four"]), headers={"content-length": "3"}),
}


class Mine(Exception):
    """Answered by a handler for its class."""


def make(way: Way, *, server_error: bool = False) -> App:
    app = Framework("martlet", way).app()

    @app.get("/returned")
    async def returned(what: str) -> Any:
        return WRONG[what]()

    @app.get("/handled")
    async def handled() -> Any:
        raise Mine

    @app.get("/draft")
    async def draft(response: Response, value: str, name: str = "x-a") -> str:
        response.headers[name] = value
        return "draft"

    @app.get("/head/{status}")
    async def status(status: int, response: Response) -> str:
        response.status_code = status
        return "status"

    @app.exception_handler(Mine)
    async def mine(_: Any, __: Exception) -> Response:
        return WRONG[app.state.outcome]()

    async def raw(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"\n")]})
        await send({"type": "http.response.body", "body": b"raw"})

    app.mount("/mounted", raw)
    if server_error:

        @app.exception_handler(500)
        async def sorry(_: Any, __: Exception) -> Response:
            return PlainTextResponse("sorry", 500)

    return app


@pytest.mark.parametrize("what", WRONG)
async def test_responses(what: str, way: Way) -> None:
    answer = await ask(make(way), get(f"/returned?what={what}"))
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
    assert answer.error is not None
    assert answer.error[0] == "InvalidAnswerError"


@pytest.mark.parametrize("what", WRONG)
async def test_the_apps_own_500_answers(what: str, way: Way) -> None:
    answer = await ask(make(way, server_error=True), get(f"/returned?what={what}"))
    assert (answer.status, answer.body) == (500, b"sorry")


@pytest.mark.parametrize("what", WRONG)
async def test_answers_of_exception_handlers(what: str, way: Way) -> None:
    answer = await ask(make(way), get("/handled").then(what))
    assert (answer.status, answer.body) == (500, b"Internal Server Error")


@pytest.mark.parametrize(
    "target", ["/draft?value=a%0Ab", "/draft?value=9&name=content-length", "/head/1000", "/mounted/"]
)
async def test_what_is_added_to_an_answer(target: str, way: Way) -> None:
    answer = await ask(make(way), get(target))
    assert answer.status in (None, 500)  # none: the server makes it
    assert answer.error is not None
    assert answer.error[0] == "InvalidAnswerError"


@pytest.mark.parametrize("target", ["/draft?value=a", "/draft?value=7&name=content-length", "/head/999", "/head/299"])
async def test_what_is_legal_leaves(target: str, way: Way) -> None:
    answer = await ask(make(way), get(target))
    assert (answer.error, answer.complete) == (None, True)


async def test_what_middleware_does_to_an_answer(way: Way) -> None:
    app = make(way)

    class Spoiling:
        def __init__(self, app: Any) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            async def spoiled(message: Message) -> None:
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"", b"")]
                await send(message)

            await self.app(scope, receive, spoiled)

    app.add_middleware(Spoiling)
    answer = await ask(app, get("/draft?value=a"))
    assert (answer.status, answer.body) == (500, b"Internal Server Error")
