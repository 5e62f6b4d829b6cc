"""All the settings of an app's telemetry: those that it gives, and the defaults of the others."""

import os
from collections.abc import Mapping
from typing import Any, TypeAlias

from martlet._engine.words.keywords import check_options
from martlet._engine.words.telemetry_options import TelemetryConfig

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
