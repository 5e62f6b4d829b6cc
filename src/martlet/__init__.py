"""Martlet: FastAPI's API, compiled. Each route is one flat function by the time the first request arrives.

Everything a program needs is here under the names that FastAPI has for it; what is rarer, in the module that FastAPI
has for it. Names are looked up when they are first used, so that `import martlet.security` costs only what it needs.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

__version__: Final = "0.1.0"

__all__ = [
    "APIRouter",
    "BackgroundTasks",
    "Body",
    "Cookie",
    "Depends",
    "FastAPI",
    "File",
    "Form",
    "HTTPException",
    "Header",
    "Martlet",
    "Path",
    "Query",
    "Request",
    "Response",
    "Security",
    "UploadFile",
    "WebSocket",
    "WebSocketDisconnect",
    "WebSocketException",
    "__version__",
    "status",
]

_MODULES: Final = {
    "APIRouter": "martlet.routing",
    "BackgroundTasks": "martlet.background",
    "Body": "martlet.param_functions",
    "Cookie": "martlet.param_functions",
    "Depends": "martlet.param_functions",
    "FastAPI": "martlet.applications",
    "File": "martlet.param_functions",
    "Form": "martlet.param_functions",
    "HTTPException": "martlet.exceptions",
    "Header": "martlet.param_functions",
    "Martlet": "martlet.applications",
    "Path": "martlet.param_functions",
    "Query": "martlet.param_functions",
    "Request": "martlet.requests",
    "Response": "martlet.responses",
    "Security": "martlet.param_functions",
    "UploadFile": "martlet.datastructures",
    "WebSocket": "martlet.websockets",
    "WebSocketDisconnect": "martlet.websockets",
    "WebSocketException": "martlet.exceptions",
}

# What `import fastapi` brings along, and programs therefore use without importing it.
_SUBMODULES: Final = frozenset(
    {
        "_body_limit",
        "_compat",
        "_form_limits",
        "applications",
        "background",
        "concurrency",
        "datastructures",
        "dependencies",
        "encoders",
        "exception_handlers",
        "exceptions",
        "logger",
        "middleware",
        "openapi",
        "param_functions",
        "params",
        "requests",
        "responses",
        "routing",
        "security",
        "sse",
        "telemetry",
        "types",
        "utils",
        "websockets",
    }
)

if TYPE_CHECKING:
    from starlette import status as status

    from martlet.applications import FastAPI as FastAPI
    from martlet.applications import Martlet as Martlet
    from martlet.background import BackgroundTasks as BackgroundTasks
    from martlet.datastructures import UploadFile as UploadFile
    from martlet.exceptions import HTTPException as HTTPException
    from martlet.exceptions import WebSocketException as WebSocketException
    from martlet.param_functions import Body as Body
    from martlet.param_functions import Cookie as Cookie
    from martlet.param_functions import Depends as Depends
    from martlet.param_functions import File as File
    from martlet.param_functions import Form as Form
    from martlet.param_functions import Header as Header
    from martlet.param_functions import Path as Path
    from martlet.param_functions import Query as Query
    from martlet.param_functions import Security as Security
    from martlet.requests import Request as Request
    from martlet.responses import Response as Response
    from martlet.routing import APIRouter as APIRouter
    from martlet.websockets import WebSocket as WebSocket
    from martlet.websockets import WebSocketDisconnect as WebSocketDisconnect


def __getattr__(name: str) -> Any:
    if name == "status":
        value: Any = import_module("starlette.status")
    elif name in _MODULES:
        value = getattr(import_module(_MODULES[name]), name)
    elif name in _SUBMODULES:
        value = import_module(f"martlet.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


# Last, since the drop-in imports modules of this package: the worker processes of a program that had `fastapi` mean
# Martlet find the variable in their environment.
if os.environ.get("MARTLET_AS_FASTAPI") and import_module("martlet.dropin").is_asked_for():
    import_module("martlet.dropin").install()
