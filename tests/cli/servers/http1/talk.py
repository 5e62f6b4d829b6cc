"""A connection without a network: what comes in is given to it, what it writes is kept."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.server import ServerState

from martlet.cli.servers.http1.connection import Connection
from tests.messages import body, start

GET = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
PLACES = {"peername": ("192.0.2.1", 5000), "sockname": ("192.0.2.2", 80)}
"""Where the client is, and where the server."""


class Transport(asyncio.Transport):
    """Keeps what is written to it.

    Args:
        connection: the protocol.
    """

    def __init__(self, connection: Any) -> None:
        super().__init__()
        self._connection = connection
        self.writes: list[bytes] = []
        # (Any, since mypy does not see that what is done between two asserts changes them)
        self.closing: Any = False
        self.reads: Any = True
        self.protocol: Any = connection
        self.unread = 0
        self.socket: Any = None
        self.aborted: Any = False

    def write(self, data: Any) -> None:
        assert not self.closing
        self.writes.append(bytes(data))

    def close(self) -> None:
        if not self.closing:
            self.closing = True
            asyncio.get_running_loop().call_soon(self._connection.connection_lost, None)

    def abort(self) -> None:
        self.aborted = True
        self.close()

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return bool(self.closing)

    def pause_reading(self) -> None:
        self.reads = False

    def resume_reading(self) -> None:
        self.reads = True

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self.socket if name == "socket" else PLACES.get(name, default)


class Talk:
    """What a client and a server have to do with a connection.

    Args:
        app: what answers.
        protocol: what is between: the connection's class, or uvicorn's own.
        options: of uvicorn's `Config`.
    """

    def __init__(self, app: ASGIApp, protocol: Callable[..., Any] = Connection, **options: Any) -> None:
        config = uvicorn.Config(
            app, interface="asgi3", lifespan="off", log_config=None, access_log=False, proxy_headers=False, **options
        )
        config.load()
        self.state = ServerState()
        self.state.default_headers = [(b"date", b"today")]
        self.connection: Any = protocol(
            config=config, server_state=self.state, app_state={"from": "lifespan"}, _loop=asyncio.get_running_loop()
        )
        self.transport = Transport(self.connection)
        self.connection.connection_made(self.transport)

    async def say(self, *parts: bytes, turns: int = 20) -> bytes:
        """Send parts, and return what was written in so many turns of the loop after the last one."""
        before = len(self.transport.writes)
        for part in parts:
            self.connection.data_received(part)
        await turn(turns)
        return b"".join(self.transport.writes[before:])

    async def end(self) -> None:
        """Have the client leave, and see that nothing is left."""
        if not self.transport.closing:
            self.connection.connection_lost(None)
        await turn(5)
        assert not self.state.tasks
        assert self.connection not in self.state.connections


async def turn(count: int = 1) -> None:
    """Let the loop have so many turns."""
    for _ in range(count):
        await asyncio.sleep(0)


def sending(*messages: Message) -> ASGIApp:
    """Return an app that sends these."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


HELLO = sending(start((b"content-length", b"5")), body(b"hello"))


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with what was asked, in the way that the query asks for: `stream`, `wait`, `fail`, `close`."""
    asked = b""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        asked, more = asked + message["body"], message["more_body"]
    query = scope["query_string"]
    if b"fail" in query:
        raise ValueError("asked to fail")
    said = {key: _text(value) for key, value in scope.items() if key not in ("app", "asgi", "headers", "extensions")}
    said |= {"headers": [(_text(name), _text(value)) for name, value in scope["headers"]], "body": _text(asked)}
    content = json.dumps(said, sort_keys=True).encode()
    headers = [(b"connection", b"close")] if b"close" in query else []
    if b"wait" in query:
        await asyncio.sleep(0)
    if b"stream" not in query:
        await send(start((b"content-length", b"%d" % len(content)), *headers))
        await send(body(content))
        return
    await send(start(*headers))
    for at in range(0, len(content), 100):
        await send(body(content[at : at + 100], more=True))
        if b"wait" in query:
            await asyncio.sleep(0)
    await send(body())


def told(said: bytes) -> dict[str, Any]:
    """Return what `echo` was told of the request."""
    found: dict[str, Any] = json.loads(said.partition(b"\r\n\r\n")[2])
    return found


def _text(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value
