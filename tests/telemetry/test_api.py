"""What telemetry knows of a request, asked from inside: by processors, by endpoints, and by code of no request."""

import gc
import weakref
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from opentelemetry import context
from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

import martlet.telemetry
from martlet import BackgroundTasks, Depends, FastAPI, HTTPException, routing
from martlet._engine.run.telemetry import KEY, UNWATCHED, watch_of
from martlet.exceptions import RequestValidationError, WebSocketRequestValidationError
from martlet.responses import PlainTextResponse
from martlet.telemetry import TelemetryConfig, TelemetryData, _api, get_telemetry_data
from martlet.telemetry._api import _operation, _RequestTelemetry, _route_selected, _validation_failed
from martlet.testclient import TestClient
from tests.telemetry.recording import Recording


class Item(BaseModel):
    name: str


def test_the_window_has_fastapis_names() -> None:
    assert (TelemetryConfig, TelemetryData, get_telemetry_data) == (
        _api.TelemetryConfig,
        _api.TelemetryData,
        _api.get_telemetry_data,
    )
    window: ModuleType = martlet.telemetry
    with pytest.raises(AttributeError, match="has no attribute 'Span'"):
        _ = window.Span


# ---------------------------------------------------------------------------------------------------- data of a request


def test_there_is_no_data_outside_of_a_request(recording: Recording) -> None:
    kept: list[Any] = []
    app = FastAPI(telemetry=recording.config)

    @app.post("/")
    async def take(item: Item, request: Request) -> str:
        data = get_telemetry_data()
        assert data is not None
        assert data.request is request
        assert data.body == {"name": "pen"}
        assert data.body is data.body
        assert data.values == {"item": item, "request": request}
        assert data.errors == []
        kept.extend([data, context.get_current()])
        return item.name

    assert get_telemetry_data() is None
    assert TestClient(app).post("/", json={"name": "pen"}).json() == "pen"
    assert get_telemetry_data() is None
    assert get_telemetry_data(kept[1]) is None
    assert isinstance(kept[0], TelemetryData)


# What other tests have left to the collector is told of the test that calls it, which is this one.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_context_that_is_kept_does_not_keep_the_request(recording: Recording) -> None:
    contexts, requests = [], []
    app = FastAPI(telemetry={**recording.config, "tracing": False, "logs": False})

    @app.get("/")
    async def read(request: Request) -> None:
        contexts.append(context.get_current())
        requests.append(weakref.ref(request))
        raise ValueError("broken")

    assert TestClient(app, raise_server_exceptions=False).get("/").status_code == 500
    gc.collect()
    assert get_telemetry_data(contexts[0]) is None
    assert requests[0]() is None


def test_what_comes_after_the_end_is_not_kept() -> None:
    telemetry = _RequestTelemetry(span=None, span_method="GET")
    telemetry.close()
    telemetry.begin(print, Request({"type": "http"}))
    telemetry.read({})
    telemetry.read_text(b"{}")
    telemetry.solved({}, [])
    telemetry.refuse(RequestValidationError([]))
    assert telemetry.data is None


# --------------------------------------------------------------------------------------------------------- the parts


class Caller:
    def __call__(self) -> str:
        return "called"

    async def later(self) -> None: ...


def test_a_part_is_named_after_whose_work_it_is(recording: Recording) -> None:
    tracer = recording.tracer_provider.get_tracer("test")
    telemetry = _RequestTelemetry(span=None, span_method="GET", tracer=tracer)
    for function in (Caller().later, Caller(), partial(Caller()), len):
        with telemetry.operation("endpoint", function):
            pass
    assert [span.attributes["code.function.name"] for span in recording.finished if span.attributes] == [
        f"{__name__}.Caller.later",
        f"{__name__}.Caller",
        "functools.partial",
        "builtins.len",
    ]


def test_a_part_that_goes_on_is_not_begun_again(recording: Recording) -> None:
    tracer = recording.tracer_provider.get_tracer("test")
    telemetry = _RequestTelemetry(span=None, span_method="GET", tracer=tracer)
    before = context.get_current()
    with telemetry:
        telemetry.enter("dependencies")
        telemetry.enter("dependencies")
        telemetry.enter("endpoint")
    telemetry.leave()
    assert recording.names == ["fastapi.dependencies", "fastapi.endpoint"]
    assert context.get_current() == before


@pytest.mark.parametrize(
    ("error", "failed"),
    [
        (ValueError("no"), True),
        (HTTPException(404), False),
        (RequestValidationError([]), False),
        (WebSocketRequestValidationError([]), False),
        (WebSocketDisconnect(1000), False),
        (WebSocketDisconnect(1006), True),
        (KeyboardInterrupt(), False),
    ],
)
def test_what_an_endpoint_answers_with_is_no_failure(error: BaseException, failed: bool, recording: Recording) -> None:
    tracer = recording.tracer_provider.get_tracer("test")
    telemetry = _RequestTelemetry(span=None, span_method="GET", tracer=tracer)
    for name in ("endpoint", "background_task"):
        with pytest.raises(type(error)), telemetry.operation(name, len):
            raise error
    states = [span.status.is_ok for span in recording.finished]
    assert states == [not failed, not isinstance(error, Exception)]


def test_an_exception_is_told_once(recording: Recording) -> None:
    logger = recording.logger_provider.get_logger("test")
    telemetry = _RequestTelemetry(span=None, span_method="GET", logger=logger)
    error = ValueError("once")
    for each in (error, error, KeyboardInterrupt()):
        telemetry.fail(each)
    assert [record["exception"] for record in recording.logs()] == ["ValueError"]
    assert isinstance(telemetry.last_exception, KeyboardInterrupt)
    telemetry.close()
    assert telemetry.last_exception is None


def test_code_of_no_request_is_no_part_of_one(recording: Recording) -> None:
    with _operation("endpoint", len):
        pass
    _validation_failed(RequestValidationError([]))
    _route_selected(scope={}, path="/")
    assert recording.names == []


def test_a_refusal_of_no_route_is_told_too(recording: Recording) -> None:
    telemetry = _RequestTelemetry(
        span=None, span_method="GET", logger=recording.logger_provider.get_logger("test"), route=None
    )
    telemetry.refuse(RequestValidationError([{"type": "missing"}]))
    (record,) = recording.logs()
    assert {name: value for name, value in record["attributes"].items() if value} == {
        "fastapi.validation.error_count": 1
    }


@pytest.mark.parametrize("name", ["run_endpoint_function", "solve_dependencies", "serialize_response"])
def test_a_function_that_was_replaced_is_a_part_of_the_work(
    name: str, recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = getattr(routing, name)

    async def replaced(**given: Any) -> Any:
        return await original(**given)

    monkeypatch.setattr(routing, name, replaced)
    app = FastAPI(telemetry=recording.config)
    app.get("/async")(Caller().later)
    app.get("/def")(Caller().__call__)
    client = TestClient(app)
    assert client.get("/async").json() is None
    assert client.get("/def").json() == "called"
    parts = ["fastapi.dependencies", "fastapi.endpoint", "fastapi.serialization"]
    assert recording.names == [*parts, "GET /async", *parts, "GET /def"]


def test_fastapis_functions_find_the_request(recording: Recording) -> None:
    app = FastAPI(telemetry=recording.config)

    @app.get("/")
    async def read(request: Request) -> None:
        with _operation("mine", read):
            _validation_failed(RequestValidationError([]))
        _route_selected(scope=request.scope, path="/chosen")
        _route_selected(scope=request.scope, path=None)

    assert TestClient(app).get("/").status_code == 200
    assert recording.span("fastapi.mine").parent == recording.span("fastapi.endpoint").context
    assert "GET /chosen" in recording.names
    assert [record["event"] for record in recording.logs()] == ["fastapi.validation.failed"]


# ------------------------------------------------------------------------------------------------ as the engine sees it


def test_an_app_beside_a_watched_one_is_not_watched(recording: Recording) -> None:
    """Its handlers tell what they do as well, and nobody listens."""
    watched, other = FastAPI(telemetry=recording.config), FastAPI(telemetry={"tracing": False})
    seen: list[Any] = []

    def guard() -> None:
        seen.append(get_telemetry_data())

    for app in (watched, other):

        @app.post("/items", dependencies=[Depends(guard)])
        def take(item: Item, request: Request, tasks: BackgroundTasks) -> str:
            assert watch_of(request.scope) is UNWATCHED or request.app is watched
            tasks.add_task(seen.append, "task")
            return item.name

        @app.get("/broken")
        async def broken() -> None:
            raise ValueError("broken")

    for app in (other, watched, other):
        client = TestClient(app, raise_server_exceptions=False)
        assert client.post("/items", json={"name": "pen"}).json() == "pen"
        assert client.post("/items", json={}).status_code == 422
        assert client.get("/broken").status_code == 500
    assert [name for name in recording.names if name.startswith(("GET", "POST"))] == [
        "POST /items",
        "POST /items",
        "GET /broken",
    ]
    assert [each is None for each in seen if each != "task"] == [True, True, False, False, True, True]


def test_a_route_without_a_template_is_passed_over(recording: Recording) -> None:
    class Odd(BaseRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            return Match.FULL, {}

        async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
            await PlainTextResponse("odd")(scope, receive, send)

    app = FastAPI(telemetry=recording.config, routes=[Odd()], openapi_url=None)
    assert TestClient(app).get("/any").text == "odd"
    assert recording.names == ["GET"]


def test_a_watch_that_watches_nothing_lets_everything_pass() -> None:
    assert watch_of({}) is UNWATCHED
    assert watch_of({KEY: None}) is UNWATCHED
    assert UNWATCHED.call(Caller(), {}) == "called"
    with pytest.raises(ValueError, match="through"), UNWATCHED:
        raise ValueError("through")
