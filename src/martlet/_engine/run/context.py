"""Where an endpoint is, for the texts of validation errors."""

import inspect
from collections.abc import Callable
from typing import Any

from starlette.types import Scope

from martlet._engine.words.http_errors import EndpointContext


def endpoint_context(source: EndpointContext, path_format: str, scope: Scope) -> EndpointContext:
    """Return name, file and line of an endpoint, and the method and path that it answers."""
    context = source.copy()
    mounted = scope.get("root_path", "").rstrip("/")
    method = scope["method"] if scope["type"] == "http" else "WS"
    if path_format:
        context["path"] = f"{method} {mounted}{path_format}"
    return context


def source_context(endpoint: Callable[..., Any]) -> EndpointContext:
    """Return name, file and line of an endpoint, as much of it as can be found out."""
    try:
        context = EndpointContext(line=inspect.getsourcelines(endpoint)[1])
        if (file := inspect.getsourcefile(endpoint)) is not None:
            context["file"] = file
        if (name := getattr(endpoint, "__name__", None)) is not None:
            context["function"] = name
    except Exception:  # noqa: BLE001 - a callable without source: made by exec, built in, an instance
        return EndpointContext()
    return context
