"""How connections end: what takes too long, clients that leave, and servers that stop."""

import asyncio
import logging
import select
import socket

import pytest
from starlette.types import Receive, Scope, Send

from martlet.cli.servers.http1 import connection as connecting
from tests.cli.servers.http1.talk import GET, HELLO, Talk, echo, turn

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (b"", 10),  # a new connection
        (b"GE", 10),
        (GET, 5),  # between two requests
        (GET + b"GET / HT", 10),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\n\r\n", 10),  # (answered already)
    ],
)
async def test_a_connection_that_waits_for_its_client_for_too_long_is_closed(said: bytes, seconds: int) -> None:
    talk = Talk(HELLO)
    await talk.say(said)
    for _ in range(seconds):
        talk.connection.sweep()
    assert not talk.transport.closing
    talk.connection.sweep()
    assert talk.transport.closing
    await talk.end()


async def test_a_body_that_is_dropped_does_not_come_for_ever() -> None:
    talk = Talk(HELLO)
    await talk.say(b"POST / HTTP/1.1\r\ncontent-length: 100\r\n\r\n")
    for _ in range(11):
        await talk.say(b"a")
        talk.connection.sweep()
    assert talk.transport.closing
    await talk.end()


async def test_an_answer_that_is_read_slowly_has_its_time_and_one_that_is_not_read_does_not() -> None:
    talk = Talk(HELLO)
    await talk.say(GET)
    for unread in range(100, 0, -1):
        talk.transport.unread = unread
        talk.connection.sweep()
    assert not talk.transport.closing
    for _ in range(60):
        talk.connection.sweep()
    assert not talk.transport.closing
    talk.connection.sweep()
    assert talk.transport.aborted
    await talk.end()


@pytest.mark.parametrize("behind", [GET, b"no request\r\n\r\n"])
@pytest.mark.parametrize("where", ["here", "elsewhere", "on Windows"])
async def test_a_client_that_leaves_is_noticed_though_nothing_is_read(
    behind: bytes, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        left.append(scope["path"])

    if where == "elsewhere":
        monkeypatch.setattr(connecting, "_HAS_HUNG_UP", 0)
    elif where == "on Windows":
        monkeypatch.delattr(select, "poll")
    left: list[str] = []
    here, there = socket.socketpair()
    with here, there:
        talk = Talk(app)
        talk.transport.socket = here
        await talk.say(b"GET /waits HTTP/1.1\r\n\r\n" + behind)
        talk.connection.sweep()
        assert not talk.transport.closing
        there.close()
        talk.connection.sweep()
        await turn(5)
    assert left == ([] if where == "on Windows" else ["/waits"])
    await talk.end()


async def test_a_connection_that_is_asked_again_has_all_its_time() -> None:
    talk = Talk(HELLO, timeout_keep_alive=3)
    for request in (GET, GET, b"GET / HT", b"TP/1.1\r\n\r\n"):
        await talk.say(request)
        for _ in range(3):
            talk.connection.sweep()
    assert not talk.transport.closing
    await talk.end()


async def test_nothing_is_closed_while_the_app_works_on_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.Event().wait()

    talk = Talk(app)
    await talk.say(GET)
    for _ in range(100):
        talk.connection.sweep()
    assert not talk.transport.closing
    talk.connection.connection_lost(None)
    for task in talk.state.tasks:
        task.cancel()
    await talk.end()


@pytest.mark.parametrize("said", [b"", GET])
async def test_an_idle_connection_ends_at_once(said: bytes) -> None:
    talk = Talk(HELLO)
    await talk.say(said)
    talk.connection.shutdown()
    assert talk.transport.closing
    await talk.end()


@pytest.mark.parametrize("query", [b"wait", b"stream&wait"])
async def test_a_connection_that_is_asked_ends_when_it_has_answered(query: bytes) -> None:
    talk = Talk(echo)
    said = await talk.say(b"GET /?%b HTTP/1.1\r\n\r\n" % query + GET, turns=1 + (query != b"wait"))
    talk.connection.shutdown()
    assert not talk.transport.closing
    said += await talk.say()
    assert said.count(b"HTTP/1.1 200") == 1
    assert (b"connection: close" in said) == (query == b"wait")  # otherwise its head had left
    assert talk.transport.closing
    await talk.end()


async def test_the_last_answer_says_so() -> None:
    talk = Talk(HELLO)
    assert b"connection" not in await talk.say(GET)
    talk.connection.is_last = True
    assert b"connection: close\r\n" in await talk.say(GET)
    assert talk.transport.closing
    await talk.end()


async def test_what_was_asked_and_has_not_begun_is_forgotten_when_the_client_leaves() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(scope["path"])
        await receive()
        assert (await receive())["type"] == "http.disconnect"

    begun: list[str] = []
    talk = Talk(app)
    await talk.say(b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n")
    talk.connection.connection_lost(ConnectionResetError())
    await turn(10)
    assert begun == ["/1"]
    await talk.end()


async def test_access_is_logged_where_somebody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("uvicorn.access"), "hasHandlers", lambda: True)
    assert Talk(HELLO).connection.logs_access
    monkeypatch.setattr(logging.getLogger("uvicorn.access"), "hasHandlers", lambda: False)
    assert not Talk(HELLO).connection.logs_access


def test_limits_are_those_of_the_docs() -> None:
    assert (connecting._MOST_HEADERS, connecting._LONGEST_HEAD) == (1000, 128 * 1024)
