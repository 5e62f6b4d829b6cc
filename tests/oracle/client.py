"""Build a drawn program on one framework, and ask it in process, with nothing between but ASGI messages."""

import asyncio
import json
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Scope

from tests.oracle.requests import Request

MODULE = "drawn_program"
PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Args:
        status: the status; 0 if none was sent.
        headers: in their order, names lower-case.
        body: all of it.
        log: what the program wrote down meanwhile.
        raised: the name of the class that was raised through the app, if any was, and those of its bases.
        reason: its text.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    log: tuple[str, ...]
    raised: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Built:
    """A program on one framework.

    Args:
        app: its app, or nothing if its declaration was refused.
        log: its log.
        refusal: the class of the error that refused it.
        reason: its text.
    """

    app: Any
    log: list[str]
    refusal: str = ""
    reason: str = ""

    def openapi(self) -> str:
        """Return the OpenAPI document as text, its keys in their order, or the names of the error's class and bases."""
        try:
            with warnings.catch_warnings(action="ignore"):
                return json.dumps(self.app.openapi(), indent=1, default=repr)
        except Exception as error:
            return " ".join(base.__name__ for base in type(error).__mro__)


def build(source: str, framework: str) -> Built:
    """Run the program's source, its `fastapi` replaced by the framework's name."""
    module = ModuleType(MODULE)
    sys.modules[MODULE] = module
    text = source.replace("from fastapi", f"from {framework}")
    try:
        code = compile(text, f"<drawn for {framework}>", "exec")
        with warnings.catch_warnings(action="ignore"):
            exec(code, vars(module))
    except Exception as error:
        return Built(None, [], type(error).__name__, str(error))
    found = vars(module)
    # A program that was cut down may lack them.
    missing = "app" not in found or "LOG" not in found
    return Built(None, [], "nothing to serve") if missing else Built(found["app"], found["LOG"])


@contextmanager
def running() -> Iterator[asyncio.Runner]:
    """Keep one event loop for many requests."""
    with asyncio.Runner() as runner:
        yield runner


def ask(runner: asyncio.Runner, built: Built, request: Request) -> Answer:
    """Send one request and wait for the whole answer."""
    built.log.clear()
    sent: list[Message] = []
    raised: tuple[str, ...] = ()
    reason = ""
    try:
        with warnings.catch_warnings(action="ignore"):
            runner.run(asyncio.wait_for(_call(built.app, request, sent), PATIENCE))
    except Exception as error:
        raised, reason = tuple(base.__name__ for base in type(error).__mro__), _comparable(error)
    if request.method == "WEBSOCKET":
        return _conversation(sent, tuple(built.log), raised, reason)
    start = next((message for message in sent if message["type"] == "http.response.start"), None)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in (start or {}).get("headers", [])]
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Answer(start["status"] if start else 0, tuple(headers), body, tuple(built.log), raised, reason)


def _conversation(sent: list[Message], log: tuple[str, ...], raised: tuple[str, ...], reason: str) -> Answer:
    """Return what a WebSocket was answered: 101 if it was accepted, 403 or the denial's own status if not."""
    first: Message = sent[0] if sent else {"type": "nothing"}
    status: int = {"websocket.accept": 101, "websocket.close": 403}.get(first["type"]) or first.get("status", 0)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in first.get("headers", [])]
    said = [{key: value for key, value in message.items() if key != "headers"} for message in sent]
    return Answer(status, tuple(headers), repr(said).encode(), log, raised, reason)


async def _talk(app: ASGIApp, request: Request, sent: list[Message]) -> None:
    messages: list[Message] = [{"type": "websocket.connect"}]
    messages += [
        {"type": "websocket.receive", ("text" if isinstance(frame, str) else "bytes"): frame}
        for frame in request.frames
    ]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "websocket.disconnect", "code": 1001, "reason": ""}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope_of(request), receive, send)


async def _call(app: ASGIApp, request: Request, sent: list[Message]) -> None:
    if request.method == "WEBSOCKET":
        await _talk(app, request, sent)
        return
    size = -(-len(request.body) // request.chunks) or 1
    pieces = [request.body[at : at + size] for at in range(0, len(request.body), size)] or [b""]
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    messages[-1]["more_body"] = False
    ended = asyncio.Event()

    async def receive() -> Message:
        if messages:
            return messages.pop(0)
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            ended.set()

    await app(scope_of(request), receive, send)


def scope_of(request: Request) -> Scope:
    """Return the ASGI scope that a server makes of the request."""
    path, _, query = request.target.partition("?")
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    if request.body and request.chunks == 1:
        headers.append((b"content-length", b"%d" % len(request.body)))
    if not any(name == b"host" for name, _ in headers):
        headers.insert(0, (b"host", b"oracle.test"))
    path_and_more: Scope = {
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "server": ("oracle.test", 80),
        "client": ("192.0.2.1", 40000),
        "root_path": "",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": headers,
        "state": {},
    }
    if request.method == "WEBSOCKET":
        extensions: Scope = {"websocket.http.response": {}}
        return {
            **path_and_more,
            "type": "websocket",
            "scheme": "ws",
            "subprotocols": ["chat"],
            "extensions": extensions,
        }
    return {**path_and_more, "type": "http", "scheme": "http", "method": request.method}


def _comparable(error: Exception) -> str:
    """Return what two frameworks' errors have to agree on: for validation errors their list, else the text."""
    errors = getattr(error, "errors", None)
    return repr(errors()) if callable(errors) else str(error)
