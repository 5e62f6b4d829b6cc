"""Requests that end in other ways than by an answer, providers that are not there, and who else may be watching."""

from importlib import import_module
from typing import Any

import anyio
import pytest
from opentelemetry import _logs, metrics, propagate, trace
from opentelemetry.baggage import get_baggage, set_baggage
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import CarrierT, Getter, default_getter
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet import FastAPI
from martlet._engine.run.telemetry import KEY
from martlet.telemetry import get_telemetry_data
from martlet.telemetry._asgi import NativeTelemetry, legacy_otel
from martlet.telemetry._config import completed
from martlet.testclient import TestClient
from tests.telemetry.recording import Found, Recording, of_framework

pytestmark = pytest.mark.anyio

START: Message = {"type": "http.response.start", "status": 200}
BODY: Message = {"type": "http.response.body", "body": b"ok"}


def http(**more: Any) -> Scope:
    return {"type": "http", "method": "GET", "scheme": "http", "path": "/", "headers": [], **more}


async def nothing() -> Message:
    return {"type": "http.disconnect"}


async def nowhere(message: Message) -> None: ...


async def gone(message: Message) -> None:
    raise OSError("gone")


# -------------------------------------------------------------------------------------------------------- the end of it


def sends(*messages: Message) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for message in messages:
            await send(message)

    return app


async def leaves(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()


async def breaks_after(scope: Scope, receive: Receive, send: Send) -> None:
    await send(START)
    await send(BODY)
    raise ValueError("after the answer")


async def is_interrupted(scope: Scope, receive: Receive, send: Send) -> None:
    raise KeyboardInterrupt


ENDS: dict[str, tuple[ASGIApp, Send]] = {
    "answer": (sends(START, BODY), nowhere),
    "pieces": (sends(START, {**BODY, "more_body": True}, BODY), nowhere),
    "trailers": (
        sends(
            {**START, "trailers": True},
            BODY,
            {"type": "http.response.trailers", "headers": [], "more_trailers": True},
            {"type": "http.response.trailers", "headers": []},
        ),
        nowhere,
    ),
    "file": (sends(START, {"type": "http.response.pathsend", "path": "/file"}), nowhere),
    "server error": (sends({**START, "status": 502}, BODY), nowhere),
    "nothing": (sends(), nowhere),
    "half of it": (sends(START), nowhere),
    "client leaves": (leaves, nowhere),
    "client is gone": (sends(START, BODY), gone),
    "breaks": (breaks_after, nowhere),
    "is interrupted": (is_interrupted, nowhere),
}


@pytest.mark.parametrize("end", ENDS)
async def test_how_a_request_ends(end: str) -> None:
    told = [await _ended(framework, *ENDS[end]) for framework in ("fastapi", "martlet")]
    assert told[1] == told[0]


async def _ended(framework: str, app: ASGIApp, send: Send) -> Found:
    recording = of_framework(import_module(f"{framework}.telemetry"))
    config = {**completed(None), **recording.config}
    native: Any = import_module(f"{framework}.telemetry._asgi").NativeTelemetry(config)
    scope = http()
    try:
        await native(app=app, scope=scope, receive=nothing, send=send)
    except BaseException as error:
        recording.data.append((type(error).__name__, None))
    assert KEY not in scope
    recording.close()
    return recording.everything()


async def test_a_span_ends_with_the_answer_and_not_with_the_app(recording: Recording) -> None:
    at_the_end: list[list[str]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({**START, "trailers": True})
        await send(BODY)
        at_the_end.append(recording.names)
        await send({"type": "http.response.trailers", "headers": []})
        at_the_end.append(recording.names)

    native = NativeTelemetry(completed(recording.config))
    await native(app=app, scope=http(), receive=nothing, send=nowhere)
    assert at_the_end == [[], ["GET"]]


async def test_a_request_that_is_cancelled_has_failed(recording: Recording) -> None:
    native = NativeTelemetry(completed(recording.config))

    async def waits(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep_forever()

    with anyio.move_on_after(0.01):
        await native(app=waits, scope=http(), receive=nothing, send=nowhere)
    assert recording.span("GET").status.status_code is trace.StatusCode.ERROR
    assert recording.logs() == []


async def test_what_is_left_out_is_left_out_of_the_request_around_it(recording: Recording) -> None:
    native = NativeTelemetry(completed({**recording.config, "exclude": lambda scope: scope["path"] == "/inner"}))
    seen: list[Any] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append((scope[KEY], get_telemetry_data()))
        raise ValueError("inner")

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        inner_scope = http(path="/inner")
        with pytest.raises(ValueError, match="inner"):
            await native(app=inner, scope=inner_scope, receive=nothing, send=nowhere)
        seen.append((KEY in inner_scope, get_telemetry_data() is not None))
        await send(START)
        await send(BODY)

    await native(app=outer, scope=http(), receive=nothing, send=nowhere)
    assert seen == [(None, None), (False, True)]
    assert recording.names == ["GET"]
    assert recording.logs() == []


# --------------------------------------------------------------------------------------------------------- propagation


class Propagator(TraceContextTextMapPropagator):
    """One of a user's, who looks at headers of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Any] = []

    def extract(
        self, carrier: CarrierT, context: Context | None = None, getter: Getter[CarrierT] = default_getter
    ) -> Context:
        self.found += [getter.keys(carrier), *(getter.get(carrier, name) for name in ("X-Mine", "baggage", "missing"))]
        return set_baggage("mine", "carried", super().extract(carrier, context, getter))


async def test_a_propagator_reads_all_headers(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    propagator, carried = Propagator(), list[object]()
    monkeypatch.setattr(propagate, "get_global_textmap", lambda: propagator)
    headers = [(b"x-mine", b"one, two"), (b"baggage", b"a=1"), (b"x-mine", b"three"), (b"baggage", b"b=2")]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        carried.append(get_baggage("mine"))

    native = NativeTelemetry(completed(recording.config))
    await native(app=app, scope=http(headers=headers), receive=nothing, send=nowhere)
    assert propagator.found == [
        ["x-mine", "baggage", "x-mine", "baggage"],
        ["one, two", "three"],
        ["a=1,b=2"],
        None,
    ]
    assert carried == ["carried"]
    assert get_baggage("mine") is None


# ------------------------------------------------------------------------------------------------------------ providers


async def test_providers_that_do_nothing_are_given_nothing() -> None:
    idle = {
        "tracer_provider": trace.NoOpTracerProvider(),
        "meter_provider": metrics.NoOpMeterProvider(),
        "logger_provider": _logs.NoOpLoggerProvider(),
    }
    native = NativeTelemetry(completed(idle))
    assert native.enabled()
    seen: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(KEY in scope)

    await native(app=app, scope=http(), receive=nothing, send=nowhere)
    assert seen == [False]


async def test_global_providers_that_were_not_set_are_given_nothing() -> None:
    native = NativeTelemetry(completed(None))
    seen: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(KEY in scope)

    await native(app=app, scope=http(), receive=nothing, send=nowhere)
    assert seen == [False]


def test_a_tracer_is_made_once_for_each_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = Recording(), Recording()
    made: list[str] = []
    for name, each in (("first", first), ("second", second)):
        _count_tracers(each, name, made, monkeypatch)
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: first.tracer_provider)
    client = TestClient(FastAPI())
    for _ in range(2):
        assert client.get("/").status_code == 404
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: second.tracer_provider)
    for _ in range(2):
        assert client.get("/").status_code == 404
    assert made == ["first", "second"]
    assert (first.names, second.names) == (["GET", "GET"], ["GET", "GET"])
    first.close()
    second.close()


def _count_tracers(recording: Recording, name: str, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    get_tracer = recording.tracer_provider.get_tracer

    def noting(*args: Any, **kwargs: Any) -> Any:
        made.append(name)
        return get_tracer(*args, **kwargs)

    monkeypatch.setattr(recording.tracer_provider, "get_tracer", noting)


def test_the_scope_of_instrumentation_is_fastapis(recording: Recording) -> None:
    """Processors know FastAPI's spans by it."""
    app = FastAPI(telemetry=recording.config)
    assert TestClient(app).get("/").status_code == 404
    scope = recording.span("GET").instrumentation_scope
    assert scope is not None
    assert scope.name == "fastapi"
    assert scope.version == import_module("martlet").__version__


# --------------------------------------------------------------------------------------------------------- others watch


class OpenTelemetryMiddleware:
    """Goes by the name of the middleware of opentelemetry-instrumentation-asgi."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


OpenTelemetryMiddleware.__module__ = "opentelemetry.instrumentation.asgi"


def test_another_instrumentation_is_found_in_a_stack() -> None:
    app = FastAPI()
    assert not legacy_otel(app.build_middleware_stack())
    assert not legacy_otel(None)
    app.add_middleware(OpenTelemetryMiddleware)
    assert legacy_otel(app.build_middleware_stack())


def test_a_stack_that_bites_its_tail_has_an_end() -> None:
    class Stack:
        app: Any = None

    stack = Stack()
    stack.app = stack
    assert not legacy_otel(stack)


def test_it_is_left_alone_with_the_request(recording: Recording) -> None:
    app = FastAPI(telemetry=recording.config, openapi_url=None)
    app.add_middleware(OpenTelemetryMiddleware)
    app.get("/")(lambda: get_telemetry_data() is None)
    client = TestClient(app)
    assert client.get("/").json() is True
    assert recording.names == []
    app.user_middleware.clear()
    app.middleware_stack = app.build_middleware_stack()
    assert client.get("/").json() is False
    assert recording.names == ["fastapi.dependencies", "fastapi.endpoint", "fastapi.serialization", "GET /"]
