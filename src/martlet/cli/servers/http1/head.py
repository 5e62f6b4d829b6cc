"""The head of an answer as it is sent, from ASGI's status and headers; what frames the body is read from it."""

from collections.abc import Iterable
from functools import lru_cache
from http.client import responses
from typing import Final

from martlet._engine.run.outgoing import agreed_length, check_final_status, check_header, is_said_often

# PERF: `bench json` with `martlet-run`. The lines of headers that were found legal; most are the same in most answers.
_LINES: Final[dict[tuple[bytes, bytes], bytes]] = {}
_MOST: Final = 4096
# What says how long an answer or its connection is; it is read in each head.
_FRAMING: Final = frozenset({b"connection", b"content-length"})


@lru_cache(maxsize=1000)
def status_line(status: int) -> bytes:
    """Return the first line of an answer (RFC 9112, section 4); a status that is unknown has no phrase."""
    return f"HTTP/1.1 {status} {responses.get(status, '')}\r\n".encode()


def head_of(status: int, headers: Iterable[tuple[bytes, bytes]]) -> tuple[list[bytes], int | None, bool]:
    """Return the lines of a head, each with its end, the length of the body that it announces, and whether it says that
    the connection ends with this answer.

    The header `transfer-encoding` is left out. It is the server that frames the body.

    Raises:
        InvalidAnswerError: it is no legal HTTP.
    """
    if type(status) is not int or not 200 <= status <= 599:
        check_final_status(status)
        status = int(status)  # a member of an enum is written as its name
    lines, closes = [status_line(status)], False
    length: int | None = None
    announced: int | None
    for header in headers:
        try:
            line = _LINES.get(header)
        except TypeError:
            line = None  # a list, which ASGI allows
        if line is None:
            name, value = header
            if name == b"content-length" and value.isdigit():
                announced, line = int(value), b"content-length: %b\r\n" % value
            else:
                line, announced = _line(name, value)
                closes = closes or (line[:11] == b"connection:" and _says_close(line))
            if announced is not None:
                length = agreed_length(length, announced)
        lines.append(line)
    return lines, length, closes


def _line(name: bytes, value: bytes) -> tuple[bytes, int | None]:
    """Return the line of a header, and the length that it announces."""
    name, value = bytes(name).lower(), bytes(value)
    length = check_header(name, value)
    if name == b"transfer-encoding":
        return b"", None
    line = b"%b: %b\r\n" % (name, value)
    if name not in _FRAMING and is_said_often(name, value):
        if len(_LINES) >= _MOST:
            _LINES.clear()
        _LINES[name, value] = line
    return line, length


def _says_close(line: bytes) -> bool:
    _, _, value = line.partition(b":")
    return b"close" in [token.strip() for token in value.lower().split(b",")]
