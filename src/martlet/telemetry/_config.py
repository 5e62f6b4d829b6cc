"""What an app may say about its telemetry, and what holds where it says nothing."""

import os
from collections.abc import Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from typing_extensions import TypedDict

from martlet._engine.words.keywords import check_options

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider


class TelemetryConfig(TypedDict, total=False):
    """The settings of `FastAPI(telemetry=...)`; an absent one keeps its default.

    Providers that are given, and the exporters they have, stay the application's: Martlet adds exporters to them if
    `auto_configure` says so, and never shuts them down.
    """

    tracer_provider: "TracerProvider | None"
    """Makes the spans; None: the global provider does."""

    meter_provider: "MeterProvider | None"
    """Takes the measurements; None: the global provider does."""

    logger_provider: "LoggerProvider | None"
    """Takes the log records; None: the global provider does."""

    tracing: bool
    """Whether each request and each WebSocket connection is a span. Default: True."""

    metrics: bool
    """Whether requests are counted and timed. Default: True."""

    logs: bool
    """Whether refused requests and unhandled exceptions are logged, with message and stack trace. Default: True."""

    operation_spans: bool
    """Whether dependencies, endpoint, serialization and background tasks are spans as well. Default: True."""

    auto_configure: bool
    """Whether OTLP exporters are added as `OTEL_*` environment variables say.

    Default: whether `FASTAPI_OTEL_AUTO_CONFIGURE` is `true`.
    """

    exclude: Callable[[MutableMapping[str, Any]], bool] | None
    """Given the ASGI scope, whether a request or a connection is left out. Default: None, which leaves out none."""


Settings: TypeAlias = Mapping[str, Any]
"""A TelemetryConfig that lacks nothing."""


def completed(given: Mapping[str, Any] | None) -> Settings:
    """Return all settings: those given, and the defaults of the others.

    Raises:
        UnknownOptionError: one of those given is no setting.
    """
    check_options(given or {}, TelemetryConfig, "TelemetryConfig")
    return {
        "tracer_provider": None,
        "meter_provider": None,
        "logger_provider": None,
        "tracing": True,
        "metrics": True,
        "logs": True,
        "operation_spans": True,
        "auto_configure": os.environ.get("FASTAPI_OTEL_AUTO_CONFIGURE", "").lower() == "true",
        "exclude": None,
        **(given or {}),
    }
