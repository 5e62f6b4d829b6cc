"""Requests that ask for another protocol: WebSockets, which are handed over, and what there is not."""

import json
from typing import Any

import pytest

from tests.cli.servers.http1.talk import GET, HELLO, Talk, echo, told

UPGRADE = b"connection: upgrade\r\nupgrade: websocket\r\n"

pytestmark = pytest.mark.anyio


class WebSocket:
    """Stands for uvicorn's, and keeps what it is given."""

    def __init__(self, config: Any, server_state: Any, app_state: Any) -> None:
        self.data = b""
        self.states = (server_state, app_state)

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.data += data


async def test_a_websocket_is_left_to_what_speaks_it() -> None:
    talk = Talk(echo, ws=WebSocket)
    await talk.say(GET)  # what came before on the connection is none of its business
    assert await talk.say(b"GET /a?b HTTP/1.1\r\n", UPGRADE + b"X-A: b\r\n\r\n") == b""
    made = talk.transport.protocol
    assert made.data == b"GET /a?b HTTP/1.1\r\n" + UPGRADE + b"x-a: b\r\n\r\n"
    assert made.transport is talk.transport
    assert made.states == (talk.state, {"from": "lifespan"})
    assert talk.connection not in talk.state.connections
    assert not talk.transport.closing


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\ncontent-length: 4\r\n" + UPGRADE + b"\r\nbody",
        b"POST / HTTP/1.1\r\ncontent-length: 4\r\n" + UPGRADE + b"\r\nbody",
        b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n" + UPGRADE + b"\r\n4\r\nbody\r\n0\r\n\r\n",
        b"POST / HTTP/1.1\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\ncontent-length: 4\r\n\r\nbody",
        b"GET / HTTP/1.0\r\ncontent-length: 4\r\n" + UPGRADE + b"\r\nbody",
    ],
)
@pytest.mark.parametrize("at", [1, 50, -1, None])
async def test_what_asks_for_an_upgrade_that_there_is_not_is_a_request(request_: bytes, at: int | None) -> None:
    talk = Talk(echo, ws=WebSocket)
    parts = (request_[:at], b"" if at is None else request_[at:])
    said = await talk.say(*parts, b"" if b"1.0" in request_ else GET)
    assert talk.transport.protocol is talk.connection
    assert json.loads(said.split(b"\r\n\r\n")[1].partition(b"HTTP")[0])["body"] == "body"
    if b"1.0" not in request_:
        assert said.count(b"HTTP/1.1 200") == 2
    await talk.end()


async def test_many_requests_that_ask_for_an_upgrade_are_read_one_after_the_other() -> None:
    talk = Talk(HELLO)
    said = await talk.say(b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n" * 3000, turns=7000)
    assert said.count(b"HTTP/1.1 200") == 3000
    await talk.end()


async def test_a_websocket_may_be_asked_for_with_spaces_and_no_body() -> None:
    talk = Talk(echo, ws=WebSocket)
    head = b"GET / HTTP/1.1\r\nconnection: upgrade\r\nupgrade: WebSocket \r\ncontent-length: 0\r\n\r\n"
    assert await talk.say(head) == b""
    assert talk.transport.protocol.data.startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize("more", [b"cookie: %b\r\n" % (b"x" * 8192), b"a: b\r\n" * 129])
async def test_a_websocket_of_a_large_head_is_refused(more: bytes) -> None:
    talk = Talk(echo, ws=WebSocket)
    said = await talk.say(b"GET / HTTP/1.1\r\n" + UPGRADE + more + b"\r\n")
    assert said.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert talk.transport.closing
    await talk.end()


async def test_a_websocket_behind_a_request_that_has_no_answer_yet_is_refused() -> None:
    talk = Talk(echo, ws=WebSocket)
    said = await talk.say(b"GET /?wait HTTP/1.1\r\n\r\n" + b"GET / HTTP/1.1\r\n" + UPGRADE + b"\r\n")
    assert [said.count(b"HTTP/1.1 200"), said.count(b"HTTP/1.1 400")] == [1, 1]
    await talk.end()


@pytest.mark.parametrize("upgrade", ["h2c", "websocket"])
async def test_nothing_speaks_websockets(upgrade: str, caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk(echo, ws="none")
    said = await talk.say(b"GET /a HTTP/1.1\r\nconnection: upgrade\r\nupgrade: %b\r\n\r\n" % upgrade.encode())
    assert told(said)["path"] == "/a"
    assert ("pip install websockets" in caplog.text) == (upgrade == "websocket")
    await talk.end()
