"""The classes that stand in for Starlette's against those, message by message, and when they do not stand in."""

from collections.abc import Callable, Mapping
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Message, Receive, Scope, Send

from martlet import FastAPI
from martlet._engine.serve.middleware import stand_in
from martlet._engine.serve.middleware.http import Driven

RawHeaders = list[tuple[bytes, bytes]]


async def _exchange(app: Any, scope: dict[str, Any]) -> list[Any]:
    sent: list[Any] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append({**message, "headers": list(message.get("headers", ()))})

    await app(scope, receive, send)
    return [*sent, {key: value for key, value in scope.items() if key == "session"}]


def alike(
    kind: type, options: Mapping[str, Any], scope: Mapping[str, Any], answer: Callable[[Scope], list[Message]]
) -> list[Any]:
    """Have Starlette's class and ours answer a request and return what both send.

    Args:
        kind: Starlette's class.
        options: what it is made with.
        scope: the request.
        answer: what the app inside sends.
    """

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        for message in answer(scope):
            await send(message)

    told: list[list[Any]] = []
    for make in (kind, stand_in(kind)):
        app: Any = make(inner, **options)
        assert isinstance(app, kind)
        assert (type(app) is kind) == (make is kind)
        told.append(anyio.run(_exchange, app, dict(scope)))
    assert told[1] == told[0]
    return told[1]


def whole(body: bytes = b"hello", headers: RawHeaders | None = None, status: int = 200) -> list[Message]:
    """Return the messages of an answer whose body is sent at once."""
    start: Message = {"type": "http.response.start", "status": status}
    if headers is not None:
        start["headers"] = list(headers)
    return [start, {"type": "http.response.body", "body": body}]


def request(headers: RawHeaders = [], **more: Any) -> dict[str, Any]:  # noqa: B006 - not written to
    """Return a request's scope."""
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": list(headers)}
    return {**scope, "scheme": "http", "server": ("example.com", 80), **more}


ORIGIN = (b"origin", b"https://a.example")
ASKS = (b"access-control-request-method", b"GET")
CORS_OPTIONS: list[dict[str, Any]] = [
    {"allow_origins": ["*"]},
    {"allow_origins": ["*"], "allow_credentials": True, "expose_headers": ["X-A", "X-B"]},
    {"allow_origins": ["https://a.example"], "allow_credentials": True},
    {"allow_origins": ["https://b.example"], "expose_headers": ["X-A"]},
    {"allow_origin_regex": r"https://.*\.example"},
    {},
]


@pytest.mark.parametrize("options", CORS_OPTIONS)
@pytest.mark.parametrize("headers", [[], [(b"accept", b"*/*"), ORIGIN], [ORIGIN, ASKS]])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
@pytest.mark.parametrize(
    "answered",
    [None, [], [(b"content-type", b"a/b")], [(b"vary", b"Accept")], [(b"access-control-allow-origin", b"x")]],
)
def test_cors(options: dict[str, Any], headers: RawHeaders, method: str, answered: RawHeaders | None) -> None:
    alike(CORSMiddleware, options, request(headers, method=method), lambda _: whole(headers=answered))


def test_cors_hands_on_what_is_not_http() -> None:
    alike(CORSMiddleware, {}, {"type": "lifespan"}, lambda _: [{"type": "lifespan.startup.complete"}])


KINDS = [b"text/plain", b"TEXT/event-stream; charset=x", b"image/png", b"video/mp4", b"application/grpc+proto", b""]
STEPS = ["http.response.body", "http.response.early_hint", "http.response.trailers", "http.response.pathsend"]


@given(
    st.sampled_from([[], [(b"accept-encoding", b"gzip, br")], [(b"accept-encoding", b"br")]]),
    st.sampled_from(KINDS),
    st.sampled_from([[], [(b"content-encoding", b"br")], [(b"vary", b"Accept")], [(b"content-length", b"5")]]),
    st.sampled_from([200, 206]),
    st.lists(st.sampled_from([b"", b"short", b"x" * 600]), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from(STEPS),
    st.booleans(),
)
def test_gzip(
    asked: RawHeaders,
    kind: bytes,
    answered: RawHeaders,
    status: int,
    parts: list[bytes],
    at_once: bool,
    step: str,
    hint: bool,
) -> None:
    def answer(_: Scope) -> list[Message]:
        messages: list[Message] = [{"type": "http.response.early_hint", "links": []}] if hint else []
        if at_once:
            return messages + whole(b"".join(parts), [(b"content-type", kind), *answered], status)
        messages += whole(headers=[(b"content-type", kind), *answered], status=status)[:1]
        messages += [{"type": "http.response.body", "body": part, "more_body": True} for part in parts]
        if step == "http.response.pathsend":
            return [messages[0], {"type": step, "path": "/file"}]
        return [*messages, {"type": "http.response.body", "body": b""}, {"type": step, "body": b""}][:-1]

    alike(GZipMiddleware, {}, request(asked), answer)


@pytest.mark.parametrize("excluded", [(), ("application/grpc",), ("text/*",)])
@pytest.mark.parametrize("kind", KINDS)
def test_gzip_leaves_out_what_it_is_told(excluded: tuple[str, ...], kind: bytes) -> None:
    options = {"exclude_content_types": excluded, "minimum_size": 3, "compresslevel": 1}
    asked = [(b"x-first", b"1"), (b"accept-encoding", b"gzip")]
    headers = [(b"content-type", kind), (b"content-type", b"second/one")]
    alike(GZipMiddleware, options, request(asked), lambda _: whole(b"hello hello hello hello", headers))


def test_gzip_hands_on_what_is_not_http() -> None:
    alike(GZipMiddleware, {}, {"type": "lifespan"}, lambda _: [{"type": "lifespan.startup.complete"}])


@pytest.mark.parametrize(
    "hosts", [None, ["*"], ["example.com"], ["*.example.com"], ["www.example.com"], ["a.b", "EXAMPLE.com"]]
)
@pytest.mark.parametrize("host", [None, b"example.com", b"EXAMPLE.com:80", b"a.example.com", b"[::1", b"b.c"])
@pytest.mark.parametrize("kind", ["http", "websocket", "lifespan"])
def test_trusted_host(hosts: list[str] | None, host: bytes | None, kind: str) -> None:
    headers = [(b"accept", b"*/*")] + ([(b"host", host)] if host is not None else [])
    scope = request(headers, type=kind, extensions={"websocket.http.response": {}})
    alike(TrustedHostMiddleware, {"allowed_hosts": hosts}, scope, lambda _: whole())


@pytest.mark.parametrize("scheme", ["http", "https", "ws", "wss"])
@pytest.mark.parametrize("kind", ["http", "websocket", "lifespan"])
def test_https_redirect(scheme: str, kind: str) -> None:
    scope = request([(b"host", b"example.com")], scheme=scheme, type=kind, extensions={"websocket.http.response": {}})
    alike(HTTPSRedirectMiddleware, {}, scope, lambda _: whole())


def _writes(scope: Scope) -> list[Message]:
    scope["session"]["user"] = "ada"
    return whole()


def _reads(scope: Scope) -> list[Message]:
    scope["session"].mark_accessed()
    return whole(headers=[])


def _clears(scope: Scope) -> list[Message]:
    scope["session"].clear()
    return whole(headers=[])


def _replaces(scope: Scope) -> list[Message]:
    scope["session"] = type(scope["session"])(user="bob")
    return whole()


@pytest.mark.parametrize("cookie", [None, b"other=1", b"session=forged"])
@pytest.mark.parametrize("does", [lambda _: whole(), lambda _: whole(headers=[]), _reads, _writes, _clears, _replaces])
def test_sessions(
    cookie: bytes | None, does: Callable[[Scope], list[Message]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: 1_000_000_000)
    headers = [(b"cookie", cookie)] if cookie is not None else []
    alike(SessionMiddleware, {"secret_key": "secret"}, request(headers), does)


def test_sessions_of_websockets_are_starlette_s() -> None:
    alike(SessionMiddleware, {"secret_key": "secret"}, request(type="websocket"), lambda _: [])


def test_a_subclass_a_function_and_a_stranger_of_that_name_stay_as_they_are() -> None:
    class Own(GZipMiddleware):
        pass

    class OwnCall(BaseHTTPMiddleware):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            """Serve in its own way."""

    stranger = type("GZipMiddleware", (), {"__module__": "starlette.middleware.gzip"})
    for named in (Own, OwnCall, stranger, lambda app: app):
        assert stand_in(named) is named


def test_a_class_of_which_somebody_replaced_a_method_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CORSMiddleware, "is_allowed_origin", lambda *_: True)
    monkeypatch.setattr(BaseHTTPMiddleware, "__call__", lambda *_: None)
    for named in (CORSMiddleware, BaseHTTPMiddleware):
        assert stand_in(named) is named


def test_an_app_s_stack_has_them_in_their_places() -> None:
    app = FastAPI()
    app.add_middleware(GZipMiddleware)
    app.add_middleware(BaseHTTPMiddleware, dispatch=lambda request, call_next: call_next(request))
    layer: Any = app.build_middleware_stack()
    layers = []
    while layer is not None:
        layers.append(layer)
        layer = getattr(layer, "app", None)
    driven, http, gzip = layers[3:6]
    assert isinstance(driven, Driven)
    assert type(http) is BaseHTTPMiddleware
    assert isinstance(gzip, GZipMiddleware)
    named: list[Any] = [each.cls for each in app.user_middleware]
    assert named == [BaseHTTPMiddleware, GZipMiddleware]


def test_an_app_behind_middleware_explains_the_handler_that_serves_it() -> None:
    app = FastAPI()
    app.add_middleware(GZipMiddleware)

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> int:
        return item_id

    messages = anyio.run(_exchange, app, request([(b"accept-encoding", b"gzip")], path="/items/3"))
    assert messages[1]["body"] == b"3"
    assert "refuse(refusal" in app.explain("/items/3").source
    bare: Any = anyio.run(_exchange, app, request(type="websocket", path="/none", extensions={}))
    assert bare[0]["type"] == "websocket.close"
