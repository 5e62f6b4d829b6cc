"""The exit stack that outlives the response."""

import pytest
from starlette.types import Message, Receive, Scope, Send

from martlet.middleware.asyncexitstack import AsyncExitStackMiddleware

pytestmark = pytest.mark.anyio


async def receive() -> Message:
    return {"type": "http.request"}


async def test_what_is_put_on_the_stack_is_closed_after_the_response() -> None:
    events: list[object] = []

    async def send(message: Message) -> None:
        events.append(message["type"])

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["fastapi_middleware_astack"].callback(events.append, "closed")
        await send({"type": "http.response.body"})

    await AsyncExitStackMiddleware(app)({"type": "http"}, receive, send)
    assert events == ["http.response.body", "closed"]


async def test_it_closes_on_failure_under_the_name_it_was_given() -> None:
    events: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["mine"].callback(events.append, "closed")
        raise KeyError

    async def send(message: Message) -> None: ...

    with pytest.raises(KeyError):
        await AsyncExitStackMiddleware(app, context_name="mine")({"type": "http"}, receive, send)
    assert events == ["closed"]
