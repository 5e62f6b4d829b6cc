"""What may leave: the status, the headers and the length of an answer, held to HTTP before a byte of it is sent.

A server that is given an answer against HTTP does something of its own: it drops a header, cuts the body, closes the
connection, or ends with its worker. Here it is an `InvalidAnswerError`, and that is a 500 as any other exception is.
What a handler is compiled to say is known to be right; checked is what users say at run time. HEAD and 304 are free of
the rule for the length, since they announce a body that they do not have (RFC 9110, sections 9.3.2 and 15.4.5).
"""

import re
from collections.abc import Awaitable, Iterable
from typing import Any, ClassVar, Final, Protocol

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.words.errors import InvalidAnswerError

RawHeaders = list[tuple[bytes, bytes]]

# Set in the scope once an answer has begun, where that is not known otherwise.
STARTED: Final = "martlet.started"

# RFC 9110, sections 5.1 and 5.5: a name is a token; in a value no control character stands but the tab.
_is_name = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+").fullmatch
_is_value = re.compile(rb"[^\x00-\x08\x0a-\x1f\x7f]*").fullmatch

# PERF: `bench stack`. Headers that were found legal, for most headers of most answers are the same.
_LEGAL: Final[set[tuple[bytes, bytes]]] = set()
_MOST_LEGAL: Final = 4096
# What is too long to be remembered, and which headers differ from answer to answer or are nobody else's to keep.
_TOO_LONG: Final = 64
_EACH_ITS_OWN: Final = frozenset({b"content-length", b"date", b"set-cookie"})


def is_said_often(name: bytes, value: bytes) -> bool:
    """Whether a header of one answer may be remembered for others."""
    return len(name) + len(value) <= _TOO_LONG and name.lower() not in _EACH_ITS_OWN


def check_status(status: Any) -> None:
    """Refuse a status that is none.

    Raises:
        InvalidAnswerError: it is not of 100 to 999.
    """
    if not (isinstance(status, int) and 100 <= status <= 999):
        raise InvalidAnswerError(f"An answer cannot have the status {status!r}.", "Use a number from 100 to 999.")


def check_final_status(status: Any) -> None:
    """Refuse likewise where the server sends nothing after it.

    Raises:
        InvalidAnswerError: it is not of 200 to 999.
    """
    check_status(status)
    if status < 200:
        raise InvalidAnswerError(
            f"{int(status)} is no status of an answer: another one comes after it.", "Use a number from 200 to 999."
        )


def check_head(status: Any, headers: Iterable[tuple[bytes, bytes]]) -> int | None:
    """Return the length that the headers announce, None where they announce none.

    Raises:
        InvalidAnswerError: the status is not of 100 to 999; a header's name or value is not legal; the length is none,
            or there are two.
    """
    check_status(status)
    length = None
    for header in headers:
        try:
            if header in _LEGAL:
                continue
        except TypeError:
            pass  # a list, which ASGI allows
        name, value = header
        announced = check_header(name, value)
        if announced is not None:
            length = agreed_length(length, announced)
        elif is_said_often(bytes(name), value):
            if len(_LEGAL) >= _MOST_LEGAL:
                _LEGAL.clear()
            _LEGAL.add((bytes(name), bytes(value)))
    return length


def check_header(name: bytes, value: bytes) -> int | None:
    """Return the length that a header announces, None where it announces none.

    Raises:
        InvalidAnswerError: its name or value is not legal; the length is none.
    """
    if name == b"content-length" and value.isdigit():
        return int(value)
    if not _is_name(name):
        raise InvalidAnswerError(
            f"A header cannot be named {name!r}.", "Use letters, digits and hyphens, and at least one of them."
        )
    if not _is_value(value):
        raise InvalidAnswerError(
            f"The header {name!r} cannot have the value {value!r}.",
            "Take line breaks and control characters out of it, or encode them.",
        )
    return _length(value) if len(name) == 14 and name.lower() == b"content-length" else None


def _length(value: bytes) -> int:
    if not value.isdigit():
        raise InvalidAnswerError(
            f"{value!r} is no length of a body.", "Leave the header content-length to the framework."
        )
    return int(value)


def agreed_length(before: int | None, announced: int) -> int:
    """Return the length that an answer announces; two would let who stands in between believe either (RFC 9112,
    section 6.3).

    Args:
        before: what a header before has announced; None if there was none.
        announced: what this one does.

    Raises:
        InvalidAnswerError: they are not the same.
    """
    if before is not None and before != announced:
        raise InvalidAnswerError(
            f"The header content-length is there twice, and announces {before} and {announced} bytes.",
            "Leave the header to the framework.",
        )
    return announced


def check_length(announced: int, sent: int, *, complete: bool) -> None:
    """Refuse a body of another length than its header announces.

    Args:
        announced: what the header says.
        sent: what there is of the body.
        complete: whether that is all of it.

    Raises:
        InvalidAnswerError: it is too long already, or too short at its end.
    """
    if sent > announced or (complete and sent < announced):
        raise InvalidAnswerError(
            f"The header content-length announces {announced} bytes, and the body has {sent}.",
            "Leave the header to the framework, or set it to the length of the body in bytes.",
        )


def checked(headers: RawHeaders, content: bytes) -> RawHeaders:
    """Return the headers that users add to the answer `content`.

    Raises:
        InvalidAnswerError: one of them is not legal, or announces another length.
    """
    if headers:
        announced = check_head(200, headers)
        if announced is not None:
            check_length(announced, len(content), complete=True)
    return headers


def is_bodiless(status: int) -> bool:
    """Whether answers of a status have no body at all (RFC 9110, section 6.4.1)."""
    return status < 200 or status in (204, 304)


class ServerSide(Protocol):
    """What is behind the `send` of a server of ours. It holds what leaves to HTTP, and what joins messages is seen by
    nobody there.
    """

    is_server_s: ClassVar[bool] = True

    @property
    def has_begun(self) -> bool:
        """Whether it is too late for a 500; as long as not, the answer may begin anew."""
        ...


def server_side(send: Send) -> ServerSide | None:
    """Return what is behind `send` where that is surely a server's of ours."""
    owner: ServerSide | None = getattr(send, "__self__", None)
    return owner if getattr(owner, "is_server_s", False) else None


class Guard:
    """Holds the messages of one answer to HTTP, and notes in the scope that the answer has begun.

    Where a length is announced, the first message waits for the first part of the body: after it there is no 500 more.
    """

    __slots__ = ("_announced", "_held", "_send", "_sent", "scope")

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope = scope
        self._send = send
        self._announced: int | None = None
        self._held: Message | None = None
        self._sent = 0

    @property
    def has_begun(self) -> bool:
        """Whether something of the answer was sent."""
        return bool(self.scope.get(STARTED))

    def __call__(self, message: Message) -> Awaitable[None]:
        kind = message["type"]
        if kind == "http.response.start":
            status = message["status"]
            announced = check_head(status, message.get("headers", ()))
            if announced is not None and status != 304 and self.scope.get("method") != "HEAD":
                self._announced, self._held = announced, message
                return _hold()
            self.scope[STARTED] = True
        elif self._announced is not None:
            if kind == "http.response.body":
                sent = self._sent = self._sent + len(message.get("body", b""))
                has_more = message.get("more_body", False)
                if sent != self._announced and not (has_more and sent < self._announced):
                    check_length(self._announced, sent, complete=not has_more)
            held = self._held
            if held is not None:
                self._held = None
                self.scope[STARTED] = True
                return self._send_both(held, message)
        return self._send(message)

    async def _send_both(self, held: Message, message: Message) -> None:
        await self._send(held)
        await self._send(message)


async def _hold() -> None:
    """Send nothing yet."""


def guarded(scope: Scope, send: Send) -> Send:
    """Return `send` so that it holds the answer of a request to HTTP, and notes in the scope that it has begun."""
    if isinstance(send, Guard) and send.scope is scope:
        return send  # nothing stands in between that could have changed the answer
    return Guard(scope, send)


class OutgoingMiddleware:
    """Holds what an app answers to HTTP, whoever in it does so: a route, a middleware, an app mounted there.

    Args:
        app: what is inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, Guard({"method": scope["method"]}, send) if scope["type"] == "http" else send)
