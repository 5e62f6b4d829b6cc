"""OpenTelemetry, native: a span for each request and for its parts, metrics, logs of failures.

`FastAPI(telemetry=...)` takes a `TelemetryConfig`; processors ask `get_telemetry_data()` what a span or a log is about.
The names are FastAPI's, and so are spans, attributes and events, so that dashboards and integrations go on to work.

OpenTelemetry is imported when telemetry is on, or when a name of this module is used that needs it. An app without
telemetry runs none of this: see `_providers.py` and `_entrance.py`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from martlet._engine.words.telemetry_options import TelemetryConfig as TelemetryConfig

if TYPE_CHECKING:
    from martlet.telemetry._api import TelemetryData as TelemetryData
    from martlet.telemetry._api import get_telemetry_data as get_telemetry_data

__all__ = ["TelemetryConfig", "TelemetryData", "get_telemetry_data"]

_FROM_API: Final = ("TelemetryData", "get_telemetry_data")


def __getattr__(name: str) -> Any:
    if name not in _FROM_API:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module("martlet.telemetry._api"), name)
    return value
