"""What telemetry knows of one request: its span, the parts of the work on it, and the data that processors ask for.

`_asgi.py` makes a `_RequestTelemetry` for each request that it watches and puts it into the scope and into the context.
The engine tells it what happens. Names with an underscore are FastAPI's, for those who take them from there.
"""

import json
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from time import time_ns
from typing import Any, Final

from opentelemetry import context as otel_context
from opentelemetry._logs import Logger, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.trace import Span, StatusCode, Tracer, set_span_in_context
from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import Request
from starlette.websockets import WebSocket, WebSocketDisconnect

from martlet._engine.run.telemetry import KEY, Refusal, Watch
from martlet._engine.words.http_errors import RequestValidationError, WebSocketRequestValidationError
from martlet._engine.words.telemetry_options import TelemetryConfig as TelemetryConfig
from martlet.telemetry._providers import is_deferred as _unconfigured

__all__ = ["TelemetryConfig", "TelemetryData", "_unconfigured", "get_telemetry_data"]

_REQUEST_TELEMETRY_KEY: Final = otel_context.create_key("fastapi.request")
_NOTHING: Final = nullcontext()

# What an endpoint raises to answer with; for a span that is no failure.
_ANSWERS: Final = (HTTPException, RequestValidationError, WebSocketException, WebSocketRequestValidationError)


@dataclass(kw_only=True)
class TelemetryData:
    """What a request or a connection is about, for processors of spans and logs in this process.

    Read it while the request is handled; whoever exports something of it decides what is fit to be seen.

    Args:
        request: the request; it is there once its route's handler begins.
        websocket: the same for a WebSocket.
        body: the body as it was read, before it was validated.
        values: the arguments of the endpoint; they are there once the dependencies have run.
        errors: what was wrong with the request, with the values that were sent.
    """

    request: Request | None = None
    websocket: WebSocket | None = None
    body: Any = None
    values: dict[str, Any] | None = None
    errors: Sequence[Any] | None = None


class _LiveData(TelemetryData):
    """The data of a request that is being handled.

    PERF: a compiled handler validates a body from its text, and parses it for nobody; here it is parsed once someone
    looks at `body`.
    """

    _text: bytes | None = None
    _body: Any = None

    @property
    def body(self) -> Any:
        """The body as it was read, before it was validated."""
        if self._text is not None:
            # What pydantic-core reads as JSON, `json` does too: it is the stricter one.
            self._body, self._text = json.loads(self._text), None
        return self._body

    @body.setter
    def body(self, body: Any) -> None:
        self._body, self._text = body, None

    def keep_text(self, text: bytes) -> None:
        """Take a body that nobody has parsed."""
        self._text = text


def _exception_type(exc: BaseException) -> str:
    kind = type(exc)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _normal_websocket_disconnect(exc: BaseException) -> bool:
    return isinstance(exc, WebSocketDisconnect) and exc.code in (1000, 1001)


def _function_name(function: Callable[..., Any]) -> str:
    kind = type(function)
    module = getattr(function, "__module__", kind.__module__)
    return f"{module}.{getattr(function, '__qualname__', kind.__qualname__)}"


class _Operation:
    """A part of the work on a request, as a span that is current meanwhile.

    Args:
        tracer: makes the span.
        name: what is done.
        function: the name of whose work it is.
    """

    __slots__ = ("_span", "_token", "_tracer", "function", "name")

    def __init__(self, tracer: Tracer, name: str, function: str) -> None:
        self._tracer = tracer
        self.name = name
        self.function = function

    def __enter__(self) -> None:
        attributes = {"code.function.name": self.function}
        self._span = self._tracer.start_span(f"fastapi.{self.name}", attributes=attributes)
        self._token = otel_context.attach(set_span_in_context(self._span))

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        otel_context.detach(self._token)
        if isinstance(error, Exception) and self._is_failure(error):
            self._span.set_attribute("error.type", _exception_type(error))
            self._span.set_status(StatusCode.ERROR)
        self._span.end()

    def _is_failure(self, error: Exception) -> bool:
        if self.name == "background_task":
            return True
        return not isinstance(error, _ANSWERS) and not _normal_websocket_disconnect(error)


@dataclass(kw_only=True, eq=False)
class _RequestTelemetry(Watch):
    """What telemetry knows of one request or connection, and the Watch that it is told by.

    Args:
        span: the request's span, if it is traced.
        span_method: the first word of the span's name.
        tracer: makes the spans of operations, if those are wanted.
        logger: takes the log records, if those are wanted.
        route: the template of the route.
        status_code: the status of the answer.
        data: what processors ask for; None once the request is done.
        is_websocket: whether it is a WebSocket.
    """

    span: Span | None
    span_method: str
    tracer: Tracer | None = None
    logger: Logger | None = None
    route: str | None = None
    status_code: int | None = None
    data: TelemetryData | None = field(default_factory=_LiveData)
    is_websocket: bool = False
    _mount_prefix: str = ""
    _exceptions: list[BaseException] = field(default_factory=list, repr=False)
    _function: str = ""
    _current: _Operation | None = None

    # ------------------------------------------------------------------------------------------- what it is about

    def select(self, path: str, *, mount: bool = False) -> None:
        """Name the span after a route; a mount's own part of the path stands before its child's."""
        if mount:
            self._mount_prefix += path.removesuffix("/{path}")
            path = "/{path}"
        self.route = self._mount_prefix + path
        if self.span is not None:
            self.span.set_attribute("http.route", self.route)
            self.span.update_name(f"{self.span_method} {self.route}")

    def begin(self, endpoint: Callable[..., Any], connection: Request | WebSocket) -> None:
        """Keep the request or the WebSocket for those who ask."""
        self._function = _function_name(endpoint)
        if self.data is not None:
            if isinstance(connection, WebSocket):
                self.data.websocket = connection
            else:
                self.data.request = connection

    def read(self, body: Any) -> None:
        """Keep the body for those who ask."""
        if self.data is not None:
            self.data.body = body

    def read_text(self, text: bytes) -> None:
        """Keep a body that is parsed for those who ask."""
        if isinstance(self.data, _LiveData):
            self.data.keep_text(text)

    def solved(self, values: dict[str, Any], errors: Sequence[Any]) -> None:
        """Keep the endpoint's arguments for those who ask."""
        if self.data is not None:
            self.data.values, self.data.errors = values, errors

    # ------------------------------------------------------------------------------------------- the parts of the work

    def enter(self, operation: str) -> None:
        """Begin a span for a part of the work, and end the one before it."""
        if self._current is not None and self._current.name == operation:
            return  # the careful way goes on with what the straight way began
        self.leave()
        if self.tracer is not None:
            self._current = _Operation(self.tracer, operation, self._function)
            self._current.__enter__()

    def leave(self, error: BaseException | None = None) -> None:
        """End the span that was begun last."""
        if self._current is not None:
            operation, self._current = self._current, None
            operation.__exit__(None, error, None)

    def call(self, endpoint: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        """Call a plain function in a span of its own, which begins in the thread where it runs."""
        with self.operation("endpoint", endpoint):
            return endpoint(**arguments)

    def operation(self, name: str, function: Callable[..., Any]) -> AbstractContextManager[object]:
        """Return what stands around the call of a function to have a span for it."""
        return _NOTHING if self.tracer is None else _Operation(self.tracer, name, _function_name(function))

    # ------------------------------------------------------------------------------------------- what went wrong

    def refuse(self, error: Refusal) -> None:
        """Log that the request does not fit; what was sent is for those who ask, and not in the record."""
        errors = error.errors()
        if self.data is not None:
            if isinstance(error, RequestValidationError):
                self.data.body = error.body
            self.data.errors = errors
        if self.logger is not None:
            attributes: dict[str, Any] = {"fastapi.validation.error_count": len(errors)}
            if self.route is not None:
                attributes["http.route"] = self.route
            self.logger.emit(
                event_name="fastapi.validation.failed",
                timestamp=time_ns(),
                severity_number=SeverityNumber.WARN,
                severity_text="WARN",
                body="Request validation failed",
                attributes=attributes,
            )

    def fail(self, error: BaseException) -> None:
        """Log an exception, once, although it passes several who tell of it."""
        if self.is_websocket and _normal_websocket_disconnect(error):
            return
        if any(seen is error for seen in self._exceptions):
            return
        self._exceptions.append(error)
        if self.logger is not None and isinstance(error, Exception):
            what = "WebSocket connection" if self.is_websocket else "request"
            self.logger.emit(
                exception=error,
                event_name="fastapi.websocket.exception" if self.is_websocket else "http.server.request.exception",
                timestamp=time_ns(),
                severity_number=SeverityNumber.ERROR,
                severity_text="ERROR",
                body=f"Unhandled exception in FastAPI {what}",
                attributes={"http.route": self.route} if self.route else None,
            )

    @property
    def last_exception(self) -> BaseException | None:
        """The exception that was told of last."""
        return self._exceptions[-1] if self._exceptions else None

    def close(self) -> None:
        """Let go of the request: a context that someone keeps must not keep it alive."""
        self.data = None
        self._exceptions.clear()


def _get_request_telemetry(context: Context | None = None) -> _RequestTelemetry | None:
    found = otel_context.get_value(_REQUEST_TELEMETRY_KEY, context)
    return found if isinstance(found, _RequestTelemetry) else None


def get_telemetry_data(context: Context | None = None) -> TelemetryData | None:
    """Return what the request or connection of a context is about.

    It is for processors of spans and logs, which run while the request is handled: None once it is done, also for a
    context that was kept. Nothing of it is exported by itself.

    Args:
        context: the context, for a log processor `record.context`; None: the current one.
    """
    telemetry = _get_request_telemetry(context)
    return None if telemetry is None else telemetry.data


def _operation(name: str, function: Callable[..., Any]) -> AbstractContextManager[object]:
    """Return what stands around a call for the telemetry of the current context."""
    telemetry = _get_request_telemetry()
    return _NOTHING if telemetry is None else telemetry.operation(name, function)


def _validation_failed(exc: Refusal) -> None:
    telemetry = _get_request_telemetry()
    if telemetry is not None:
        telemetry.refuse(exc)


def _route_selected(*, scope: MutableMapping[str, Any], path: str | None, mount: bool = False) -> None:
    telemetry = scope.get(KEY)
    if isinstance(telemetry, Watch) and path is not None:
        telemetry.select(path, mount=mount)
