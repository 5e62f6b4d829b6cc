"""WebSocket endpoints: their dependencies, their exits, what refuses the handshake, and who answers exceptions."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocket

from tests import rsgi
from tests.asking import App, Framework, Headers, Way, talk

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", ["direct", "observed"])]


class MineError(Exception):
    """Answered by a handler for its class."""


class Page(BaseModel):
    limit: int = 10


def make(fw: Framework, *, overridden: bool = False) -> App:  # noqa: C901 - one app with all that is tested
    app = fw.app()
    events = app.state.events

    async def user(connection: HTTPConnection, token: Annotated[str | None, fw.Header()] = None) -> str:
        if token == "bad":
            raise fw.HTTPException(401, "who are you", headers={"x-why": "token"})
        return f"{token} at {connection.url.path}"

    def in_thread(websocket: WebSocket) -> str:
        return websocket.url.path

    async def session() -> AsyncIterator[str]:
        events.append("session opens")
        try:
            yield "session"
        except Exception as error:
            events.append(f"session sees {type(error).__name__}")
            raise
        events.append("session closes")

    @app.websocket("/echo/{room}")
    async def echo(
        websocket: WebSocket,
        room: int,
        page: Annotated[Page, fw.Query()],
        user: Annotated[str, fw.Depends(user)],
        path: Annotated[str, fw.Depends(in_thread)],
        session: Annotated[str, fw.Depends(session, scope="function")],
    ) -> None:
        outcome = app.state.outcome
        if outcome == "early":
            raise fw.WebSocketException(1008, "not you")
        await websocket.accept()
        await websocket.send_json({"room": room, "limit": page.limit, "user": user, "path": path, "session": session})
        if outcome == "refuses":
            raise fw.WebSocketException(1011, "broken")
        if outcome == "mine":
            raise MineError
        if outcome == "breaks":
            raise RuntimeError("broken")
        async for text in websocket.iter_text():
            await websocket.send_text(text.upper())

    @app.exception_handler(MineError)
    async def mine(websocket: WebSocket, error: Exception) -> None:
        await websocket.close(3000, "mine")

    async def fake() -> str:
        return "fake"

    if overridden:
        app.dependency_overrides[user] = fake
    return app


@pytest.mark.parametrize(
    ("target", "said", "headers", "outcome"),
    [
        ("/echo/1", ["a", "b"], [("token", "t")], ""),
        ("/echo/1?limit=5", [], [], ""),
        ("/echo/x?limit=y", [], [], ""),
        ("/echo/1", [], [("token", "bad")], ""),
        ("/echo/x", [], [("token", "bad")], ""),
        ("/echo/1", [], [], "early"),
        ("/echo/1", [], [], "refuses"),
        ("/echo/1", [], [], "mine"),
        ("/echo/1", [], [], "breaks"),
        ("/nowhere", [], [], ""),
    ],
)
async def test_conversation_is_that_of_fastapi(
    target: str, said: list[str], headers: Headers, outcome: str, way: Way
) -> None:
    expected = await talk(make(Framework("fastapi", way)), target, *said, headers=headers, outcome=outcome)
    found = await talk(make(Framework("martlet", way)), target, *said, headers=headers, outcome=outcome)
    assert found == expected


@pytest.mark.parametrize(
    ("target", "said", "outcome"),
    [
        ("/echo/1", ["a", "b"], ""),
        ("/echo/x", [], ""),
        ("/echo/1", [], "early"),
        ("/echo/1", [], "refuses"),
        ("/echo/1", [], "breaks"),
        ("/nowhere", [], ""),
    ],
)
async def test_conversation_over_rsgi_is_the_same(
    target: str, said: list[str], outcome: str, way: Way, anyio_backend_name: str
) -> None:
    if anyio_backend_name != "asyncio":
        pytest.skip("servers that speak RSGI run on asyncio")
    expected = await talk(make(Framework("martlet", way)), target, *said, outcome=outcome)
    app: Any = make(Framework("martlet", way))
    app.state.outcome = outcome
    socket = rsgi.Socket(said)
    error = None
    try:
        await app.__rsgi__(rsgi.Scope("GET", target, proto="ws"), socket)
    except Exception as raised:
        error = (type(raised).__name__, str(raised))
    messages = [event for event in expected.events if isinstance(event, dict)]
    assert socket.heard == [event["text"] for event in messages if event["type"] == "websocket.send"]
    assert socket.accepted == any(event["type"] == "websocket.accept" for event in messages)
    # Once, and with the status of a refusal if there was no handshake.
    assert socket.closed in ([], [None] if socket.accepted else [403])
    assert error == expected.error


async def test_overrides_count(way: Way) -> None:
    answer = await talk(make(Framework("martlet", way), overridden=True), "/echo/1")
    assert any('"user":"fake"' in event.get("text", "") for event in answer.events if isinstance(event, dict))
