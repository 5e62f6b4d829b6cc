"""Requests for an operation: fitting, slightly wrong, or hostile."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

from tests.oracle.kinds import HOSTILE_TEXTS, one_in
from tests.oracle.parameters import Input
from tests.oracle.programs import Operation
from tests.oracle.websockets import METHOD as WEBSOCKET
from tests.oracle.websockets import frames

BROKEN_JSON = (
    *(
        b"",
        b"{",
        b'{"a": 1,}',
        b"nul",
        b"[1, 2",
        b"\xff\xfe",
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        b"NaN",
        b"{'a': 1}",
    ),
    *(
        b'{"a": 1} x',
        b"1",
        b'"x"',
        b"[]",
        b"null",
        b'"\\ud800"',
        b"[" * 300 + b"]" * 300,
        b"1" * 5000,
        b'{"a":1,"a":2}',
    ),
    *(b"  {}  ", b'{"\x00": 1}', b"-", b"1e999", b"[1e400]", '{"\u00fc": 1}'.encode("utf-16"), b"true false"),
)
CONTENT_TYPES = (
    *(
        "application/json; charset=utf-8",
        "application/vnd.api+json",
        "text/plain",
        "",
        "APPLICATION/JSON",
        "application/JSON+x",
    ),
    *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=", "json", "*/*"),
)
QUERIES = (
    "&",
    "=",
    "a",
    "a=&a=",
    "q=%zz",
    "q=%ff",
    "q=+",
    "q=1;limit=2",
    "q==",
    "=1",
    "q=1&q=2&q=x",
    "limit[]=1",
    "%71=1",
)
HEADERS = (
    *(
        ("authorization", "Bearer tok"),
        ("authorization", "Basic dTpw"),
        ("authorization", "basic !!"),
        ("accept", "text/html"),
    ),
    *(
        ("authorization", "Bearer"),
        ("cookie", "a=1; a=2; ; b"),
        ("cookie", "broken"),
        ("x-key", ""),
        ("host", "other:81"),
    ),
    *(
        ("x-forwarded-for", "1.2.3.4"),
        ("expect", "100-continue"),
        ("authorization", "Digest a"),
        ("range", "bytes=0-1"),
    ),
)
BOUNDARY = "b0undary"
FILE_NAMES = (
    *('; filename="{key}.txt"', '; filename="{key}.txt"', '; filename=""', "; filename*=UTF-8''n%C3%BC.txt", ""),
    *('; filename="../../x"', '; filename="a\\"b.txt"', '; filename="\u00fc.png"'),
)
FILE_TYPES = (
    *("\r\nContent-Type: text/plain", "\r\nContent-Type: text/plain", "\r\nContent-Type: image/png", ""),
    *("\r\nContent-Type: text/plain; charset=latin-1", "\r\ncontent-type:", "\r\nContent-Type: x\r\nX-Own: 1"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as a server would hand it on.

    Args:
        method: upper-case.
        target: path and query string, percent-encoded.
        headers: names lower-case.
        body: its bytes.
        chunks: how many messages carry the body.
        frames: what is sent to a WebSocket, whose method is WEBSOCKET.
    """

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    chunks: int = 1
    frames: tuple[str | bytes, ...] = ()


@st.composite
def requests(draw: st.DrawFn, operation: Operation) -> Request:
    """Draw a request: what the operation asks for, with up to two spoilt places, in one of three cases hostile."""
    mood = draw(st.sampled_from(("fitting", "fitting", "wrong", "wrong", "hostile")))
    spoilt = set()
    if mood != "fitting" and operation.inputs:
        spoilt = set(draw(st.lists(st.sampled_from(operation.inputs), min_size=1, max_size=2)))
    sent: dict[str, list[tuple[str, str]]] = {place: [] for place in ("query", "header", "cookie", "form", "file")}
    path = operation.path
    for given in operation.inputs:
        if given.place in sent:
            sent[given.place] += draw(texts(given, spoilt=given in spoilt))
        elif given.place == "path":
            kind = given.kind
            value = draw(kind.wrong_texts if given in spoilt else kind.texts)
            path = re.sub(rf"{{{given.key}(:\w+)?}}", quote(value, safe="/"), path)
    path = quote(re.sub(r"{\w+(:\w+)?}", "5", path), safe="/%")
    headers = [(key.lower(), _latin(value)) for key, value in sent["header"]]
    if sent["cookie"]:
        headers.append(("cookie", "; ".join(f"{key}={_latin(value)}" for key, value in sent["cookie"])))
    body, content_type = draw(bodies(operation, spoilt, sent))
    query = urlencode(sent["query"]).replace("+", draw(st.sampled_from(("+", "%20"))))
    drawn = Request(operation.method, f"{path}?{query}" if query else path, (*headers, *_typed(content_type)), body)
    drawn = draw(hostile(drawn)) if mood == "hostile" else drawn
    if operation.method != WEBSOCKET.upper():
        return drawn
    return replace(drawn, method=operation.method, body=b"", chunks=1, frames=draw(frames()))


@st.composite
def texts(draw: st.DrawFn, given: Input, *, spoilt: bool) -> list[tuple[str, str]]:
    """Draw the pairs that are sent for one input: none, one or several."""
    if spoilt:
        count = draw(st.sampled_from((0, 1, 1, 1, 2)))
        return [(given.key, draw(given.kind.wrong_texts)) for _ in range(count)]
    if not given.required and one_in(draw, 3):
        return []
    count = draw(st.integers(0 if not given.required else 1, 3)) if given.kind.many else 1
    return [(given.key, draw(given.kind.texts)) for _ in range(count)]


@st.composite
def bodies(
    draw: st.DrawFn, operation: Operation, spoilt: set[Input], sent: dict[str, list[tuple[str, str]]]
) -> tuple[bytes, str | None]:
    """Draw body and content type."""
    members = [given for given in operation.inputs if given.place == "body"]
    if members and spoilt and one_in(draw, 4):
        return draw(st.sampled_from(BROKEN_JSON)), "application/json"
    if members:
        value = draw(json_values(members, spoilt))
        return json.dumps(value, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass"), "application/json"
    if sent["file"] or (sent["form"] and one_in(draw, 4)):
        return draw(multipart(sent["form"], sent["file"])), f"multipart/form-data; boundary={BOUNDARY}"
    if sent["form"]:
        return urlencode(sent["form"]).encode(), "application/x-www-form-urlencoded"
    if one_in(draw, 10):
        return b'{"a": 1}', "application/json"
    return b"", None


@st.composite
def json_values(draw: st.DrawFn, members: list[Input], spoilt: set[Input]) -> Any:
    """Draw the body's value: that of its only parameter, or an object of all."""
    if len(members) == 1 and not members[0].key:
        kind = members[0].kind
        return draw(kind.wrong_json if members[0] in spoilt else kind.json)
    return {
        given.key: draw(given.kind.wrong_json if given in spoilt else given.kind.json)
        for given in members
        if given not in spoilt or draw(st.booleans())
    }


@st.composite
def hostile(draw: st.DrawFn, fitting: Request) -> Request:
    """Spoil a request as no honest client would."""
    method, (path, _, query) = fitting.method, fitting.target.partition("?")
    headers, body = list(fitting.headers), fitting.body
    for change in draw(
        st.lists(st.sampled_from(("method", "path", "query", "header", "type", "body")), min_size=1, max_size=2)
    ):
        if change == "method":
            method = draw(st.sampled_from(("GET", "POST", "HEAD", "OPTIONS", "DELETE", "PURGE", "QUERY")))
        elif change == "path":
            path = draw(
                st.sampled_from(
                    (
                        path + "/",
                        path.rstrip("/") or "/",
                        "/" + path,
                        path + "/x",
                        path.upper(),
                        "/docs/",
                        "/openapi.json",
                        path.replace("/", "%2F"),
                    )
                )
            )
        elif change == "query":
            query = "&".join(
                filter(
                    None,
                    (
                        query,
                        draw(st.sampled_from(QUERIES)),
                        draw(st.sampled_from(("", "q=" + quote(draw(st.sampled_from(HOSTILE_TEXTS)))))),
                    ),
                )
            )
        elif change == "header":
            headers.insert(0, draw(st.sampled_from(HEADERS)))
        elif change == "type":
            headers = [pair for pair in headers if pair[0] != "content-type"]
            headers += _typed(draw(st.sampled_from((None, *CONTENT_TYPES))))
        else:
            body = draw(st.sampled_from(BROKEN_JSON))
    chunks = draw(st.integers(1, 3))
    return Request(method, f"{path}?{query}" if query else path, tuple(headers), body, chunks)


def _typed(content_type: str | None) -> list[tuple[str, str]]:
    return [] if content_type is None else [("content-type", content_type)]


def _latin(value: str) -> str:
    """Return what a server would let through in a header."""
    return re.sub(r"[\x00-\x1f\x7f]", "", value).encode("latin-1", "replace").decode("latin-1").strip()


@st.composite
def multipart(draw: st.DrawFn, form: list[tuple[str, str]], files: list[tuple[str, str]]) -> bytes:
    """Draw a multipart body: files of all names and types, fields among them, one in eight broken."""
    pieces = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in form]
    for key, value in files:
        name = draw(st.sampled_from(FILE_NAMES)).format(key=key)
        kind = draw(st.sampled_from(FILE_TYPES))
        pieces.append(f'Content-Disposition: form-data; name="{key}"{name}{kind}\r\n\r\n{value}')
    pieces = draw(st.permutations(pieces)) if one_in(draw, 4) else pieces
    text = "".join([*(f"--{BOUNDARY}\r\n{piece}\r\n" for piece in pieces), f"--{BOUNDARY}--\r\n"])
    whole = text.encode("utf-8", "surrogatepass")
    if not one_in(draw, 8):
        return whole
    return draw(
        st.sampled_from(
            (
                whole[:-8],
                whole[:20],
                b"preamble\r\n" + whole,
                whole + b"epilogue",
                whole.replace(b"\r\n", b"\n"),
                whole.replace(b" name=", b" nom="),
                whole.replace(b"form-data", b"attachment"),
                whole.replace(b"\r\n\r\n", b"\r\nX-More: 1\r\n\r\n"),
                whole.replace(b"Disposition:", b"Disposition"),
                whole.replace(b"--\r\n", b"\r\n"),
            )
        )
    )
