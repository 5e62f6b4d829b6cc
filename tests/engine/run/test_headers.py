"""Headers and cookies off the raw list, read as Starlette reads them; and what a Content-Type says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import Request

from martlet._engine.run.headers import content_type, cookie_values, header_values, is_json

NAMES = [b"x-one", b"x-two", b"content-type", b"cookie"]
VALUES = st.text(alphabet='ab=;, "\\é\t', max_size=12).map(lambda text: text.encode("latin-1"))
RAW = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=5)


@given(raw=RAW)
def test_headers_are_starlettes(raw: list[tuple[bytes, bytes]]) -> None:
    headers = Headers(raw=raw)
    found = header_values(raw, {b"x-one": "one", b"x-two": "two"}, frozenset({"two"}))
    assert found.get("one") == headers.get("x-one")
    assert found.get("two", []) == headers.getlist("x-two")
    assert set(found) <= {"one", "two"}
    one = header_values(raw, {b"x-one": "x"})
    assert one.get("x") == headers.get("x-one")
    kind = content_type(raw)
    assert (kind.decode("latin-1") if kind is not None else None) == headers.get("content-type")


@given(raw=RAW)
def test_cookies_are_starlettes(raw: list[tuple[bytes, bytes]]) -> None:
    cookies = Request({"type": "http", "headers": raw}).cookies
    wanted = {"a": "a", "b": "B", "": "none"}
    assert cookie_values(raw, wanted) == {key: cookies[name] for name, key in wanted.items() if name in cookies}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("application/json", True),
        ("application/json; charset=utf-8", True),
        ("APPLICATION/JSON", True),
        ("application/geo+json", True),
        ("application/problem+json;x=y", True),
        ("application/jsonx", False),
        ("application/x-json", False),
        ("text/json", False),
        ("text/plain", False),
        ("application", False),
        ("json", False),
        ("", False),
        (None, False),
    ],
)
def test_what_is_json(text: str | None, says: bool) -> None:
    assert is_json(text) is says
    assert is_json(text.encode() if text is not None else None) is says
