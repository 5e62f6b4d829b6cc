"""Exporters that the environment asks for, and their end: OTLP over HTTP, by OpenTelemetry's `OTEL_*` variables.

They are made when the app starts, never before: a process that forks its workers must not share them. What is made here
is flushed when an app stops, and shut down with the process; what the application made, it shuts down itself. A
component is added to a provider once, however many apps ask for it.

OpenTelemetry's SDK is imported here only once there is something to export to.
"""

import atexit
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.words.errors import FastAPIError
from martlet.logger import logger
from martlet.telemetry._config import Settings
from martlet.telemetry._providers import is_deferred

_ADVICE: Final = "pass telemetry={'auto_configure': False} to FastAPI()."
_STOPPED: Final = ("lifespan.shutdown.complete", "lifespan.shutdown.failed", "lifespan.startup.failed")

_lock = threading.RLock()
# What was made here: providers, and components of providers that are the application's.
_owned: list[Any] = []
# The providers that export as the environment asks, by signal.
_configured: list[tuple[str, Any]] = []


@dataclass(frozen=True, slots=True)
class _Signal:
    """What differs between traces, metrics and logs.

    Args:
        name: its name in variables of the environment.
        setting: the setting that switches it.
        what: the word for its providers.
        register: the method of a provider that takes a component.
        component: makes what exports to an endpoint.
        provider: makes a provider that has a component.
        api: the module that has the global provider.
    """

    name: str
    setting: str
    what: str
    register: str
    component: Callable[[str], Any]
    provider: Callable[[Any], Any]
    api: Any

    def current(self) -> Any:
        """Return the global provider."""
        return getattr(self.api, f"get_{self.what}_provider")()

    def make_global(self, provider: Any) -> None:
        """Make a provider the global one, if there is none."""
        getattr(self.api, f"set_{self.what}_provider")(provider)


def _signals() -> list[_Signal]:
    """Return the three signals.

    Raises:
        FastAPIError: OpenTelemetry's SDK or its exporter is not installed.
    """
    try:
        from opentelemetry import _logs, metrics, trace  # noqa: PLC0415 - see above
        from opentelemetry.exporter.otlp.proto.http import _log_exporter as logs_out  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http import metric_exporter as metrics_out  # noqa: PLC0415
        from opentelemetry.exporter.otlp.proto.http import trace_exporter as traces_out  # noqa: PLC0415
        from opentelemetry.sdk import _logs as sdk_logs  # noqa: PLC0415
        from opentelemetry.sdk import metrics as sdk_metrics  # noqa: PLC0415
        from opentelemetry.sdk import trace as sdk_trace  # noqa: PLC0415
        from opentelemetry.sdk._logs.export import BatchLogRecordProcessor  # noqa: PLC0415
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise FastAPIError(
            "Automatic OpenTelemetry export requires fastapi[opentelemetry] or fastapi[standard]. Install the extra, "
            f"configure providers yourself, or {_ADVICE} Martlet's extra is martlet[telemetry]."
        ) from error

    def traced(component: Any) -> Any:
        provider = sdk_trace.TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(component)
        return provider

    def logged(component: Any) -> Any:
        provider = sdk_logs.LoggerProvider(shutdown_on_exit=False)
        provider.add_log_record_processor(component)
        return provider

    return [
        _Signal(
            "TRACES", "tracing", "tracer", "add_span_processor",
            lambda endpoint: BatchSpanProcessor(traces_out.OTLPSpanExporter(endpoint=endpoint)),
            traced,
            trace,
        ),
        _Signal(
            "METRICS", "metrics", "meter", "add_metric_reader",
            lambda endpoint: PeriodicExportingMetricReader(metrics_out.OTLPMetricExporter(endpoint=endpoint)),
            lambda component: sdk_metrics.MeterProvider(metric_readers=[component], shutdown_on_exit=False),
            metrics,
        ),
        _Signal(
            "LOGS", "logs", "logger", "add_log_record_processor",
            lambda endpoint: BatchLogRecordProcessor(logs_out.OTLPLogExporter(endpoint=endpoint)),
            logged,
            _logs,
        ),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------ the environment


def _export_endpoint(signal: str) -> str | None:
    """Return the URL that the environment wants a signal exported to; None if it wants none.

    Args:
        signal: `TRACES`, `METRICS` or `LOGS`.

    Raises:
        FastAPIError: it wants what cannot be had here.
    """
    exporter = _variable(f"OTEL_{signal}_EXPORTER", default="otlp").strip().lower()
    endpoint = _variable(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT")
    if not endpoint and (base := _variable("OTEL_EXPORTER_OTLP_ENDPOINT")):
        endpoint = f"{base.removesuffix('/')}/v1/{signal.lower()}"
    if not endpoint or exporter == "none":
        return None
    if exporter != "otlp":
        raise FastAPIError(
            f"FastAPI automatic telemetry supports OTEL_{signal}_EXPORTER=otlp or none. "
            f"Configure other exporters explicitly and {_ADVICE}"
        )
    protocol = _variable(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL") or _variable("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol not in ("", "http/protobuf"):
        raise FastAPIError(
            "FastAPI automatic telemetry requires the OTLP http/protobuf protocol. "
            f"Configure other transports explicitly and {_ADVICE}"
        )
    url = urlsplit(endpoint)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise FastAPIError(f"Invalid OTLP {signal.lower()} endpoint. Use an absolute HTTP or HTTPS URL.")
    return endpoint


def _variable(name: str, default: str = "") -> str:
    """Return a variable of the environment; OpenTelemetry takes an empty one for none."""
    return os.environ.get(name) or default


def _configure_from_environment(config: Settings) -> None:
    """Have the providers of an app export to where the environment says, if the app wants that.

    Raises:
        FastAPIError: the environment, or a provider, asks for what cannot be had here.
    """
    if not config["auto_configure"] or _variable("OTEL_SDK_DISABLED").lower() == "true":
        return
    wanted = {"TRACES": config["tracing"], "METRICS": config["metrics"], "LOGS": config["logs"]}
    with _lock:
        endpoints = {name: _export_endpoint(name) for name, is_wanted in wanted.items() if is_wanted}
        if not any(endpoints.values()):
            return
        for signal in _signals():
            endpoint = endpoints.get(signal.name)
            if endpoint is not None:
                _export(signal, config[f"{signal.what}_provider"], endpoint)


def _export(signal: _Signal, given: Any, endpoint: str) -> None:
    provider = _registration_provider(signal.current() if given is None else given)
    if _is_configured(signal, provider):
        return
    if given is None and is_deferred(provider):
        own = signal.provider(signal.component(endpoint))
        signal.make_global(own)
        current = signal.current()
        if current is own:
            _note(signal, own, own)
            return
        # Someone else was faster: theirs is the global provider, ours will get nothing.
        own.shutdown()
        provider = _registration_provider(current)
    register = getattr(provider, signal.register, None)
    if not callable(register):
        raise FastAPIError(
            f"The configured OpenTelemetry {signal.what} provider does not support adding an OTLP exporter. "
            f"Configure environment export through that provider and {_ADVICE}"
        )
    component = signal.component(endpoint)
    try:
        register(component)
    except Exception:
        component.shutdown()
        raise
    _note(signal, provider, component)


def _is_configured(signal: _Signal, provider: Any) -> bool:
    return any(name == signal.name and known is provider for name, known in _configured)


def _note(signal: _Signal, provider: Any, made: Any) -> None:
    _configured.append((signal.name, provider))
    _owned.append(made)


def _registration_provider(provider: Any) -> Any:
    """Return the provider that takes components: older releases of Logfire hide that of metrics behind their own."""
    kind = type(provider)
    is_logfires = (kind.__module__, kind.__name__) == ("logfire._internal.metrics", "ProxyMeterProvider")
    return provider.provider if is_logfires and not hasattr(provider, "add_metric_reader") else provider


# ---------------------------------------------------------------------------------------------------------- their end


def _flush() -> None:
    for each in tuple(_owned):
        _attempt(each.force_flush)


def _shutdown() -> None:
    with _lock:
        owned = tuple(_owned)
        _owned.clear()
    for each in owned:
        _attempt(each.shutdown)


def _attempt(end: Callable[[], Any]) -> None:
    try:
        end()
    except Exception:  # noqa: BLE001 - the others are to end as well
        logger.exception("FastAPI telemetry cleanup failed")


atexit.register(_shutdown)


async def lifespan(*, config: Settings, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve the lifespan of an app: what is exported is set up before it starts, and flushed when it has stopped.

    Args:
        config: the app's settings, all of them.
        app: what serves the lifespan.
        scope: the ASGI scope.
        receive: the ASGI callable.
        send: the ASGI callable.
    """

    async def own_receive() -> Message:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                _configure_from_environment(config)
            except Exception as error:  # noqa: BLE001 - telemetry is no reason not to start
                logger.warning("FastAPI automatic telemetry configuration failed: %s", error)
        return message

    async def own_send(message: Message) -> None:
        if message["type"] in _STOPPED and _owned:
            await run_sync(_flush)
        await send(message)

    await app(scope, own_receive, own_send)
