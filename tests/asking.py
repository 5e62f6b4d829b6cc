"""Asking an app over bare ASGI, and writing down everything that happens: messages, events of the app, exceptions.

`Framework` is one of the two frameworks, so that one factory makes the same app from Martlet and from genuine FastAPI;
`ask` sends one request. What both return can be compared: see `Answer`.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, Literal, Protocol, TypeVar
from urllib.parse import unquote

import anyio
import anyio.lowlevel
import fastapi.routing
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests import rsgi

Headers = Sequence[tuple[str, str]]
Way = Literal["direct", "observed", "foreign", "direct, RSGI", "observed, RSGI", "foreign, RSGI"]
"""How Martlet serves: compiled handlers alone; with a middleware outside; by handlers that a user may override.

Over ASGI, or over RSGI. What RSGI cannot say of a request (a root path, say) is said over ASGI there too.
"""

WAYS: tuple[Way, ...] = ("direct", "observed", "foreign", "direct, RSGI", "observed, RSGI", "foreign, RSGI")
COMPILED: tuple[Way, ...] = ("direct", "observed", "direct, RSGI", "observed, RSGI")
"""Those in which handlers are compiled."""

Function = TypeVar("Function", bound=Callable[..., Any])
JSON = ("content-type", "application/json")


class Decorator(Protocol):
    """What returns the function that it was given."""

    def __call__(self, function: Function, /) -> Function: ...


class App(Protocol):
    """An app of either framework, as far as the tests go."""

    state: Any
    router: Any
    routes: list[Any]
    dependency_overrides: dict[Any, Any]
    lifespan_context: Any
    middleware_stack: Any

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...
    def get(self, path: str, **options: Any) -> Decorator: ...
    def post(self, path: str, **options: Any) -> Decorator: ...
    def api_route(self, path: str, **options: Any) -> Decorator: ...
    def websocket(self, path: str, **options: Any) -> Decorator: ...
    def middleware(self, middleware_type: str) -> Decorator: ...
    def exception_handler(self, exc_class_or_status_code: Any) -> Decorator: ...
    def add_middleware(self, middleware_class: Any, **options: Any) -> None: ...
    def add_api_route(self, path: str, endpoint: Any, **options: Any) -> None: ...
    def include_router(self, router: Any, **options: Any) -> None: ...
    def mount(self, path: str, app: Any) -> None: ...
    def build_middleware_stack(self) -> Any: ...


class Framework:
    """One of the two frameworks: its top-level names, and its modules by name.

    Args:
        name: `martlet` or `fastapi`.
        way: how apps that `app` makes are served.
    """

    def __init__(self, name: str, way: Way = "direct") -> None:
        self.name = name
        self.way = way
        self._top: ModuleType = importlib.import_module(name)

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(self._top, name)
        except AttributeError:
            return importlib.import_module(f"{self.name}.{name}")

    def __repr__(self) -> str:
        return f"{self.name}, {self.way}"

    def app(self, **options: Any) -> App:
        """Make an app without a document; `app.state.events` is a list for what happens."""
        # FastAPI keeps where an endpoint is by the endpoint's id, which another one has once that is gone.
        fastapi.routing._endpoint_context_cache.clear()
        app: App = self.FastAPI(openapi_url=None, **options)
        app.state.events = []
        app.state.over_rsgi = self.name == "martlet" and self.way.endswith("RSGI")
        if self.way.startswith("observed"):
            app.add_middleware(Around)
        elif self.way.startswith("foreign"):
            app.router.route_class = self._overridden()
        return app

    def _overridden(self) -> Any:
        class Overridden(self.routing.APIRoute):  # type: ignore[misc, name-defined]  # known at run time
            def get_route_handler(self) -> Any:
                return super().get_route_handler()

        return Overridden


class Around:
    """A middleware that does nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@dataclass(frozen=True)
class Ask:
    """A request.

    Args:
        target: method and raw path with its query, such as `GET /items?q=1`.
        headers: names and values.
        body: the body, in the pieces in which it comes.
        leaves: whether the client goes away instead of sending the rest of the body.
        scope: what else is in the scope.
        outcome: what the app is to do; it stands in `app.state.outcome`.
        raises: what reading the body raises.
        takes: how many messages the client takes before it goes away; None: all.
    """

    target: str
    headers: Headers = ()
    body: bytes | Sequence[bytes] = b""
    leaves: bool = False
    scope: dict[str, Any] = field(default_factory=dict)
    outcome: str = ""
    raises: Exception | None = None
    takes: int | None = None

    def then(self, outcome: str) -> "Ask":
        """Return the same request with another outcome."""
        return replace(self, outcome=outcome)

    @property
    def pieces(self) -> list[bytes]:
        return [self.body] if isinstance(self.body, bytes) else list(self.body)

    @property
    def can_be_rsgi(self) -> bool:
        """Whether RSGI has words for all of it; it tells nobody after how many messages a client leaves."""
        is_told = all(name.islower() and value.isascii() for name, value in self.headers)
        return is_told and self.scope.keys() <= {"state"} and self.raises is None and self.takes is None

    def as_scope(self) -> Scope:
        method, _, target = self.target.partition(" ")
        path, _, query = target.partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in self.headers],
            "client": ("client", 1234),
            "server": ("server", 80),
            **self.scope,
        }


def get(target: str, **headers: str) -> Ask:
    """Make a GET; an underscore in a header's name stands for a hyphen."""
    return Ask(f"GET {target}", [(name.replace("_", "-"), value) for name, value in headers.items()])


def post(target: str, body: bytes | Sequence[bytes], content_type: str | None = "application/json") -> Ask:
    """Make a POST."""
    return Ask(f"POST {target}", [("content-type", content_type)] if content_type is not None else [], body)


@dataclass(eq=False)
class Answer:
    """What an app did with a request.

    Args:
        status: None where nothing was answered.
        headers: in their order.
        body: all of it.
        error: what was raised out of the app, as its class's name and its text.
        events: what the app noted, and when the answer began and ended.
        complete: whether the last message of the body was sent.
    """

    status: int | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    error: tuple[str, str] | None = None
    events: list[Any] = field(default_factory=list)
    complete: bool = False
    is_piped: bool = field(default=False, compare=False, repr=False)
    """Whether nobody can say when it began and ended: a pipe is opened late, and its reader has a pace of its own."""

    length_added: bool = field(default=False, compare=False, repr=False)
    """Whether the server has added the length of a body that was sent without: over ASGI it goes out in chunks."""

    is_unsent: bool = field(default=False, compare=False, repr=False)
    """Whether it failed before anything was sent: over RSGI so does a stream whose beginning ASGI servers have sent."""

    __hash__ = None  # type: ignore[assignment]  # it can be changed, as other dataclasses can

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Answer):
            return NotImplemented
        if self.is_unsent != other.is_unsent and (self if other.is_unsent else other)._is_broken_off:
            return (self.error, self._own_events) == (other.error, other._own_events)
        unseen = ["answer begins", "answer ends"] if self.is_piped or other.is_piped else []
        mine, theirs = self._compared(unseen), other._compared(unseen)
        if self.length_added != other.length_added and self._has_length != other._has_length:
            for each in (mine, theirs):
                each["headers"] = [pair for pair in each["headers"] if pair[0] != b"content-length"]
        return mine == theirs

    def _compared(self, unseen: Sequence[str]) -> dict[str, Any]:
        told = {"is_piped": False, "length_added": False, "is_unsent": False}
        return {**vars(self), **told, "events": [event for event in self.events if event not in unseen]}

    @property
    def _is_broken_off(self) -> bool:
        return self.status is not None and self.error is not None and not self.complete

    @property
    def _own_events(self) -> list[Any]:
        return [event for event in self.events if event not in ("answer begins", "answer ends")]

    @property
    def _has_length(self) -> bool:
        return any(name == b"content-length" for name, _ in self.headers)


async def ask(app: App, request: Ask, *, raised: Callable[[BaseException], None] | None = None) -> Answer:
    """Send one request to an app and return what came of it; an exception is told to `raised` as well."""
    over_rsgi = getattr(app.state, "over_rsgi", False) and request.can_be_rsgi
    answer = await (_ask_over_rsgi if over_rsgi else _ask_over_asgi)(app, request, raised)
    if request.target.startswith("HEAD "):
        answer.body = b""  # servers send none
    return answer


async def _ask_over_asgi(app: App, request: Ask, raised: Callable[[BaseException], None] | None) -> Answer:
    events: list[Any] = app.state.events
    events.clear()
    app.state.outcome = request.outcome
    answer = Answer()
    scope = request.as_scope()
    pieces = request.pieces
    done = anyio.Event()

    async def receive() -> Message:
        if request.raises is not None:
            raise request.raises
        if pieces:
            piece = pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces) or request.leaves}
        if not request.leaves:
            await done.wait()
        return {"type": "http.disconnect"}

    taken = 0

    async def send(message: Message) -> None:
        nonlocal taken
        await anyio.lowlevel.checkpoint()
        if taken == request.takes:
            # By the spec's version 2.4 the server says so; before that, it is for the app to ask.
            if scope["asgi"]["spec_version"] == "2.4":
                raise OSError("gone")
            done.set()
            return
        taken += 1
        if message["type"] == "http.response.start":
            events.append("answer begins")
            answer.status = message["status"]
            answer.headers = [(bytes(name), bytes(value)) for name, value in message.get("headers", [])]
        else:
            answer.body += message.get("body", b"")
            if not message.get("more_body", False):
                events.append("answer ends")
                answer.complete = True
                done.set()

    try:
        with anyio.fail_after(10):
            await app(scope, receive, send)
    except Exception as error:
        answer.error = (type(error).__name__, str(error))
        if raised is not None:
            raised(error)
    answer.events = list(events)
    return answer


async def _ask_over_rsgi(app: Any, request: Ask, raised: Callable[[BaseException], None] | None) -> Answer:
    events: list[Any] = app.state.events
    events.clear()
    app.state.outcome = request.outcome
    answer = Answer()
    if app.middleware_stack is None:
        # As an app is behind its first request, which goes another way: it asks whether there is telemetry.
        app.middleware_stack = app.build_middleware_stack()
        app._entrance._watcher()
    method, _, target = request.target.partition(" ")
    headers = list(request.headers)
    names = {name.lower() for name, _ in headers}
    if (any(request.pieces) or request.leaves) and not names & {"content-length", "transfer-encoding"}:
        headers.append(("transfer-encoding", "chunked"))
    # Starlette's URL is made of the server's name where there is no Host.
    http = rsgi.HTTP(
        [piece for piece in request.pieces if piece],
        leaves=request.leaves,
        on_head=lambda: events.append("answer begins"),
        on_end=lambda: events.append("answer ends"),
    )
    if "state" in request.scope:
        app.__rsgi__._bridge.state = request.scope["state"]
    try:
        with anyio.fail_after(10):
            await rsgi.serve(app, rsgi.Scope(method, target, headers), http)
    except Exception as error:
        answer.error = (type(error).__name__, str(error))
        if raised is not None:
            raised(error)
    answer.status, answer.body, answer.complete = http.status, http.body, http.complete
    answer.is_piped, answer.length_added = http.reading is not None, http.length_added
    answer.is_unsent = answer.error is not None and not answer.is_piped and answer.status in (None, 500)
    if answer.error is not None and answer.is_piped:
        # RSGI cannot break a body off: its end is all that there is to say.
        answer.complete = False
        events.remove("answer ends")
    answer.headers = [(name.encode(), value.encode("latin-1")) for name, value in http.headers]
    answer.events = list(events)
    return answer


async def talk(app: App, target: str, *said: str, headers: Headers = (), outcome: str = "") -> Answer:
    """Open a WebSocket, say some texts, go away, and return the app's messages as events."""
    events: list[Any] = app.state.events
    events.clear()
    app.state.outcome = outcome
    answer = Answer()
    scope = Ask(f"GET {target}", headers).as_scope()
    scope.update(type="websocket", scheme="ws", subprotocols=[], extensions={"websocket.http.response": {}})
    del scope["method"]
    waiting: list[Message] = [{"type": "websocket.connect"}]
    waiting += [{"type": "websocket.receive", "text": text} for text in said]

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": "websocket.disconnect", "code": 1001}

    async def send(message: Message) -> None:
        await anyio.lowlevel.checkpoint()
        events.append(dict(message))

    try:
        with anyio.fail_after(10):
            await app(scope, receive, send)
    except Exception as error:
        answer.error = (type(error).__name__, str(error))
    answer.events = list(events)
    return answer
