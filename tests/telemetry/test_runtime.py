"""What the environment asks for is exported from the app's start to its end, and a wrong wish stops no app."""

import logging
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import anyio
import pytest
from opentelemetry import trace
from opentelemetry._logs import _internal as logs_api
from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.metrics import _internal as metrics_api
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.util._once import Once
from starlette.types import Message, Receive, Scope, Send

from martlet import FastAPI
from martlet._engine.words.errors import FastAPIError
from martlet.telemetry import TelemetryConfig, _runtime
from martlet.telemetry._config import completed
from martlet.testclient import TestClient
from tests.telemetry.recording import Recording

SIGNALS = ("TRACES", "METRICS", "LOGS")
NOWHERE = "http://127.0.0.1:9"


class _Collecting(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, body))  # type: ignore[attr-defined]  # Collector's
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None: ...


class Collector(ThreadingHTTPServer):
    """Takes what is exported."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Collecting)
        self.received: list[tuple[str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def about(self, text: bytes) -> set[str]:
        """Return the paths at which it was told of something."""
        return {path for path, body in self.received if text in body}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield collector
        _runtime._shutdown()  # while there is somebody to take the rest
        collector.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Have no global provider, nor one that was made here; afterwards it is as it was."""
    for module, name in ((trace, "TRACER"), (metrics_api, "METER"), (logs_api, "LOGGER")):
        monkeypatch.setattr(module, f"_{name}_PROVIDER", None)
        monkeypatch.setattr(module, f"_{name}_PROVIDER_SET_ONCE", Once())
    monkeypatch.setattr(metrics_api, "_PROXY_METER_PROVIDER", metrics_api._ProxyMeterProvider())
    monkeypatch.setattr(_runtime, "_owned", [])
    monkeypatch.setattr(_runtime, "_configured", [])
    yield
    _runtime._shutdown()


def configure(**settings: Any) -> None:
    """Do what an app does when it starts; only traces unless the settings say more."""
    _runtime._configure_from_environment(
        completed({"auto_configure": True, "metrics": False, "logs": False, **settings})
    )


def make(config: TelemetryConfig | None = None) -> FastAPI:
    app = FastAPI(telemetry={"auto_configure": True, **(config or {})})

    @app.get("/broken")
    def broken() -> str:
        raise ValueError("broken")

    return app


def visit(app: FastAPI) -> None:
    """Start an app, ask it once, and stop it."""
    with TestClient(app, raise_server_exceptions=False) as client:
        assert client.get("/broken").status_code == 500


# ----------------------------------------------------------------------------------------------------------- exporting


def test_all_signals_are_exported_when_the_app_stops(monkeypatch: pytest.MonkeyPatch, collector: Collector) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"{collector.url}/")
    app = make()
    visit(app)
    assert collector.about(b"/broken") == {"/v1/traces", "/v1/metrics", "/v1/logs"}
    collector.received.clear()
    visit(app)
    visit(make())
    assert "/v1/traces" in collector.about(b"/broken")
    assert len(_runtime._owned) == 3


def test_given_providers_get_an_exporter_and_stay_the_applications(
    monkeypatch: pytest.MonkeyPatch, collector: Collector, recording: Recording
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    visit(make(recording.config))
    assert collector.about(b"/broken") == {"/v1/traces", "/v1/metrics", "/v1/logs"}
    assert len(_runtime._owned) == 3
    assert not {id(each) for each in _runtime._owned} & {id(each) for each in recording.config.values()}
    _runtime._shutdown()
    assert not _runtime._owned
    visit(make({**recording.config, "auto_configure": False}))
    assert recording.names.count("GET /broken") == 2


def test_only_signals_with_an_endpoint_are_exported(monkeypatch: pytest.MonkeyPatch, collector: Collector) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", f"{collector.url}/here")
    visit(make())
    assert collector.about(b"broken") == {"/here"}
    assert [name for name, _ in _runtime._configured] == ["LOGS"]


def test_a_signal_that_is_off_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    configure()
    assert [name for name, _ in _runtime._configured] == ["TRACES"]


@pytest.mark.parametrize("environment", [{}, {"OTEL_SDK_DISABLED": "TRUE", "OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE}])
def test_nothing_is_made_unless_asked_for(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    configure()
    assert not _runtime._configured


def test_a_provider_that_somebody_sets_meanwhile_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = TracerProvider(shutdown_on_exit=False)

    class Slow(trace_exporter.OTLPSpanExporter):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            if not _runtime._configured and trace.get_tracer_provider() is not theirs:
                trace.set_tracer_provider(theirs)

    monkeypatch.setattr(trace_exporter, "OTLPSpanExporter", Slow)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    configure()
    assert trace.get_tracer_provider() is theirs
    assert _runtime._configured == [("TRACES", theirs)]
    assert len(_runtime._owned) == 1
    assert theirs not in _runtime._owned


def test_older_releases_of_logfire_hide_their_meter_provider() -> None:
    inner = object()
    named = {"__module__": "logfire._internal.metrics", "provider": inner}
    older: Any = type("ProxyMeterProvider", (), named)()
    newer: Any = type("ProxyMeterProvider", (), {**named, "add_metric_reader": print})()
    assert _runtime._registration_provider(older) is inner
    assert _runtime._registration_provider(newer) is newer
    assert _runtime._registration_provider(inner) is inner


# ------------------------------------------------------------------------------------------------------ the environment


@pytest.mark.parametrize("signal", SIGNALS)
def test_the_endpoint_of_a_signal(monkeypatch: pytest.MonkeyPatch, signal: str) -> None:
    assert _runtime._export_endpoint(signal) is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector/base/")
    assert _runtime._export_endpoint(signal) == f"https://collector/base/v1/{signal.lower()}"
    monkeypatch.setenv(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT", "https://collector/own")
    assert _runtime._export_endpoint(signal) == "https://collector/own"
    monkeypatch.setenv(f"OTEL_{signal}_EXPORTER", " None ")
    assert _runtime._export_endpoint(signal) is None


@pytest.mark.parametrize("protocol", ["", "http/protobuf"])
def test_the_one_protocol(monkeypatch: pytest.MonkeyPatch, protocol: str) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
    assert _runtime._export_endpoint("TRACES") == f"{NOWHERE}/v1/traces"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("OTEL_TRACES_EXPORTER", "console", "supports OTEL_TRACES_EXPORTER=otlp or none"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "requires the OTLP http/protobuf protocol"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", "requires the OTLP http/protobuf protocol"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "collector:4318", "Invalid OTLP traces endpoint"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://", "Invalid OTLP traces endpoint"),
    ],
)
def test_a_wrong_wish_is_told_and_the_app_starts(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    monkeypatch.setenv(name, value)
    with TestClient(make()):
        (record,) = [each for each in caplog.records if each.name == "fastapi"]
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("FastAPI automatic telemetry configuration failed: ")
    assert message in record.getMessage()
    assert not _runtime._owned


def test_the_sdk_may_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    with pytest.raises(FastAPIError, match=r"requires fastapi\[opentelemetry\].*martlet\[telemetry\]"):
        configure()


def test_a_provider_may_take_no_exporters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    with pytest.raises(FastAPIError, match="tracer provider does not support adding an OTLP exporter"):
        configure(tracer_provider=trace.NoOpTracerProvider())


def test_an_exporter_that_a_provider_refuses_is_shut_down(monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[Any] = []

    def refuse(component: Any) -> None:
        monkeypatch.setattr(component, "shutdown", lambda: refused.append(component))
        shut_down.append(type(component).shutdown.__get__(component))
        raise LookupError("no more")

    shut_down: list[Callable[[], None]] = []
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", NOWHERE)
    with pytest.raises(LookupError, match="no more"):
        configure(tracer_provider=SimpleNamespace(add_span_processor=refuse))
    assert len(refused) == 1
    assert not _runtime._owned
    shut_down[0]()


# ------------------------------------------------------------------------------------------------------------- the end


class Made:
    """Notes what is done to it; nothing of it works."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.threads: set[int] = set()

    def force_flush(self) -> None:
        self.done.append("flush")
        self.threads.add(threading.get_ident())
        raise ValueError("cannot flush")

    def shutdown(self) -> None:
        self.done.append("shutdown")
        raise ValueError("cannot shut down")


@pytest.mark.parametrize(
    "message", ["lifespan.shutdown.complete", "lifespan.shutdown.failed", "lifespan.startup.failed"]
)
def test_what_was_made_is_flushed_in_a_thread_and_failures_are_logged(
    caplog: pytest.LogCaptureFixture, message: str
) -> None:
    first, second = Made(), Made()
    _runtime._owned.extend([first, second])
    sent: list[str] = []

    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": message})

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(message: Message) -> None:
        sent.append(message["type"])

    async def live() -> None:
        await _runtime.lifespan(config=completed(None), app=app, scope={}, receive=receive, send=send)

    anyio.run(live)
    assert sent == [message]
    assert first.done == second.done == ["flush"]
    assert threading.get_ident() not in first.threads
    _runtime._shutdown()
    _runtime._shutdown()
    assert first.done == second.done == ["flush", "shutdown"]
    assert caplog.text.count("FastAPI telemetry cleanup failed") == 4
