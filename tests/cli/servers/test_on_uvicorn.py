import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from martlet import FastAPI
from martlet.cli.discover import Target
from martlet.cli.servers.on_uvicorn import LastAnswers, UvicornSite
from martlet.cli.servers.serving import Serving


class Connection:
    cycle: Any
    app: Any

    def __init__(self, **state: Any) -> None:
        self.closed = False
        self.written = b""
        self.transport = SimpleNamespace(close=self.close, write=self.write)
        self.__dict__.update(state)

    def close(self) -> None:
        self.closed = True

    def write(self, data: bytes) -> None:
        self.written += data


def test_connections_that_wait_for_a_head_for_too_long_are_closed() -> None:
    server: Any = UvicornSite(Serving(Target("main", Path())), FastAPI(), [])._server
    done, begun = SimpleNamespace(response_complete=True), SimpleNamespace(response_complete=False)
    fresh = Connection(cycle=None, timeout_keep_alive_task=None)
    second = Connection(cycle=done, timeout_keep_alive_task=None)
    stay = [
        Connection(cycle=begun, timeout_keep_alive_task=None),
        Connection(cycle=done, timeout_keep_alive_task=object()),
        Connection(),  # a WebSocket
    ]
    server.server_state.connections = {fresh, second, *stay}
    server._sweep(0)
    server._sweep(9)
    assert [fresh.closed, second.closed] == [False, False]
    second.cycle = begun
    server._sweep(10)
    server._sweep(11)
    assert [fresh.closed, second.closed] == [True, False]
    assert not any(each.closed for each in stay)
    assert set(server.waiting) == {fresh}


def test_heads_that_grow_without_end_are_refused() -> None:
    server: Any = UvicornSite(Serving(Target("main", Path())), FastAPI(), [])._server
    many, few = [(b"x", b"y")] * 1001, [(b"x", b"y")] * 1000
    scope: Scope = {}
    done, other = SimpleNamespace(scope=scope), SimpleNamespace(scope={})
    refused = [
        Connection(cycle=None, headers=many, url=b"/", scope=scope),
        Connection(cycle=other, headers=many, url=b"/", scope=scope),
        Connection(cycle=None, headers=few, url=b"/" * 131_073, scope=scope),
    ]
    kept = [
        Connection(cycle=None, headers=None, url=b""),
        Connection(cycle=None, headers=few, url=b"/" * 131_072, scope=scope),
        Connection(cycle=done, headers=many, url=b"/", scope=scope),
        Connection(),  # a WebSocket
    ]
    server.server_state.connections = {*refused, *kept}
    server._refuse_large_heads()
    assert [each.closed for each in refused] == [True] * 3
    assert {each.written[:12] for each in refused} == {b"HTTP/1.1 431"}
    assert not any(each.closed or each.written for each in kept)


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    kind = {"http": "http.response.start", "websocket": "websocket.accept"}[scope["type"]]
    await send({"type": kind})
    await send({"type": "http.response.body", "body": b"hello"})


@pytest.mark.parametrize("scope", ["http", "websocket"])
def test_the_last_answer_says_so(scope: str) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(LastAnswers(greet)({"type": scope}, receive, send))
    first, second = sent
    assert first.get("headers") == ([(b"connection", b"close")] if scope == "http" else None)
    assert second == {"type": "http.response.body", "body": b"hello"}


def test_connections_take_leave_before_the_server_stops() -> None:
    server: Any = UvicornSite(Serving(Target("main", Path())), FastAPI(), [])._server
    listeners = [SimpleNamespace(close=lambda: closed.append(True))]
    closed: list[bool] = []
    server.started, server.servers = True, listeners
    asked = SimpleNamespace(response_started=False, keep_alive=True)
    answering = SimpleNamespace(response_started=True, keep_alive=True)
    idle, busy, late = (Connection(cycle=cycle, app=greet) for cycle in (None, asked, answering))
    server.server_state.connections = {idle, busy, late, Connection()}
    assert not server._has_left(0)
    server.leave(10)
    assert closed == [True]
    assert not server._has_left(9)
    assert not server._has_left(9)
    assert all(isinstance(each.app, LastAnswers) and each.app.app is greet for each in (idle, busy, late))
    # Of an answer that has begun, the head says already that the connection stays.
    assert [asked.keep_alive, answering.keep_alive] == [False, True]
    assert server._has_left(10)
    server.server_state.connections = {Connection()}
    assert server._has_left(9), "a WebSocket is told by uvicorn"


def test_a_server_that_has_not_begun_leaves_at_once() -> None:
    server: Any = UvicornSite(Serving(Target("main", Path())), FastAPI(), [])._server
    server.leave(10)
    assert server._has_left(0)
