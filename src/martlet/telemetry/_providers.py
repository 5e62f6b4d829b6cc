"""Whether a provider is there to take telemetry, and being told when one is set: both without importing OpenTelemetry.

An app whose telemetry nobody takes must not pay for it, not even for the question. So it asks once, at its first
request, and is told later: every global provider of OpenTelemetry's API is set inside `Once.do_once` (of
`opentelemetry.util._once`), and that method is wrapped. As long as OpenTelemetry is not imported, no provider can be
set; the finder of imports that stands in front of the others then says when that begins.

Should a release of OpenTelemetry do without `Once`, `tell` says that it cannot tell, and the app asks at each request.
"""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from threading import RLock
from types import ModuleType
from typing import Any, Final, Protocol
from weakref import WeakSet

from martlet.telemetry._config import Settings

# Of each signal: the setting that switches it, the setting of its provider, the module of OpenTelemetry's API, the
# function of that module that returns the global provider, the variable by which the environment names one.
_SIGNALS: Final = (
    ("tracing", "tracer_provider", "opentelemetry.trace", "get_tracer_provider", "OTEL_PYTHON_TRACER_PROVIDER"),
    ("metrics", "meter_provider", "opentelemetry.metrics", "get_meter_provider", "OTEL_PYTHON_METER_PROVIDER"),
    ("logs", "logger_provider", "opentelemetry._logs", "get_logger_provider", "OTEL_PYTHON_LOGGER_PROVIDER"),
)

# What the API returns as long as no provider is set: it stands in for one that may still come. There is no public way
# to ask. A stand-in of a vendor's is none of these, and counts as configured.
_DEFERRED: Final = frozenset(
    {
        ("opentelemetry.trace", "ProxyTracerProvider"),
        ("opentelemetry.metrics._internal", "_ProxyMeterProvider"),
        ("opentelemetry._logs._internal", "ProxyLoggerProvider"),
    }
)

_PACKAGE: Final = "opentelemetry"
_ONCE: Final = "opentelemetry.util._once"


class Waiting(Protocol):
    """Who wants to be told that a provider may have been set."""

    def stand(self) -> None:
        """Look again at the next request."""


_waiting: WeakSet[Waiting] = WeakSet()
_wrapped: WeakSet[type[Any]] = WeakSet()
_lock = RLock()


def is_deferred(provider: object) -> bool:
    """Whether a provider only stands in for a global one that was not set yet."""
    kind = type(provider)
    return (kind.__module__, kind.__name__) in _DEFERRED


def is_configured(config: Settings) -> bool:
    """Whether there is a provider for one of the signals that are wanted."""
    return any(
        config[wanted] and (config[provider] is not None or _has_global(module, getter, variable))
        for wanted, provider, module, getter, variable in _SIGNALS
    )


def _has_global(module: str, getter: str, variable: str) -> bool:
    api = sys.modules.get(module)
    if api is None and os.environ.get(variable):
        try:
            api = import_module(module)
        except ImportError:
            return False
    get: Callable[[], object] | None = getattr(api, getter, None)  # None while the module is being imported
    return get is not None and not is_deferred(get())


def tell(waiting: Waiting) -> bool:
    """Have `waiting.stand()` called once a provider may have been set; return whether that can be told."""
    with _lock:
        _waiting.add(waiting)
        once = sys.modules.get(_ONCE)
        if once is not None:
            _IMPORTS.leave()
            return _wrap(once)
        _IMPORTS.join()
        return not any(module in sys.modules for _, _, module, _, _ in _SIGNALS)


def wake() -> None:
    """Tell all who wait, and forget them: they will ask again."""
    with _lock:
        waiting = list(_waiting)
        _waiting.clear()
    for each in waiting:
        each.stand()


def _wrap(module: ModuleType) -> bool:
    """Have the class of all global providers' locks say when one was used; return whether it is what it used to be."""
    once: Any = getattr(module, "Once", None)
    if not hasattr(once, "do_once"):
        return False
    if once in _wrapped:
        return True
    do_once: Callable[[Any, Callable[[], None]], bool] = once.do_once

    def noticing(self: object, func: Callable[[], None]) -> bool:
        done = do_once(self, func)
        if done:
            wake()
        return done

    once.do_once = noticing
    _wrapped.add(once)
    return True


class _Imports(MetaPathFinder):
    """Finds nothing, and notices when OpenTelemetry is looked for."""

    def join(self) -> None:
        """Stand in front of the finders."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def leave(self) -> None:
        """Stand there no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> None:  # noqa: ARG002 - the import system's
        """Leave the finding to the others."""
        if fullname.partition(".")[0] == _PACKAGE:
            wake()


_IMPORTS: Final = _Imports()
