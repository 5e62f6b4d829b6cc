"""RSGI, Granian's protocol: what a handler is given there, and the same as an ASGI scope.

The server hands over an object with the request's head and one that reads the body and takes the answer. Both belong to
the server; the Protocols here say what is asked of them. Granian does not say everything: headers whose value is not
ASCII are left out, and the path comes decoded only, so that `raw_path` is encoded anew from it.

Specification: https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md
"""

import re
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, Protocol
from urllib.parse import quote

from starlette.types import Scope

from martlet._engine.run.outgoing import agreed_length, check_header, check_length, is_said_often

Pairs = list[tuple[str, str]]

# What may stand in a path as it is (RFC 3986, section 3.3).
_IN_PATHS: Final = "/:@!$&'()*+,;=~-._"
_needs_no_quotes = re.compile(f"[0-9A-Za-z{re.escape(_IN_PATHS)}]*").fullmatch
_VERSIONS: Final = {"1": "1.0", "1.1": "1.1", "2": "2"}
_SCHEMES: Final = {"http": "ws", "https": "wss"}

# PERF: `bench stack`. Legal headers as they were said once, for most headers of most answers are the same.
_TEXTS: Final[dict[tuple[bytes, bytes], tuple[str, str]]] = {}
_MOST_TEXTS: Final = 4096


class RSGIHeaders(Protocol):
    """The headers of a request, by name in lower case."""

    def get(self, key: str) -> str | None: ...

    def get_all(self, key: str) -> list[str]: ...

    def items(self) -> Pairs: ...

    def __contains__(self, key: str, /) -> bool: ...


class RSGIScope(Protocol):
    """The head of a request; `proto` is `http` or `ws`."""

    @property
    def proto(self) -> str: ...
    @property
    def http_version(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def scheme(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def query_string(self) -> str: ...
    @property
    def headers(self) -> RSGIHeaders: ...


class RSGIStream(Protocol):
    """The body of an answer that is sent in pieces."""

    def send_bytes(self, data: bytes, /) -> Awaitable[None]: ...


class RSGIHTTP(Protocol):
    """The body of a request, and its answer, which is given in one call."""

    def __call__(self) -> Awaitable[bytes]: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def client_disconnect(self) -> Awaitable[None]: ...

    def response_empty(self, status: int, headers: Pairs, /) -> None: ...

    def response_bytes(self, status: int, headers: Pairs, body: bytes, /) -> None: ...

    def response_file(self, status: int, headers: Pairs, file: str, /) -> None: ...

    def response_stream(self, status: int, headers: Pairs, /) -> RSGIStream: ...


def ends(scope: RSGIScope) -> tuple[str, str]:
    """Return the two ends of the connection, that of the other side first: a client's, or a proxy's that tells of one.

    What somebody else has put around the server's scope may say anything, and has none.
    """
    told: str | None = getattr(scope, "peer", None)
    if told is None and not type(scope).__module__.startswith("granian"):
        return "", ""
    return told or scope.client, scope.server


def asgi_scope(scope: RSGIScope, app: Any, state: Mapping[str, Any] | None) -> Scope:
    """Return what an ASGI server would say of the same request.

    Args:
        scope: RSGI's.
        app: the app that the scope names.
        state: what the lifespan has left for each request; None where it said nothing.
    """
    path, headers, scheme = scope.path, scope.headers, scope.scheme
    said: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": _VERSIONS.get(scope.http_version, scope.http_version),
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode() if _needs_no_quotes(path) else quote(path, safe=_IN_PATHS).encode(),
        "query_string": scope.query_string.encode(),
        "root_path": "",
        "headers": raw_headers(headers),
        "client": _address(scope.client),
        "server": _address(scope.server) or (scope.server, None),
        "app": app,
    }
    if state is not None:
        said["state"] = dict(state)
    if scope.proto == "http":
        said["method"] = scope.method
        return said
    protocols = [each.strip() for each in ",".join(headers.get_all("sec-websocket-protocol")).split(",")]
    return {
        **said,
        "type": "websocket",
        "scheme": _SCHEMES.get(scheme, scheme),
        "subprotocols": [each for each in protocols if each],
    }


def raw_headers(headers: RSGIHeaders) -> list[tuple[bytes, bytes]]:
    """Return the headers as ASGI has them."""
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def legal_texts(headers: Iterable[tuple[bytes, bytes]]) -> tuple[Pairs, int | None]:
    """Return the headers of an answer as RSGI has them, and the length that they announce, None where there is none.

    Granian writes texts as UTF-8. What is UTF-8 arrives byte for byte; other bytes are taken for latin-1.

    Raises:
        InvalidAnswerError: they are not legal; see `check_header`.
    """
    texts: Pairs = []
    length: int | None = None
    for header in headers:
        try:
            text = _TEXTS.get(header)
        except TypeError:
            text = None  # a list or another kind of bytes, which ASGI allows
        if text is None:
            name, value = bytes(header[0]), bytes(header[1])
            announced = check_header(name, value)
            if announced is not None:
                length = agreed_length(length, announced)
            text = name.decode("ascii"), _text(value)
            if announced is None and is_said_often(name, value):
                if len(_TEXTS) >= _MOST_TEXTS:
                    _TEXTS.clear()
                _TEXTS[name, value] = text
        texts.append(text)
    return texts, length


def added_texts(headers: Iterable[tuple[bytes, bytes]], content: bytes) -> Pairs:
    """Return the headers that users add to the answer `content`, likewise.

    Raises:
        InvalidAnswerError: they are not legal, or announce another length.
    """
    texts, length = legal_texts(headers)
    if length is not None:
        check_length(length, len(content), complete=True)
    return texts


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


@lru_cache(maxsize=1024)
def _address(address: str) -> tuple[str, int] | None:
    """Return host and port; None for what has none, such as the path of a Unix socket."""
    host, _, port = address.rpartition(":")
    return (host.removeprefix("[").removesuffix("]"), int(port)) if port.isdigit() else None
