"""Watching requests from the outside: a span, measurements and logs for each, by OpenTelemetry's conventions for HTTP.

The conventions: https://opentelemetry.io/docs/specs/semconv/http/. A span and a measurement end when the answer is
complete, not when the app returns: background tasks and the ends of dependencies come later.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from time import perf_counter
from typing import Any, Final, Generic, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from opentelemetry import _logs, metrics, propagate, trace
from opentelemetry import context as otel_context
from opentelemetry.metrics import Histogram, UpDownCounter
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.run.telemetry import KEY, watch_of
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.hooks import HOOKS
from martlet.telemetry._api import (
    _REQUEST_TELEMETRY_KEY,
    _exception_type,
    _normal_websocket_disconnect,
    _operation,
    _RequestTelemetry,
)
from martlet.telemetry._config import Settings
from martlet.telemetry._providers import is_configured, is_deferred

# COMPAT: FastAPI's name; processors recognise its spans and records by it.
_SCOPE: Final = "fastapi"
_SCHEMA_URL: Final = "https://opentelemetry.io/schemas/1.44.0"
_KNOWN_METHODS: Final = frozenset(
    {"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"}
)
_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}

# In seconds; the conventions ask for these.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

# Query parameters that sign what they stand in, which the conventions name: their values must not leave.
_SECRETS: Final = frozenset({"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "sig", "X-Goog-Signature"})

Provider = TypeVar("Provider")
Made = TypeVar("Made")


def turn_on() -> None:
    """Have the engine tell of all requests from now on: handlers are compiled again."""
    if not HOOKS.watching:
        HOOKS.operation, HOOKS.watching = _operation, True
        EPOCH.bump()


def legacy_otel(stack: Any) -> bool:
    """Whether the middleware of `opentelemetry-instrumentation-fastapi` is in a stack: then that one watches.

    The stack is asked, not the flag that the package leaves on the app: that one says what was wished for.
    """
    seen: set[int] = set()
    while stack is not None and id(stack) not in seen:
        kind = type(stack)
        if (kind.__module__, kind.__name__) == ("opentelemetry.instrumentation.asgi", "OpenTelemetryMiddleware"):
            return True
        seen.add(id(stack))
        stack = getattr(stack, "app", None)
    return False


class ExceptionTelemetryMiddleware:
    """Sees the exceptions that nobody handled, before a 500 is sent for them and so ends the request.

    Args:
        app: what is inside.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            watch_of(scope).fail(error)
            raise


class _Carrier(Getter[Headers]):
    """Where propagators find what the caller sent along."""

    def get(self, carrier: Headers, key: str) -> list[str] | None:
        values = carrier.getlist(key)
        if key.lower() == "baggage" and values:
            return [",".join(values)]  # its propagator reads the first value only
        return values or None

    def keys(self, carrier: Headers) -> list[str]:
        return carrier.keys()


_CARRIER: Final = _Carrier()


class _Signal(Generic[Provider, Made]):
    """What a provider makes, made once for each provider.

    Args:
        wanted: whether it is wanted.
        given: the app's own provider; None: the global one counts, which may change.
        api: the module that has the global provider.
        what: the word for the providers.
        noop: the class of providers that do nothing.
        make: makes it.
    """

    def __init__(
        self,
        wanted: bool,
        given: Provider | None,
        api: Any,
        what: str,
        noop: type[Any],
        make: Callable[[Provider], Made],
    ) -> None:
        self._wanted = wanted
        self._given = given
        self._api = api
        self._getter = f"get_{what}_provider"
        self._noop = noop
        self._make = make
        self._provider: Provider | None = None
        self._made: Made | None = None

    def get(self) -> Made | None:
        """Return it, if it is wanted and anybody takes it."""
        if not self._wanted:
            return None
        provider: Provider = getattr(self._api, self._getter)() if self._given is None else self._given
        if provider is not self._provider:
            idle = isinstance(provider, self._noop) or (self._given is None and is_deferred(provider))
            self._provider, self._made = provider, None if idle else self._make(provider)
        return self._made


@dataclass(frozen=True, slots=True)
class _Instruments:
    """What requests are measured with."""

    duration: Histogram
    active: UpDownCounter

    @classmethod
    def of(cls, provider: metrics.MeterProvider) -> "_Instruments":
        """Return the instruments of a provider."""
        meter = provider.get_meter(_SCOPE, _version(), schema_url=_SCHEMA_URL)
        duration = meter.create_histogram(
            "http.server.request.duration",
            unit="s",
            description="Duration of HTTP server requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        active = meter.create_up_down_counter(
            "http.server.active_requests", unit="{request}", description="Number of active HTTP server requests."
        )
        return cls(duration, active)


def _version() -> str:
    version: str = import_module("martlet").__version__
    return version


class NativeTelemetry:
    """Watches the requests of an app.

    Args:
        config: the app's settings, all of them.
    """

    def __init__(self, config: Settings) -> None:
        self.config = config
        named = os.environ.get("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", "").split(",")
        self._known_methods = frozenset(filter(None, map(str.strip, named))) or _KNOWN_METHODS
        self._tracer = _Signal(
            config["tracing"],
            config["tracer_provider"],
            trace,
            "tracer",
            trace.NoOpTracerProvider,
            lambda provider: provider.get_tracer(_SCOPE, _version(), schema_url=_SCHEMA_URL),
        )
        self._instruments = _Signal(
            config["metrics"],
            config["meter_provider"],
            metrics,
            "meter",
            metrics.NoOpMeterProvider,
            _Instruments.of,
        )
        self._logger = _Signal(
            config["logs"],
            config["logger_provider"],
            _logs,
            "logger",
            _logs.NoOpLoggerProvider,
            lambda provider: provider.get_logger(_SCOPE, _version(), schema_url=_SCHEMA_URL),
        )

    def enabled(self) -> bool:
        """Whether anybody takes what is seen."""
        return is_configured(self.config)

    async def __call__(
        self, *, app: ASGIApp, scope: Scope, receive: Receive, send: Send, legacy_otel: bool = False
    ) -> None:
        """Serve a request or a WebSocket by `app`, and watch.

        Args:
            app: what is watched.
            scope: the ASGI scope.
            receive: the ASGI callable.
            send: the ASGI callable.
            legacy_otel: whether another instrumentation watches already.
        """
        exclude = self.config["exclude"]
        if exclude is not None and exclude(scope):
            await _serve_unseen(app, scope, receive, send)
            return
        is_websocket = scope["type"] == "websocket"
        tracer = None if legacy_otel else self._tracer.get()
        logger = None if legacy_otel else self._logger.get()
        instruments = None if legacy_otel or is_websocket else self._instruments.get()
        if tracer is None and logger is None and instruments is None:
            await app(scope, receive, send)
            return
        asked = scope.get("method", "")
        method = asked if asked in self._known_methods else "_OTHER"
        operations = self.config["operation_spans"]
        telemetry = _RequestTelemetry(
            span=None,
            span_method="WS" if is_websocket else "HTTP" if method == "_OTHER" else method,
            tracer=tracer if operations else None,
            logger=logger,
            is_websocket=is_websocket,
            _mount_prefix=scope.get("app_root_path", scope.get("root_path", "")).rstrip("/"),
        )
        await _Exchange(telemetry, _attributes(scope, method), instruments).serve(app, scope, receive, send, tracer)


async def _serve_unseen(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve what is left out: apps inside must not watch it, nor the one whose request this one is a part of."""
    scope[KEY] = None
    token = otel_context.attach(otel_context.set_value(_REQUEST_TELEMETRY_KEY, None))
    try:
        await app(scope, receive, send)
    finally:
        otel_context.detach(token)
        scope.pop(KEY, None)


class _Exchange:
    """One request and its answer, or one WebSocket, on its way through an app.

    Args:
        telemetry: what is known of it.
        attributes: what holds for its span and its measurements alike.
        instruments: what it is measured with.
    """

    def __init__(
        self, telemetry: _RequestTelemetry, attributes: dict[str, Any], instruments: _Instruments | None
    ) -> None:
        self.telemetry = telemetry
        self.attributes = attributes
        self.instruments = instruments
        self.started = perf_counter()
        self.finished = False
        self.has_trailers = False
        self.is_disconnected = False

    async def serve(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, tracer: trace.Tracer | None
    ) -> None:
        """Serve, with the span as the current one."""
        is_websocket = self.telemetry.is_websocket
        if self.instruments is not None:
            self.instruments.active.add(1, self._counted)
        token = otel_context.attach(self._context(scope, tracer))
        scope[KEY] = self.telemetry
        own_receive, own_send = (receive, send) if is_websocket else self._observed(receive, send)
        try:
            await app(scope, own_receive, own_send)
        except BaseException as error:
            self.telemetry.fail(error)
            self.finish(None if is_websocket and _normal_websocket_disconnect(error) else error)
            raise
        else:
            if not self.finished:
                self.finish(None if is_websocket else self._unanswered())
        finally:
            self.telemetry.close()
            otel_context.detach(token)
            scope.pop(KEY, None)

    def _context(self, scope: Scope, tracer: trace.Tracer | None) -> otel_context.Context:
        if tracer is None:
            return otel_context.set_value(_REQUEST_TELEMETRY_KEY, self.telemetry)
        parent = propagate.extract(Headers(scope=scope), getter=_CARRIER)
        attributes = self.attributes | _span_attributes(scope, self.attributes.get("http.request.method"))
        span = tracer.start_span(
            self.telemetry.span_method, context=parent, kind=SpanKind.SERVER, attributes=attributes
        )
        self.telemetry.span = span
        return trace.set_span_in_context(span, otel_context.set_value(_REQUEST_TELEMETRY_KEY, self.telemetry, parent))

    def _observed(self, receive: Receive, send: Send) -> tuple[Receive, Send]:
        async def own_receive() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.is_disconnected = True
            return message

        async def own_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.telemetry.status_code = message["status"]
                self.has_trailers = message.get("trailers", False)
            await send(message)
            if self._is_last(message):
                self.finish()

        return own_receive, own_send

    def _is_last(self, message: Message) -> bool:
        kind = message["type"]
        if kind == "http.response.body":
            return not (message.get("more_body", False) or self.has_trailers)
        if kind == "http.response.trailers":
            return not message.get("more_trailers", False)
        return bool(kind == "http.response.pathsend")

    def _unanswered(self) -> Exception:
        """Return what went wrong if the app returns without a complete answer."""
        if self.is_disconnected:
            return ConnectionError("Client disconnected")
        return RuntimeError("Incomplete ASGI response")

    @property
    def _counted(self) -> dict[str, Any]:
        return {key: value for key, value in self.attributes.items() if key != "network.protocol.version"}

    def finish(self, error: BaseException | None = None) -> None:
        """End the span and the measurements, the first time that this is called."""
        if self.finished:
            return
        self.finished = True
        telemetry, status = self.telemetry, self.telemetry.status_code
        counted, attributes = self._counted, dict(self.attributes)
        if telemetry.route is not None:
            attributes["http.route"] = telemetry.route
        if status is not None:
            attributes["http.response.status_code"] = status
        failed = error is not None or (not telemetry.is_websocket and (status is None or status >= 500))
        if failed:
            failure = error or telemetry.last_exception
            attributes["error.type"] = _exception_type(failure) if failure else str(status or "incomplete_response")
        if telemetry.span is not None:
            telemetry.span.set_attributes(attributes)
            if failed:
                telemetry.span.set_status(StatusCode.ERROR)
        if self.instruments is not None:
            # While the span is the current one: exemplars name it.
            self.instruments.duration.record(max(0, perf_counter() - self.started), attributes)
            self.instruments.active.add(-1, counted)
        if telemetry.span is not None:
            telemetry.span.end()


def _attributes(scope: Scope, method: str) -> dict[str, Any]:
    """Return what can be said of a request with few enough values to be measured by."""
    if scope["type"] == "websocket":
        return {"url.scheme": scope.get("scheme", "ws"), "network.protocol.name": "websocket"}
    attributes = {"url.scheme": scope.get("scheme", "http"), "http.request.method": method}
    if scope.get("http_version"):
        attributes["network.protocol.version"] = scope["http_version"]
    return attributes


def _span_attributes(scope: Scope, method: str | None) -> dict[str, Any]:
    """Return what a span says beyond that.

    Args:
        scope: the ASGI scope.
        method: the method as it is measured by; None for a WebSocket.
    """
    attributes = _server_attributes(scope)
    if method is None:
        return attributes
    attributes["url.path"] = scope["path"]
    if scope.get("query_string"):
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        attributes["url.query"] = urlencode(
            [(name, "REDACTED" if name in _SECRETS else value) for name, value in pairs]
        )
    if scope.get("method", "") != method:
        attributes["http.request.method_original"] = scope.get("method", "")
    return attributes


def _server_attributes(scope: Scope) -> dict[str, Any]:
    """Return whom the client asked, by its Host header; nothing where that is malformed."""
    authority = Headers(scope=scope).get("host")
    if authority is None:
        address, port = scope.get("server") or (None, None)
    else:
        try:
            url = urlsplit(f"//{authority}")
            address, port = url.hostname, url.port
        except ValueError:
            return {}
        if url.username is not None or url.path or url.query or url.fragment:
            return {}
        port = _PORTS.get(scope.get("scheme", "http")) if port is None else port
    if address is None:
        return {}
    return {"server.address": address} | ({} if port is None else {"server.port": port})
