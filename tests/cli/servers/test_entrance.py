import asyncio
from typing import Any

import pytest

from martlet.cli.servers.entrance import Entrance, Health, Socket

GONE = {"type": "websocket.disconnect", "code": 1012, "reason": ""}


class Wire:
    """A server's end: what it has to say, and what it is told."""

    def __init__(self, *messages: Any, blocks: bool = False) -> None:
        self.messages = list(messages)
        self.sent: list[Any] = []
        self.blocks = blocks

    async def receive(self) -> Any:
        if not self.messages:
            await asyncio.Event().wait()
        return self.messages.pop(0)

    async def send(self, message: Any) -> None:
        if self.blocks and message["type"] == "websocket.close":
            await asyncio.Event().wait()
        self.sent.append(message)


def test_a_waiting_endpoint_is_told_after_its_client() -> None:
    wire = Wire({"type": "websocket.connect"})

    async def main() -> None:
        socket = Socket(wire.receive, wire.send)
        assert await socket.receive() == {"type": "websocket.connect"}
        await socket.send({"type": "websocket.accept"})
        waiting = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(0)
        await socket.close()
        await socket.close()
        assert await waiting == GONE
        assert await socket.receive() == GONE
        with pytest.raises(OSError, match="it has closed the WebSocket"):
            await socket.send({"type": "websocket.send", "text": "hi"})

    asyncio.run(main())
    assert wire.sent == [{"type": "websocket.accept"}, {"type": "websocket.close", "code": 1012, "reason": ""}]


def test_an_endpoint_that_is_cancelled_while_it_waits_is_cancelled() -> None:
    async def main() -> None:
        socket = Socket(Wire().receive, Wire().send)
        waiting = asyncio.ensure_future(socket.receive())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())


def test_a_socket_that_was_not_accepted_is_not_closed() -> None:
    wire = Wire()
    asyncio.run(Socket(wire.receive, wire.send).close())
    assert wire.sent == []


async def talk(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "websocket"
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


@pytest.mark.parametrize("blocks", [False, True])
def test_draining_closes_sockets_and_refuses_those_that_come(blocks: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("martlet.cli.servers.entrance._PATIENCE", 0.05)
    wire, late = Wire(blocks=blocks), Wire()

    async def main() -> None:
        entrance = Entrance(talk, {})
        talking = asyncio.ensure_future(entrance({"type": "websocket"}, wire.receive, wire.send))
        await asyncio.sleep(0)
        await entrance.drain()
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
        await entrance({"type": "websocket"}, late.receive, late.send)
        await entrance.drain()

    asyncio.run(main())
    assert [message["type"] for message in wire.sent] == ["websocket.accept", "websocket.close"][: 2 - blocks]
    assert late.sent == [{"type": "websocket.close", "code": 1012}]


async def echo(scope: Any, _receive: Any, send: Any) -> None:
    await send({key: scope.get(key) for key in ("path", "root_path", "raw_path")})


@pytest.mark.parametrize(
    ("root_path", "said"),
    [
        ("", {"path": "/b", "root_path": None, "raw_path": b"/b"}),
        ("/shop", {"path": "/shop/b", "root_path": "/shop", "raw_path": b"/shop/b"}),
    ],
)
def test_requests_are_handed_on(root_path: str, said: dict[str, Any]) -> None:
    wire = Wire()
    entrance = Entrance(echo, {}, root_path)

    async def main() -> None:
        await entrance({"type": "http", "path": "/b", "raw_path": b"/b"}, wire.receive, wire.send)

    asyncio.run(main())
    assert wire.sent == [said]


def test_the_lifespan_is_answered_for_the_app() -> None:
    wire, scope = Wire({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}), {"type": "lifespan", "state": {}}

    async def main() -> None:
        await Entrance(echo, {"pool": 1})(scope, wire.receive, wire.send)

    asyncio.run(main())
    assert scope["state"] == {"pool": 1}
    assert [message["type"] for message in wire.sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_health() -> None:
    wire = Wire()
    health = Health(echo, "/live")

    async def main() -> None:
        await health({"type": "http", "path": "/live"}, wire.receive, wire.send)
        await health({"type": "http", "path": "/b"}, wire.receive, wire.send)

    asyncio.run(main())
    assert [message.get("status") for message in wire.sent] == [200, None, None]
    assert wire.sent[1]["body"] == b'{"status":"ok"}'
