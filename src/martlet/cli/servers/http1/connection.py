"""One connection: its requests, one after the other, as uvicorn asks it of a protocol.

Requests that a client sends ahead are kept until those before them are answered, and no more is read meanwhile. What
takes too long is found by `sweep`, which the server calls every second: no request needs a timer.
"""

import asyncio
import logging
import select
from collections import deque
from contextvars import Context
from typing import Any, Final
from urllib.parse import unquote

import httptools
import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT, FlowControl
from uvicorn.protocols.utils import get_local_addr, get_remote_addr, is_ssl
from uvicorn.server import ServerState

from martlet.cli.servers.http1.exchange import Exchange
from martlet.cli.servers.http1.head import head_of
from martlet.cli.servers.serving import HEAD_DEADLINE, READ_DEADLINE

_LOGGER: Final = logging.getLogger("uvicorn.error")

# A head may have so many headers, and so many bytes behind those that came first: Python needs twenty times the memory
# of what was sent.
_MOST_HEADERS: Final = 1000
_LONGEST_HEAD: Final = 131_072
# What speaks WebSockets takes less, and says nothing of it.
_MOST_OF_A_WEBSOCKET: Final = 128
_LONGEST_OF_A_WEBSOCKET: Final = 8192

_TEXT_AND_CLOSE: Final = ((b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"))
_REFUSED: Final = {400: "Invalid HTTP request received.", 431: "The head of the request is too large."}

# Linux; elsewhere only that a connection was reset is seen.
_HAS_HUNG_UP: Final = getattr(select, "POLLRDHUP", 0)


class HeadTooLargeError(Exception):
    """The head of a request has more headers than it may have."""


class Connection(asyncio.Protocol):
    """Serves HTTP on one connection.

    Args:
        config: how the server was set up.
        server_state: what its connections have in common.
        app_state: what the app's lifespan has left for requests.
        _loop: the loop, if it is not the current one.
    """

    __slots__ = (
        *("_app", "_app_state", "_asgi_version", "_client", "_config", "_expects_continue", "_headers", "_idle"),
        *("_is_open", "_keep_alive", "_parser", "_queue", "_reading", "_refusal", "_root_path", "_scheme", "_server"),
        *("_size", "_stalled", "_stamp", "_stamped", "_state", "_unread", "_url"),
        *("exchange", "flow", "is_last", "logs_access", "loop", "tasks", "transport"),
    )

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.loop: asyncio.AbstractEventLoop = _loop or asyncio.get_running_loop()
        self.logs_access: bool = logging.getLogger("uvicorn.access").hasHandlers()
        self.exchange: Exchange | None = None
        """The request that is answered, or was last; None before the first."""
        self.tasks: set[Any] = server_state.tasks
        """The tasks of all requests."""
        self.is_last = False
        """Whether what is answered next is the last."""
        self._config = config
        self._app: Any = config.loaded_app
        self._app_state = app_state
        self._asgi_version = config.asgi_version
        self._root_path = config.root_path
        self._keep_alive = config.timeout_keep_alive
        self._state: Any = server_state
        self._parser: Any = self._new_parser()
        # Whether a request has begun to come and not ended, and how many bytes of it came that were neither the first
        # nor followed by any of its body; None if there were no first ones.
        self._is_open = False
        self._size: int | None = None
        # The head that is being read.
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._expects_continue = False
        # Whose body is being read, what waits for its turn, and what is answered at last to what is no request.
        self._reading: Exchange | None = None
        self._queue: deque[Exchange] = deque()
        self._refusal = b""
        # For how many seconds the connection has been waiting for its client to say something, and to read; and what
        # there was to be read then, in bytes.
        self._idle = self._stalled = self._unread = 0
        # The end of each head, and the headers of the server's that it was made of.
        self._stamp, self._stamped = b"\r\n", None

    # ------------------------------------------------------------------------------------------------ for the transport

    def connection_made(self, transport: Any) -> None:
        """Begin."""
        self.transport: asyncio.Transport = transport
        self.flow: FlowControl = FlowControl(transport)
        self._server, self._client = get_local_addr(transport), get_remote_addr(transport)
        self._scheme = "https" if is_ssl(transport) else "http"
        self._state.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        """End; what was asked and has not begun is forgotten."""
        self._state.connections.discard(self)
        self._queue.clear()
        self._reading = None
        if self.exchange is not None:
            self.exchange.leave()
            self.exchange = None
        self.flow.resume_writing()
        self._parser = None

    def pause_writing(self) -> None:
        """Note that the client does not read what it is sent."""
        self.flow.pause_writing()

    def resume_writing(self) -> None:
        """Note that the client reads again."""
        self.flow.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        rest: Any = data
        try:
            while rest:
                rest = self._read(rest)
        except httptools.HttpParserError as error:
            self._refuse(431 if isinstance(error.__context__, HeadTooLargeError) else 400)
        else:
            if self._is_open:
                self._wait_for_more(len(data))

    def _read(self, data: Any) -> Any:
        """Have the parser read, and return what it has left because an upgrade was asked for before.

        An upgrade to what is not spoken here is a request like any other (RFC 9110, section 7.8): it is read again by a
        parser that is not told of it, and that also reads its body.

        Raises:
            httptools.HttpParserError: it is no request.
        """
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._parser.get_method() == b"CONNECT":
                raise httptools.HttpParserInvalidMethodError("There are no tunnels here.") from None
            if self._is_websocket():
                self._upgrade()
                return b""
            head = self._head(hidden=b"upgrade")
            self._url, self._headers, self._expects_continue = b"", [], False
            self._parser = self._new_parser()
            self._parser.feed_data(head)
            return memoryview(data)[upgrade.args[0] :]
        return b""

    # --------------------------------------------------------------------------------------------------- for the parser

    def on_url(self, url: bytes) -> None:
        """Take a part of the request's target."""
        self._is_open = True
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header."""
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self._expects_continue = True
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """Have a request answered, or wait for its turn.

        Raises:
            HeadTooLargeError: it has too many headers.
            UnicodeDecodeError: its path is not ASCII.
        """
        parser, headers = self._parser, self._headers
        if len(headers) > _MOST_HEADERS:
            raise HeadTooLargeError
        if parser.should_upgrade():
            self._reading = None  # see `_read`
            return
        raw_path, query = _split(self._url)
        root_path, path = self._root_path, raw_path.decode("ascii")
        version = parser.get_http_version()
        scope = {
            "type": "http",
            "asgi": {"version": self._asgi_version, "spec_version": "2.3"},
            "http_version": version,
            "server": self._server,
            "client": self._client,
            "scheme": self._scheme,
            "method": parser.get_method().decode("ascii"),
            "root_path": root_path,
            "path": root_path + (unquote(path) if "%" in path else path),
            "raw_path": root_path.encode() + raw_path if root_path else raw_path,
            "query_string": query,
            "headers": headers,
            "state": self._app_state.copy(),
        }
        stays = version >= "1.1" and parser.should_keep_alive()
        reading = self._reading = Exchange(
            self, scope, keep_alive=stays, expects_continue=self._expects_continue and version >= "1.1"
        )
        self._url, self._headers, self._size, self._expects_continue = b"", [], None, False
        if self._is_answering():
            self.flow.pause_reading()
            self._queue.append(reading)
        else:
            self._begin(reading)

    def on_body(self, data: bytes) -> None:
        """Take a part of a body; no more is read while much of it waits for the app."""
        self._size = None
        if self._reading is not None and self._reading.take_body(data) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """Note the end of a request. What came after the chunks of its body (trailers) is not given to the app."""
        self._is_open = False
        if self._reading is not None:
            self._reading.end_body()
            if self._headers:
                self._headers, self._expects_continue = [], False
                if not self._parser.should_keep_alive():
                    self._end_after(self._reading)  # (a trailer said so)

    # ---------------------------------------------------------------------------------------------------- for exchanges

    def stamp(self) -> bytes:
        """Return the end of a head: what the server says in each, and the empty line."""
        headers = self._state.default_headers
        if headers is not self._stamped:
            self._stamp, self._stamped = b"".join([*head_of(200, headers)[0][1:], b"\r\n"]), headers
        return self._stamp

    def resume_reading(self) -> None:
        """Read on, unless requests wait for their turn."""
        if not (self._queue or self._refusal):
            self.flow.resume_reading()

    def end(self, exchange: Exchange) -> None:
        """Note that a request has its answer, and go on."""
        self._state.total_requests += 1
        if not exchange.keep_alive:
            self.transport.close()
        elif self._queue:
            self._begin(self._queue.popleft())
        elif self._refusal:
            self._say_refusal()
        else:
            self._idle = 0
            self.flow.resume_reading()

    # --------------------------------------------------------------------------------------------------- for the server

    def sweep(self) -> None:
        """Note that a second has passed, and end a connection that has been waiting for its client for too long, or
        whose client has left while nothing was read.
        """
        transport, unread = self.transport, self.transport.get_write_buffer_size()
        self._stalled = self._stalled + 1 if unread and unread == self._unread else 0
        self._unread = unread
        if self._stalled > READ_DEADLINE or (self.flow.read_paused and _has_hung_up(transport)):
            transport.abort()
        elif unread:
            self._idle = 0
        elif not self._is_answering():
            self._idle += 1
            is_between = self._reading is not None and not self._is_open
            if self._idle > (self._keep_alive if is_between else HEAD_DEADLINE):
                transport.close()

    def shutdown(self) -> None:
        """End as soon as what is being answered has its answer."""
        self._end_after(self.exchange)

    # ------------------------------------------------------------------------------------------ within

    def _begin(self, exchange: Exchange) -> None:
        self.exchange = exchange
        # What a request sets in its context is nobody else's business.
        exchange.task = self.loop.create_task(exchange.run(self._app), context=Context())
        self.tasks.add(exchange.task)

    def _end_after(self, exchange: Exchange | None) -> None:
        """End as soon as a request has its answer."""
        if exchange is None or exchange.is_complete:
            self.transport.close()
        else:
            exchange.keep_alive = False

    def _is_answering(self) -> bool:
        return self.exchange is not None and not self.exchange.is_complete

    def _wait_for_more(self, size: int) -> None:
        """Note that a request has not come to its end; what is no body of it may not come without end."""
        if self._size is None:
            self._size = 0
            if self._reading is None or not self._reading.is_complete:
                self._idle = 0
            return
        self._size += size
        if self._size > _LONGEST_HEAD or len(self._headers) > _MOST_HEADERS:
            self._refuse(431)

    def _refuse(self, status: int) -> None:
        """Answer what is no request, once those before it have their answers; nothing else is read."""
        why = _REFUSED[status]
        _LOGGER.warning(why)
        lines, _, _ = head_of(status, (*_TEXT_AND_CLOSE, (b"content-length", b"%d" % len(why))))
        self._refusal = b"".join([*lines, self.stamp(), why.encode()])
        self.flow.pause_reading()
        broken_off = None if self._reading is None or self._reading.is_whole else self._reading
        if broken_off is not None and self._queue:
            self._queue.pop()
        elif broken_off is not None and broken_off.is_complete:
            self.transport.close()  # it has its answer
        elif broken_off is not None or not self._is_answering():
            self._say_refusal()

    def _say_refusal(self) -> None:
        is_between = self.exchange is None or self.exchange.is_complete or not self.exchange.has_begun
        if is_between and not self.transport.is_closing():
            self.transport.write(self._refusal)
        self.transport.close()

    def _new_parser(self) -> Any:
        parser: Any = httptools.HttpRequestParser(self)
        # A client that has said that a request is its last one, and sends more, has its answer all the same.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        return parser

    def _head(self, hidden: bytes = b"") -> bytes:
        """Return the head that was read, without a header that is hidden."""
        version = self._parser.get_http_version().encode()
        lines = [b"%b %b HTTP/%b" % (self._parser.get_method(), self._url, version)]
        lines += [b"%b: %b" % header for header in self._headers if header[0] != hidden]
        return b"\r\n".join([*lines, b"", b""])

    def _is_websocket(self) -> bool:
        """Whether the head asks for a WebSocket (RFC 6455, section 4.1), and there is what speaks that."""
        said = {name: value.strip().lower() for name, value in self._headers}
        has_body = b"transfer-encoding" in said or said.get(b"content-length", b"0") != b"0"
        is_get = self._parser.get_method() == b"GET" and self._parser.get_http_version() >= "1.1"
        if said.get(b"upgrade") != b"websocket" or has_body or not is_get:
            return False
        if self._config.ws_protocol_class is None:
            _LOGGER.warning("There is no library for WebSockets, and one is asked for. Try: pip install websockets")
            return False
        return True

    def _upgrade(self) -> None:
        """Leave the connection to what speaks WebSockets, which is given the head anew."""
        head = self._head()
        if self._is_answering():
            self._refuse(400)
            return
        if len(self._headers) > _MOST_OF_A_WEBSOCKET or max(map(len, head.split(b"\r\n"))) > _LONGEST_OF_A_WEBSOCKET:
            self._refuse(431)
            return
        self._state.connections.discard(self)
        made: Any = self._config.ws_protocol_class
        talk = made(config=self._config, server_state=self._state, app_state=self._app_state)
        talk.connection_made(self.transport)
        self.transport.set_protocol(talk)
        self._parser = None
        talk.data_received(head)


def _has_hung_up(transport: asyncio.Transport) -> bool:
    """Whether the client has left, or will say nothing more; where nothing is read, nobody hears of it otherwise."""
    if not hasattr(select, "poll"):
        return False  # Windows
    waiting = select.poll()
    waiting.register(transport.get_extra_info("socket"), _HAS_HUNG_UP)
    return bool(waiting.poll(0))


def _split(url: bytes) -> tuple[bytes, bytes]:
    """Return path and query of a request's target (RFC 9112, section 3.2).

    Raises:
        httptools.HttpParserInvalidURLError: it is none.
    """
    if url.startswith(b"/") and b"#" not in url:
        path, _, query = url.partition(b"?")
        return path, query
    parsed = httptools.parse_url(url)
    return parsed.path or b"/", parsed.query or b""
