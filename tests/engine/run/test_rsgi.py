"""What ASGI's scope says of a request over RSGI."""

from typing import Any
from urllib.parse import quote, unquote

import pytest

from martlet._engine.run import rsgi as module
from martlet._engine.run.rsgi import asgi_scope, legal_texts
from tests import rsgi


def test_a_request() -> None:
    scope = rsgi.Scope("POST", "/a%20b/%C3%A4?q=%20", [("X-A", "1"), ("x-b", "2"), ("x-b", "3")])
    assert asgi_scope(scope, "app", None) == {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/a b/ä",
        "raw_path": b"/a%20b/%C3%A4",
        "query_string": b"q=%20",
        "root_path": "",
        "headers": [(b"x-a", b"1"), (b"x-b", b"2"), (b"x-b", b"3")],
        "client": ("client", 1234),
        "server": ("server", 80),
        "app": "app",
    }


def test_the_state_is_each_requests_own() -> None:
    state = {"database": "open"}
    found = asgi_scope(rsgi.Scope("GET", "/"), None, state)["state"]
    assert found == state
    assert found is not state


@pytest.mark.parametrize(
    ("said", "address"), [("127.0.0.1:80", ("127.0.0.1", 80)), ("[::1]:80", ("::1", 80)), ("/run/a.sock", None)]
)
def test_addresses(said: str, address: Any) -> None:
    scope = asgi_scope(rsgi.Scope("GET", "/", client=said, server=said), None, None)
    assert scope["client"] == address
    assert scope["server"] == (address or (said, None))


@pytest.mark.parametrize(("said", "version"), [("1", "1.0"), ("1.1", "1.1"), ("2", "2"), ("3", "3")])
def test_versions(said: str, version: str) -> None:
    assert asgi_scope(rsgi.Scope("GET", "/", http_version=said), None, None)["http_version"] == version


def test_a_websocket() -> None:
    headers = [("sec-websocket-protocol", "chat, ,other"), ("sec-websocket-protocol", "third")]
    scope = asgi_scope(rsgi.Scope("GET", "/", headers, proto="ws", scheme="https"), None, None)
    assert (scope["type"], scope["scheme"]) == ("websocket", "wss")
    assert scope["subprotocols"] == ["chat", "other", "third"]
    assert "method" not in scope


def test_headers_of_an_answer_keep_their_bytes_where_they_are_utf_8() -> None:
    values = [b"plain", "ä".encode(), b"\xe4"]
    assert legal_texts([(b"x-a", value) for value in values]) == ([("x-a", "plain"), ("x-a", "ä"), ("x-a", "ä")], None)


def test_headers_are_those_of_each_answer_however_often_they_were_said_before() -> None:
    others: Any = [[b"x-b", b"1"], (bytearray(b"x-c"), b"2"), (memoryview(b"x-d"), memoryview(b"3"))]
    long = b"v" * 100
    for _ in range(2):
        assert legal_texts([(b"x-a", b"1"), (b"x-a", b"2")]) == ([("x-a", "1"), ("x-a", "2")], None)
        assert legal_texts(others) == ([("x-b", "1"), ("x-c", "2"), ("x-d", "3")], None)
        assert legal_texts(others[2:]) == ([("x-d", "3")], None)
        assert legal_texts([(b"x-a", long)]) == ([("x-a", long.decode())], None)


def test_no_end_of_headers_is_remembered_and_no_cookie(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_TEXTS", 5)
    for number in range(20):
        assert legal_texts([(b"x-number", b"%d" % number)]) == ([("x-number", str(number))], None)
        assert legal_texts([(b"Set-Cookie", b"a=%d" % number)]) == ([("Set-Cookie", f"a={number}")], None)
        assert len(module._TEXTS) <= 5
        assert not any("cookie" in name.lower() for name, _ in module._TEXTS.values())


@pytest.mark.parametrize("path", ["/", "/plain-._~!$&'()*+,;=:@", "/a b", "/ä", "/%", "/a?b", "/a#b", "/a\n", "*"])
def test_the_raw_path_is_encoded_where_it_has_to_be(path: str) -> None:
    raw = asgi_scope(rsgi.Scope("GET", quote(path)), None, None)["raw_path"]
    assert unquote(raw.decode()) == path
    assert not set(raw) & set(b" ?#\n")
