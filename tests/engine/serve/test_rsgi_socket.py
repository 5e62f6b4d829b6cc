"""A WebSocket over RSGI, message by message."""

import asyncio

import pytest
from starlette.types import Message

from martlet._engine.serve.rsgi_socket import Talk
from tests import rsgi

pytestmark = pytest.mark.anyio

ACCEPT = {"type": "websocket.accept"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_what_the_client_says_and_hears() -> None:
    socket = rsgi.Socket(["text", b"bytes"])
    talk = Talk(socket)
    assert await talk.receive() == {"type": "websocket.connect"}
    await talk.send(ACCEPT)
    assert await talk.receive() == {"type": "websocket.receive", "text": "text"}
    assert await talk.receive() == {"type": "websocket.receive", "bytes": b"bytes"}
    # Both at once: the server would refuse the second.
    say: list[Message] = [{"type": "websocket.send", "text": "a"}, {"type": "websocket.send", "bytes": b"b"}]
    await asyncio.gather(*map(talk.send, say))
    assert socket.heard == ["a", b"b"]
    assert await talk.receive() == {"type": "websocket.disconnect", "code": 1005}
    assert await talk.receive() == {"type": "websocket.disconnect", "code": 1006}
    talk.close()
    assert socket.closed == []


async def test_a_handshake_that_is_refused() -> None:
    socket = rsgi.Socket()
    talk = Talk(socket)
    await talk.receive()
    await talk.send({"type": "websocket.close"})
    talk.close()
    assert (socket.accepted, socket.closed) == (False, [403])
    assert await talk.receive() == {"type": "websocket.disconnect", "code": 1006}
    with pytest.raises(RuntimeError, match="after the WebSocket was closed"):
        await talk.send(ACCEPT)


async def test_an_app_that_returns_closes() -> None:
    socket = rsgi.Socket()
    talk = Talk(socket)
    await talk.send(ACCEPT)
    with pytest.raises(RuntimeError, match="at this point"):
        await talk.send(ACCEPT)
    talk.close()
    assert socket.closed == [None]


async def test_a_connection_that_is_lost() -> None:
    socket = rsgi.Socket()
    talk = Talk(socket)
    await talk.receive()
    await talk.send(ACCEPT)
    socket.is_lost = True
    with pytest.raises(OSError, match="has left"):
        await talk.send({"type": "websocket.send", "text": "a"})
    other = Talk(socket)
    await other.receive()
    await other.send(ACCEPT)
    assert await other.receive() == {"type": "websocket.disconnect", "code": 1006}
