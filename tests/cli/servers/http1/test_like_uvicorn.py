"""What clients send at random, answered as uvicorn's own protocol answers it.

What differs on purpose is not sent, and has tests of its own: trailers, which are not mixed with headers here; what is
not HTTP/1.1, which is sent no chunks; upgrades to what is not spoken. And uvicorn refuses at once what is no request,
where here those before it are answered first.
"""

import asyncio
import re
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from martlet.cli.servers.http1.connection import Connection
from tests.cli.servers.http1.talk import Talk, echo

METHODS = ["GET", "POST", "PUT", "OPTIONS", "DELETE", "PATCH", "QUERY", "NONE"]
TARGETS = [
    "/",
    "/a/b",
    "/%41%2F",
    "/caf%C3%A9",
    "//a",
    "/?",
    "/a?b=1",
    "/a;b=c?d=%20+&e",
    "/a#b",
    "/a?b#c",
    "http://h/p?q",
]
TARGETS += ["*", "", "/é", "/?wait", "/?stream", "/?stream&wait", "/?fail", "/?close"]
HEADERS = ["Host: a", "X-A: b", "X-A:", "X-A:  spaced ", "x: é", "Cookie: a=b", "Expect: 100-continue"]
HEADERS += ["Connection: close", "Connection: keep-alive", "Bad Header: a", "X-N: a\x00b", "Content-Length: 5"]
REFUSED = b"HTTP/1.1 400 Bad Request\r\n"


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    lines = [f"{draw(st.sampled_from(METHODS))} {draw(st.sampled_from(TARGETS))} HTTP/1.1"]
    lines += draw(st.lists(st.sampled_from(HEADERS), max_size=4))
    kind = draw(st.sampled_from(["none", "length", "chunked"]))
    parts = draw(st.lists(st.binary(min_size=1, max_size=30), max_size=4))
    content = b""
    if kind == "length":
        content = b"".join(parts)
        lines.append(f"Content-Length: {len(content)}")
    elif kind == "chunked":
        content = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in [*parts, b""])
        lines.append("Transfer-Encoding: chunked")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


@st.composite
def streams(draw: st.DrawFn) -> list[bytes]:
    """Return what a client sends in which parts; sometimes something in it is broken."""
    sent = bytearray(b"".join(draw(st.lists(requests(), min_size=1, max_size=3))))
    for at in draw(st.lists(st.integers(0, len(sent) - 1), max_size=1) if draw(st.booleans()) else st.just([])):
        sent[at] = draw(st.integers(0, 255))
    cuts = sorted({0, len(sent), *draw(st.lists(st.integers(0, len(sent)), max_size=6))})
    return [bytes(sent[begin:end]) for begin, end in pairwise(cuts)]


@settings(max_examples=400, deadline=None)
@given(streams(), st.integers(0, 3))
def test_answers_are_those_of_uvicorn(parts: list[bytes], turns: int) -> None:
    theirs, theirs_ends = asyncio.run(_talk(HttpToolsProtocol, parts, turns))
    ours, ours_ends = asyncio.run(_talk(Connection, parts, turns))
    if re.search(rb'"http_version": "(?!1\.1)', theirs) or re.search(rb"HTTP/(?!1\.1)", b"".join(parts)):
        return  # (broken into another version)
    assert ours_ends == theirs_ends
    before, refused, _ = theirs.partition(REFUSED)
    if refused:
        # The last one before may have been broken off.
        answered = _answers(before)[:-1]
        assert _answers(ours)[: len(answered)] == answered
        assert REFUSED not in ours or ours.endswith(b"Invalid HTTP request received.")
    else:
        assert _answers(ours) == _answers(theirs)


async def _talk(protocol: Any, parts: list[bytes], turns: int) -> tuple[bytes, bool]:
    """Return what was answered, and whether the connection is at its end."""
    talk = Talk(echo, protocol)
    said = b""
    for part in parts:
        if talk.transport.closing:
            break
        said += await talk.say(part, turns=turns if talk.transport.reads else 60)
    said += await talk.say(turns=60)
    closed = talk.transport.closing
    await talk.end()
    return said, closed


def _answers(said: bytes) -> list[tuple[int, list[bytes], bytes]]:
    """Return the status, the headers in order and the body of each answer."""
    found = []
    while said:
        head, _, rest = said.partition(b"\r\n\r\n")
        line, *headers = head.split(b"\r\n")
        status = int(line.split()[1])
        length = next((int(each[16:]) for each in headers if each.startswith(b"content-length: ")), None)
        if status == 100:
            content, said = b"", rest
        elif length is not None:
            content, said = rest[:length], rest[length:]
        else:
            content, _, said = rest.partition(b"0\r\n\r\n")
            content = b"".join(re.split(rb"(?:\r\n)?[0-9a-f]+\r\n", content))
        found.append((status, sorted(headers), content))
    return found
