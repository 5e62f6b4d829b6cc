"""What may leave, message by message."""

from typing import Any

import pytest
from starlette.types import Message

from martlet._engine.run import outgoing
from martlet._engine.run.outgoing import STARTED, OutgoingMiddleware, check_head, checked, guarded, is_bodiless
from martlet._engine.words.errors import InvalidAnswerError
from tests.messages import body, start

Pairs = list[tuple[bytes, bytes]]


@pytest.mark.parametrize("status", [100, 200, 451, 999])
def test_statuses_that_pass(status: int) -> None:
    assert check_head(status, []) is None


@pytest.mark.parametrize("status", [0, 99, 1000, -1, "200", None])
def test_statuses_that_do_not(status: Any) -> None:
    with pytest.raises(InvalidAnswerError, match="cannot have the status"):
        check_head(status, [])


@pytest.mark.parametrize("name", [b"", b"a b", b"a:", "ä".encode(), b"a\r\n", b'"a"'])
def test_names_that_are_none(name: bytes) -> None:
    with pytest.raises(InvalidAnswerError, match="cannot be named"):
        check_head(200, [(name, b"")])


@pytest.mark.parametrize("value", [b"a\r\nb: c", b"a\nb", b"\x00", b"a\x7f"])
def test_values_that_are_none(value: bytes) -> None:
    with pytest.raises(InvalidAnswerError, match="cannot have the value"):
        check_head(200, [(b"x-a", value)])


@pytest.mark.parametrize("value", [b"", b"a\tb", "ä".encode(), b"\xe4", b"1, 2"])
def test_values_that_pass(value: bytes) -> None:
    assert check_head(200, [(b"x-a", value)]) is None


def test_the_length_is_read_and_has_to_be_one() -> None:
    assert check_head(200, [(b"x-a", b"1"), (b"Content-Length", b"12")]) == 12
    with pytest.raises(InvalidAnswerError, match="is no length"):
        check_head(200, [(b"content-length", b"-1")])


def test_headers_may_be_lists() -> None:
    headers: Any = [[b"x-a", b"1"], [b"content-length", b"3"], [b"Content-Length", b"3"]]
    for _ in range(2):
        assert check_head(200, headers[:2]) == 3
        assert check_head(200, headers) == 3
    with pytest.raises(InvalidAnswerError, match="cannot have the value"):
        check_head(200, [*headers, (b"x-a", b"a\nb")])


@pytest.mark.parametrize("name", [b"content-length", b"Content-Length"])
def test_two_lengths_are_none(name: bytes) -> None:
    with pytest.raises(InvalidAnswerError, match="announces 3 and 4 bytes"):
        check_head(200, [(b"content-length", b"3"), (name, b"4")])


def test_what_was_legal_once_is_no_reason_for_others_to_be() -> None:
    for name, value in ((b"x-b", b"1"), (b"X-B", b"1"), (b"x-b", b"1" * 1000)):
        for _ in range(2):
            assert check_head(200, [(name, value)]) is None
    with pytest.raises(InvalidAnswerError, match="cannot have the value"):
        check_head(200, [(b"x-b", b"1"), (b"x-b", b"1\n")])


def test_headers_that_are_added_to_an_answer() -> None:
    plain: Pairs = [(b"x-a", b"1")]
    assert checked(plain, b"body") is plain
    assert checked([(b"content-length", b"4")], b"body") == [(b"content-length", b"4")]
    assert checked([], b"body") == []
    with pytest.raises(InvalidAnswerError, match="announces 5 bytes, and the body has 4"):
        checked([(b"content-length", b"5")], b"body")


def test_which_answers_have_no_body() -> None:
    assert [status for status in (100, 199, 200, 204, 205, 304, 404) if is_bodiless(status)] == [100, 199, 204, 304]


async def answered(messages: list[Message], method: str = "GET") -> tuple[list[Message], Any, str]:
    """Return what leaves, whether the answer is noted to have begun, and the error."""
    left: list[Message] = []

    async def send(message: Message) -> None:
        left.append(message)

    scope: dict[str, Any] = {"type": "http", "method": method}
    guard = guarded(scope, send)
    try:
        for message in messages:
            await guard(message)
    except InvalidAnswerError as error:
        return left, scope.get(STARTED), str(error)
    return left, scope.get(STARTED), ""


FOUR = (b"content-length", b"4")


@pytest.mark.anyio
@pytest.mark.parametrize(
    "messages",
    [
        [start(), body(b"any"), body(b"thing")],
        [start(FOUR), body(b"four")],
        [start(FOUR), body(b"fo", more=True), body(b"ur")],
        [start(FOUR), {"type": "http.response.pathsend", "path": "/file"}],
        [start(FOUR, status=304), body(b"")],
    ],
)
async def test_answers_that_pass(messages: list[Message]) -> None:
    assert await answered(messages) == (messages, True, "")


@pytest.mark.anyio
async def test_head_announces_a_body_without_having_one() -> None:
    messages = [start(FOUR), body(b"")]
    assert await answered(messages, "HEAD") == (messages, True, "")


@pytest.mark.anyio
@pytest.mark.parametrize("content", [b"", b"four!"])
async def test_nothing_leaves_of_a_body_of_another_length(content: bytes) -> None:
    left, begun, error = await answered([start(FOUR), body(content)])
    assert (left, begun) == ([], None)
    assert f"announces 4 bytes, and the body has {len(content)}" in error


@pytest.mark.anyio
async def test_a_body_that_grows_too_long_ends_there() -> None:
    messages = [start(FOUR), body(b"fo", more=True), body(b"ur!")]
    left, begun, error = await answered(messages)
    assert (left, begun) == (messages[:2], True)
    assert "has 5" in error


@pytest.mark.anyio
async def test_an_app_is_held_to_http_and_its_websockets_are_let_be() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(send)

    async def nothing(*_: Any) -> Any: ...

    middleware = OutgoingMiddleware(app)
    await middleware({"type": "http", "method": "GET"}, nothing, nothing)
    await middleware({"type": "websocket"}, nothing, nothing)
    assert seen[1] is nothing
    with pytest.raises(InvalidAnswerError):
        await seen[0](start(status=99))


def test_no_end_of_headers_is_remembered_and_no_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_MOST_LEGAL", 5)
    for number in range(20):
        assert check_head(200, [(b"x-number", b"%d" % number), (b"Set-Cookie", b"a=%d" % number)]) is None
        assert len(outgoing._LEGAL) <= 5
        assert not any(name.lower() == b"set-cookie" for name, _ in outgoing._LEGAL)
