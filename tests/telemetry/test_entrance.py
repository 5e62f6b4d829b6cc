"""An app goes through its entrance only as long as there is something to do there."""

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from martlet import FastAPI
from martlet.exceptions import FastAPIDeprecationWarning
from martlet.telemetry import _entrance
from martlet.testclient import TestClient
from tests.telemetry.recording import Recording


class Wrapper:
    """Middleware that does nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def make(**options: Any) -> FastAPI:
    app = FastAPI(**options)

    @app.get("/fine")
    def fine() -> str:
        return "fine"

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("broken")

    return app


def unwatched(**options: Any) -> FastAPI:
    """Return an app that no provider of this process, if it has one, takes anything from."""
    return make(telemetry={"tracing": False, "metrics": False, "logs": False}, **options)


def stands(app: FastAPI) -> bool:
    """Whether requests go through the app's entrance."""
    return app._ahead is app._entrance


def exceptions(recording: Recording) -> list[str]:
    return [record["exception"] for record in recording.logs()]


def test_the_entrance_steps_aside_if_nobody_watches() -> None:
    app = unwatched()
    assert stands(app)
    assert TestClient(app).get("/fine").json() == "fine"
    assert not stands(app)
    assert TestClient(app).get("/fine").json() == "fine"


def test_it_stays_for_the_root_path() -> None:
    with pytest.warns(FastAPIDeprecationWarning, match="root_path"):
        app = unwatched(root_path="/api")
    for _ in range(2):
        assert TestClient(app).get("/api/fine").json() == "fine"
        assert stands(app)
    assert app._root_path == "/api"


def test_it_asks_for_a_provider_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(_entrance, "is_configured", asked.append)
    with pytest.warns(FastAPIDeprecationWarning):
        app = unwatched(root_path="/api")
    for _ in range(3):
        assert TestClient(app).get("/api/fine").json() == "fine"
    assert asked == [app._telemetry]
    app._entrance.stand()
    assert TestClient(app).get("/api/fine").json() == "fine"
    assert asked == [app._telemetry, app._telemetry]


def test_it_stays_where_it_would_not_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.util._once", ModuleType("another"))
    app = unwatched()
    assert TestClient(app).get("/fine").json() == "fine"
    assert stands(app)


def test_it_is_back_when_the_app_has_stopped() -> None:
    app = unwatched()
    with TestClient(app) as client:
        assert client.get("/fine").json() == "fine"
        assert not stands(app)
    assert stands(app)


def test_it_stays_if_somebody_watches(recording: Recording) -> None:
    app = make(telemetry=recording.config)
    client = TestClient(app, raise_server_exceptions=False)
    assert [client.get(path).status_code for path in ("/fine", "/broken", "/broken")] == [200, 500, 500]
    assert stands(app)
    assert [name for name in recording.names if name.startswith("GET")] == ["GET /fine", "GET /broken", "GET /broken"]
    assert exceptions(recording) == ["ValueError", "ValueError"]


def test_a_stack_that_was_built_before_or_is_changed_later_is_watched_too(recording: Recording) -> None:
    app = make(telemetry=recording.config)
    app.middleware_stack = app.build_middleware_stack()
    client = TestClient(app, raise_server_exceptions=False)
    assert client.get("/broken").status_code == 500
    app.middleware_stack = Wrapper(app.middleware_stack)
    assert client.get("/broken").status_code == 500
    assert exceptions(recording) == ["ValueError", "ValueError"]


def test_a_stack_without_error_handling_is_left_as_it_is(recording: Recording) -> None:
    app = make(telemetry=recording.config)
    app.middleware_stack = Wrapper(app.router)
    with pytest.raises(ValueError, match="broken"):
        TestClient(app).get("/broken")
    assert exceptions(recording) == ["ValueError"]


def test_a_mounted_app_leaves_the_request_to_the_outer_one(recording: Recording) -> None:
    outer, inner = make(telemetry=recording.config), make(telemetry=recording.config)
    outer.mount("/inner", inner)
    assert TestClient(outer).get("/inner/fine").json() == "fine"
    assert [name for name in recording.names if name.startswith("GET")] == ["GET /inner/fine"]


def test_a_provider_that_comes_later_takes_over() -> None:
    program = """
import sys
from martlet import FastAPI
from martlet.telemetry import _entrance
from martlet.testclient import TestClient

app = FastAPI()
app.get("/")(lambda: "fine")
client = TestClient(app)
assert client.get("/").json() == "fine"
assert app._ahead is None and "opentelemetry" not in sys.modules

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

assert client.get("/").json() == "fine"
assert app._ahead is None
spans = InMemorySpanExporter()
provider = TracerProvider(shutdown_on_exit=False)
provider.add_span_processor(SimpleSpanProcessor(spans))
trace.set_tracer_provider(provider)
assert app._ahead is not None
assert client.get("/").json() == "fine"
print([span.name for span in spans.get_finished_spans()][-1])
"""
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "GET /"
