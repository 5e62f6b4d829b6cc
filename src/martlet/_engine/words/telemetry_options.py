"""What an app may say about its telemetry.

OpenTelemetry's types are named for those who check types; they are not imported, since most apps have no telemetry.
"""

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import TypedDict

if TYPE_CHECKING:
    from opentelemetry._logs import LoggerProvider
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

KEY: Final = "fastapi.telemetry"
"""The key of the scope under which the watch of a request stands.

None there means that telemetry leaves the request out, also in apps that are mounted.
"""


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
