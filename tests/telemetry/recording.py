"""Providers that keep what they are given, and a plain form of it in which two frameworks can be compared."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from opentelemetry.context import Context
from opentelemetry.sdk._logs import LoggerProvider, LogRecordProcessor, ReadWriteLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from martlet.telemetry import TelemetryConfig

Found = dict[str, Any]
GetData = Callable[[Context | None], Any]


class Recording:
    """What one or more apps told of their requests.

    Args:
        get_data: the framework's `get_telemetry_data`; what it returns at the start of each span and at each record is
            kept as well.
    """

    def __init__(self, get_data: GetData | None = None) -> None:
        self._spans = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self._logs = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]  # the SDK's
        self.tracer_provider = TracerProvider(shutdown_on_exit=False)
        self.meter_provider = MeterProvider([self._reader], shutdown_on_exit=False)
        self.logger_provider = LoggerProvider(shutdown_on_exit=False)
        self.data: list[tuple[str, Found | None]] = []
        if get_data is not None:
            processor = _Data(get_data, self.data)
            self.tracer_provider.add_span_processor(processor)
            self.logger_provider.add_log_record_processor(_LogData(get_data, self.data))
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._spans))
        self.logger_provider.add_log_record_processor(SimpleLogRecordProcessor(self._logs))

    @property
    def config(self) -> TelemetryConfig:
        """The settings of an app that tells it here."""
        return {
            "tracer_provider": self.tracer_provider,
            "meter_provider": self.meter_provider,
            "logger_provider": self.logger_provider,
        }

    @property
    def finished(self) -> Sequence[ReadableSpan]:
        """The spans that have ended, the earliest first."""
        return self._spans.get_finished_spans()

    @property
    def names(self) -> list[str]:
        return [span.name for span in self.finished]

    def span(self, name: str) -> ReadableSpan:
        """Return the one span of that name."""
        (found,) = [span for span in self.finished if span.name == name]
        return found

    def spans(self) -> list[Found]:
        """Return all spans in a plain form, with the name of each one's parent."""
        names = {span.context.span_id: span.name for span in self.finished if span.context is not None}
        return [
            {
                "name": span.name,
                "kind": span.kind.name,
                "parent": names.get(span.parent.span_id, "remote") if span.parent is not None else None,
                "status": span.status.status_code.name,
                "attributes": _plain(span.attributes),
                "events": [event.name for event in span.events],
                "schema": span.instrumentation_scope.schema_url if span.instrumentation_scope is not None else None,
            }
            for span in self.finished
        ]

    def logs(self) -> list[Found]:
        """Return all log records in a plain form."""
        found = []
        for each in self._logs.get_finished_logs():
            record, attributes = each.log_record, _plain(each.log_record.attributes)
            attributes.pop("exception.stacktrace", None)
            found.append(
                {
                    "event": record.event_name,
                    "body": record.body,
                    "severity": (record.severity_number, record.severity_text),
                    "exception": type(record.exception).__name__,
                    "attributes": attributes,
                    "traced": bool(record.trace_id),
                }
            )
        return found

    def points(self, name: str = "http.server.request.duration") -> list[tuple[Found, Any]]:
        """Return the attributes of a metric's points, each with its count or its value."""
        data = self._reader.get_metrics_data()
        metrics = (
            metric
            for resource in (data.resource_metrics if data is not None else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
        )
        points = [point for metric in metrics if metric.name == name for point in metric.data.data_points]
        return [(_plain(point.attributes), getattr(point, "count", getattr(point, "value", None))) for point in points]

    def everything(self) -> Found:
        """Return all of it in a plain form."""
        return {
            "spans": self.spans(),
            "logs": self.logs(),
            "durations": sorted(map(str, self.points())),
            "active": sorted(map(str, self.points("http.server.active_requests"))),
            "data": self.data,
        }

    def close(self) -> None:
        """Shut the providers down."""
        self.tracer_provider.shutdown()
        self.meter_provider.shutdown()
        self.logger_provider.shutdown()


def of_framework(telemetry: ModuleType) -> Recording:
    """Return a recording of the requests of a framework's apps, given its module `telemetry`."""
    return Recording(telemetry.get_telemetry_data)


@dataclass
class _Data(SpanProcessor):
    """Notes what data there is when a span begins."""

    get_data: GetData
    noted: list[tuple[str, Found | None]]

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        self.noted.append((span.name, _shown(self.get_data(parent_context))))


@dataclass
class _LogData(LogRecordProcessor):
    """Notes what data there is when something is logged."""

    get_data: GetData
    noted: list[tuple[str, Found | None]]

    def on_emit(self, log_record: ReadWriteLogRecord) -> None:
        record = log_record.log_record
        self.noted.append((str(record.event_name), _shown(self.get_data(record.context))))

    def shutdown(self) -> None: ...

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return True


def _shown(data: Any) -> Found | None:
    if data is None:
        return None
    connection = data.request or data.websocket
    return {
        "path": connection.url.path if connection is not None else None,
        "body": _value(data.body),
        "values": _value(data.values),
        "errors": _value(data.errors),
    }


def _value(value: Any) -> Any:
    """Return a value that is equal for both frameworks, whose own objects are not."""
    if isinstance(value, float):
        return repr(value)  # not a number equals itself then
    if isinstance(value, Mapping) and not isinstance(value, HTTPConnection):
        return {key: _value(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_value(each) for each in value]
    if isinstance(value, BaseModel):
        return value.model_dump()
    return value if isinstance(value, str | bytes | int | None) else type(value).__name__


def _plain(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return attributes; an exception of Martlet's goes by its name in FastAPI."""
    plain = dict(attributes or {})
    for name in ("error.type", "exception.type"):
        plain[name] = str(plain.get(name, "")).replace("martlet.exceptions.", "fastapi.exceptions.")
    return plain
