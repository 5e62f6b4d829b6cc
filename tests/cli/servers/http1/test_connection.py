"""Requests on one connection: what an app is told of them, their order, and what is no request."""

import asyncio
from contextvars import ContextVar

import pytest
from starlette.types import Receive, Scope, Send

from tests.cli.servers.http1.talk import GET, HELLO, Talk, echo, told
from tests.messages import start

pytestmark = pytest.mark.anyio

INVALID = b"Invalid HTTP request received."
TOO_LARGE = b"The head of the request is too large."
CHUNKED = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n"


# ------------------------------------------------------------------------------------------------------ what is asked


async def test_a_scope() -> None:
    talk = Talk(echo, root_path="/below")
    said = told(await talk.say(b"PATCH /caf%C3%A9/%2F?a=b&c HTTP/1.1\r\nHost: a\r\nX-A: b\r\nX-A:  c\r\n\r\n"))
    assert said == {
        "type": "http",
        "http_version": "1.1",
        "server": ["192.0.2.2", 80],
        "client": ["192.0.2.1", 5000],
        "scheme": "http",
        "method": "PATCH",
        "root_path": "/below",
        "path": "/below/café//",
        "raw_path": "/below/caf%C3%A9/%2F",
        "query_string": "a=b&c",
        "headers": [["host", "a"], ["x-a", "b"], ["x-a", "c"]],
        "state": {"from": "lifespan"},
        "body": "",
    }
    await talk.end()


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", "/", ""),
        (b"/?", "/", ""),
        (b"//a", "//a", ""),
        (b"/a?b?c", "/a", "b?c"),
        (b"/a?b#c", "/a", "b"),
        (b"/a#c?b", "/a", ""),
        (b"http://a/b?c", "/b", "c"),
        (b"http://a", "/", ""),
        (b"*", "*", ""),
    ],
)
async def test_a_target(target: bytes, path: str, query: str) -> None:
    talk = Talk(echo)
    said = told(await talk.say(b"OPTIONS %b HTTP/1.1\r\nhost: a\r\n\r\n" % target))
    assert (said["path"], said["query_string"]) == (path, query)
    await talk.end()


async def test_what_is_said_before_and_behind_a_body_in_chunks() -> None:
    talk = Talk(echo)
    for _ in range(2):
        said = told(
            await talk.say(
                b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
                b"3;ext=1\r\nabc\r\n1\r\nd\r\n0\r\n",
                b"x-trailer: e\r\nexpect: 100-continue\r\n",
                b"\r\n",
            )
        )
        assert (said["body"], said["headers"]) == ("abcd", [["transfer-encoding", "chunked"]])
    await talk.end()


async def test_a_body_of_many_small_chunks_is_put_together_once() -> None:
    talk = Talk(echo)
    head, chunk = b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n"
    assert told(await talk.say(head + chunk * 5000 + b"0\r\n\r\n"))["body"] == "a" * 5000
    await talk.end()


async def test_no_more_of_a_body_is_read_than_the_app_takes() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await going.wait()
        await echo(scope, receive, send)

    going = asyncio.Event()
    talk = Talk(app)
    await talk.say(b"POST / HTTP/1.1\r\ncontent-length: 65538\r\n\r\n" + b"x" * 65_536)
    assert talk.transport.reads
    await talk.say(b"x")
    assert not talk.transport.reads
    going.set()
    await talk.say()
    assert talk.transport.reads
    assert len(told(await talk.say(b"y"))["body"]) == 65_538
    await talk.end()


async def test_a_body_that_comes_after_the_answer_is_dropped() -> None:
    talk = Talk(HELLO)
    assert (await talk.say(b"POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\n", b"a")).endswith(b"hello")
    assert await talk.say(b"bcd") == b""
    assert (await talk.say(GET)).endswith(b"hello")
    await talk.end()


async def test_what_a_request_sets_in_its_context_stays_with_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(value.get())
        value.set("changed")
        await HELLO(scope, receive, send)

    value = ContextVar("value", default="default")
    seen: list[str] = []
    value.set("of the server")
    talk = Talk(app)
    await talk.say(GET)
    await talk.say(GET)
    assert seen == ["default", "default"]
    await talk.end()


async def test_the_date_is_the_server_s() -> None:
    talk = Talk(HELLO)
    assert b"\r\ndate: today\r\n\r\n" in await talk.say(GET)
    talk.state.default_headers = [(b"date", b"tomorrow"), (b"x-by", b"us")]
    assert b"\r\ndate: tomorrow\r\nx-by: us\r\n\r\n" in await talk.say(GET)
    await talk.end()


# ------------------------------------------------------------------------------------------------------- what is ahead


async def test_requests_that_are_sent_ahead_are_answered_in_their_order() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0)
        order.append(scope["path"])
        assert not talk.transport.reads or scope["path"] == "/3"
        await echo(scope, receive, send)

    order: list[str] = []
    talk = Talk(app)
    ahead = b"".join(b"POST /%d HTTP/1.1\r\ncontent-length: 1\r\n\r\n%d" % (number, number) for number in (1, 2, 3))
    said = await talk.say(ahead)
    assert order == ["/1", "/2", "/3"]
    assert [said.find(b'"body": "%d"' % number) > 0 for number in (1, 2, 3)] == [True] * 3
    assert talk.transport.reads
    await talk.end()


async def test_a_request_that_waits_for_its_body_does_not_have_more_read_than_its_turn() -> None:
    talk = Talk(echo)
    said = await talk.say(GET + b"POST / HTTP/1.1\r\ncontent-length: 2\r\n\r\na")
    assert said.count(b"HTTP/1.1 200") == 1
    assert talk.transport.reads
    assert told(await talk.say(b"b"))["body"] == "ab"
    await talk.end()


@pytest.mark.parametrize(
    "last", [b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n", b"GET / HTTP/1.0\r\n\r\n", b"GET /?close HTTP/1.1\r\n\r\n"]
)
async def test_nothing_is_answered_after_the_last_request(last: bytes) -> None:
    talk = Talk(echo)
    said = await talk.say(last + GET)
    assert said.count(b"HTTP/1.1 200") == said.count(b"connection: close\r\n") == 1
    assert talk.transport.closing
    await talk.end()


async def test_a_trailer_may_say_that_a_request_is_the_last() -> None:
    talk = Talk(echo)
    said = await talk.say(CHUNKED + b"0\r\nconnection: close\r\n\r\n" + GET)
    assert said.count(b"HTTP/1.1 200") == said.count(b"connection: close\r\n") == 1
    assert talk.transport.closing
    await talk.end()


async def test_a_trailer_may_say_so_after_the_answer() -> None:
    talk = Talk(HELLO)
    assert (await talk.say(CHUNKED)).endswith(b"hello")
    assert await talk.say(b"0\r\nconnection: close\r\n\r\n") == b""
    assert talk.transport.closing
    await talk.end()


# ----------------------------------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\x16\x03\x01\x02\x00",
        b"GET / HTTP/1.1\r\na b: c\r\n\r\n",
        b"GET /\xe9 HTTP/1.1\r\n\r\n",
        b"CONNECT a:80 HTTP/1.1\r\n\r\n",
        b"GET http:///a HTTP/1.1\r\n\r\n",
        b"POST / HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    ],
)
async def test_what_is_no_request_is_refused(nonsense: bytes, caplog: pytest.LogCaptureFixture) -> None:
    talk = Talk(echo)
    said = await talk.say(nonsense)
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"connection: close\r\n" in said
    assert said.endswith(b"content-length: 30\r\ndate: today\r\n\r\n" + INVALID)
    assert talk.transport.closing
    assert INVALID.decode() in caplog.text
    await talk.end()


async def test_what_is_no_request_is_refused_after_those_before_it() -> None:
    talk = Talk(echo)
    said = await talk.say(b"GET /?wait HTTP/1.1\r\n\r\n" + GET + b"nonsense\r\n\r\n")
    assert [said.count(b"HTTP/1.1 200"), said.count(b"HTTP/1.1 400")] == [2, 1]
    assert said.endswith(INVALID)
    assert not talk.transport.reads
    assert talk.transport.closing
    await talk.end()


@pytest.mark.parametrize(("first", "answers"), [(b"", 0), (GET, 1)])
async def test_a_request_whose_body_is_none_is_refused(first: bytes, answers: int) -> None:
    talk = Talk(echo)
    said = await talk.say(first + b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n")
    assert [said.count(b"HTTP/1.1 200"), said.count(b"HTTP/1.1 400")] == [answers, 1]
    assert said.endswith(INVALID)
    await talk.end()


async def test_a_request_that_has_its_answer_has_no_second_one_where_its_body_is_none() -> None:
    talk = Talk(HELLO)
    assert (await talk.say(CHUNKED)).endswith(b"hello")
    assert await talk.say(b"no size\r\n") == b""
    assert talk.transport.closing
    await talk.end()


async def test_an_answer_that_has_begun_is_broken_off_where_the_body_is_none() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        await receive()
        seen.append((await receive())["type"])

    seen: list[str] = []
    talk = Talk(app)
    said = await talk.say(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n")
    assert said.startswith(b"HTTP/1.1 200")
    assert await talk.say(b"no size\r\n") == b""
    assert talk.transport.closing
    assert seen == ["http.disconnect"]
    await talk.end()


@pytest.mark.parametrize("count", [1000, 1001])
async def test_a_head_of_many_headers(count: int) -> None:
    talk = Talk(HELLO)
    said = await talk.say(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * count + b"\r\n")
    if count == 1000:
        assert said.endswith(b"hello")
    else:
        assert said.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
        assert said.endswith(TOO_LARGE)
        assert talk.transport.closing
    await talk.end()


@pytest.mark.parametrize(
    ("begun", "endless"),
    [
        (b"GET /", b"x" * 1024),
        (b"GET / HTTP/1.1\r\na: ", b"x" * 1024),
        (b"GET / HTTP/1.1\r\n", b"a: b\r\n" * 100),
        (GET + b"GET / HTTP/1.1\r\na: ", b"x" * 1024),
        (CHUNKED + b"1\r\na\r\n0\r\na: ", b"x" * 1024),
        (CHUNKED + b"1\r\na\r\n0\r\n", b"a: b\r\n" * 100),
        (CHUNKED + b"1;", b"x" * 1024),
    ],
)
async def test_a_head_without_end_is_refused(begun: bytes, endless: bytes) -> None:
    talk = Talk(echo)
    said = await talk.say(begun)
    for _ in range(1000):
        said += await talk.say(endless, turns=2)
        if talk.transport.closing:
            break
    assert TOO_LARGE in said
    assert said.count(b"HTTP/1.1 200") == begun.startswith(GET)
    await talk.end()


async def test_a_head_that_comes_slowly_is_read() -> None:
    talk = Talk(HELLO)
    for _ in range(3):
        request = b"GET /%b HTTP/1.1\r\na: %b\r\n\r\n" % (b"y" * 3000, b"x" * 3000)
        said = await talk.say(*(request[at : at + 7] for at in range(0, len(request), 7)))
        assert said.endswith(b"hello")
    await talk.end()
