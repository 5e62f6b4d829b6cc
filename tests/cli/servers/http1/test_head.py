from enum import Enum
from http import HTTPStatus
from typing import Any

import pytest

from martlet._engine.words.errors import InvalidAnswerError
from martlet.cli.servers.http1 import head
from martlet.cli.servers.http1.head import head_of, status_line


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (200, b"HTTP/1.1 200 OK\r\n"),
        (404, b"HTTP/1.1 404 Not Found\r\n"),
        (299, b"HTTP/1.1 299 \r\n"),
        (999, b"HTTP/1.1 999 \r\n"),
    ],
)
def test_a_status(status: int, line: bytes) -> None:
    assert status_line(status) == line
    assert head_of(status, ()) == ([line], None, False)


class Tea(int, Enum):
    POT = 418


def test_a_status_that_is_a_member_of_an_enum() -> None:
    line = b"HTTP/1.1 418 I'm a Teapot\r\n"
    assert [head_of(each, ())[0] for each in (Tea.POT, HTTPStatus.IM_A_TEAPOT, 418)] == [[line]] * 3


@pytest.mark.parametrize("status", [99, 100, 101, HTTPStatus.PROCESSING, 1000, "200", None])
def test_a_status_that_is_none(status: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="status"):
        head_of(status, ())


@pytest.mark.parametrize(
    ("header", "line", "length", "closes"),
    [
        ((b"x-a", b"b"), b"x-a: b\r\n", None, False),
        ((b"X-A", b"B"), b"x-a: B\r\n", None, False),
        ([b"x-a", b"b"], b"x-a: b\r\n", None, False),
        ((bytearray(b"x-a"), memoryview(b"b")), b"x-a: b\r\n", None, False),
        ((b"content-length", b"12"), b"content-length: 12\r\n", 12, False),
        ((b"Content-Length", b"12"), b"content-length: 12\r\n", 12, False),
        ((b"connection", b"close"), b"connection: close\r\n", None, True),
        ((b"Connection", b"x, Close"), b"connection: x, Close\r\n", None, True),
        ((b"connection", b"closed"), b"connection: closed\r\n", None, False),
        ((b"transfer-encoding", b"chunked"), b"", None, False),
    ],
)
def test_a_header(header: Any, line: bytes, length: int | None, closes: bool) -> None:
    for _ in range(2):  # the second time it is known
        lines, *rest = head_of(200, [header, (b"x-b", b"c")])
        assert b"".join(lines[1:]) == line + b"x-b: c\r\n"
        assert rest == [length, closes]


@pytest.mark.parametrize("header", [(b"a b", b""), (b"", b""), (b"a", b"b\r\nc: d"), (b"content-length", b"-1")])
def test_a_header_that_is_not_legal(header: tuple[bytes, bytes]) -> None:
    for _ in range(2):
        with pytest.raises(InvalidAnswerError):
            head_of(200, [header])


def test_two_lengths_are_none() -> None:
    with pytest.raises(InvalidAnswerError, match="announces 3 and 4 bytes"):
        head_of(200, [(b"content-length", b"3"), (b"content-length", b"4")])
    assert head_of(200, [(b"content-length", b"3"), (b"Content-Length", b"3")])[1] == 3


def test_no_more_lines_are_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(head, "_MOST", 3)
    monkeypatch.setattr(head, "_LINES", {})
    for number in range(10):
        value = b"%d" % number
        assert head_of(200, [(b"x-a", value), (b"date", value), (b"set-cookie", value)])[0][1:] == [
            b"x-a: %b\r\n" % value,
            b"date: %b\r\n" % value,
            b"set-cookie: %b\r\n" % value,
        ]
        assert len(head._LINES) <= 3
    assert {name for name, _ in head._LINES} == {b"x-a"}
