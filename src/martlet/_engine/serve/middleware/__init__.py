"""Middleware that users name, served by faster classes that do the same.

When an app's stack is built, Starlette's CORS, GZip, TrustedHost, HTTPSRedirect and SessionMiddleware, named as they
are, are made as one of the classes here, and a BaseHTTPMiddleware of whatever subclass is driven by one. A subclass of
the former is its user's, and stays as it is; so does every class of which a library has replaced a method. What stands
in is an instance of the class that was asked for, or has that instance as its `app`: who walks the stack finds it.

`stand_in` is the list; a module is imported once an app uses what it stands in for.
"""

import sys
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import FunctionType, MappingProxyType
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import ASGIApp

from martlet._engine.serve.middleware.http import Driven

# What an app names, and what is made in its place.
_STAND_INS: Final[Mapping[tuple[str, str], tuple[str, str]]] = MappingProxyType(
    {
        ("starlette.middleware.cors", "CORSMiddleware"): ("cors", "CORS"),
        ("starlette.middleware.gzip", "GZipMiddleware"): ("gzip", "GZip"),
        ("starlette.middleware.httpsredirect", "HTTPSRedirectMiddleware"): ("gates", "HTTPSRedirect"),
        ("starlette.middleware.sessions", "SessionMiddleware"): ("sessions", "Sessions"),
        ("starlette.middleware.trustedhost", "TrustedHostMiddleware"): ("gates", "TrustedHost"),
    }
)


def stacked(stack: Iterable[Middleware], app: ASGIApp) -> ASGIApp:
    """Return `app` behind middleware, the outermost first."""
    for middleware, args, kwargs in reversed(tuple(stack)):
        app = stand_in(middleware)(app, *args, **kwargs)
    return app


def is_http_middleware(described: Middleware) -> bool:
    """Whether a middleware is a BaseHTTPMiddleware, as those of `@app.middleware("http")` are."""
    return isinstance(described.cls, type) and issubclass(described.cls, BaseHTTPMiddleware)


def stand_in(named: Any) -> Any:
    """Return what is called to make a middleware, for the class or function that an app names."""
    if not isinstance(named, type):
        return named
    if issubclass(named, BaseHTTPMiddleware):
        serves_as_starlette = named.__call__ is BaseHTTPMiddleware.__call__ and is_untouched(BaseHTTPMiddleware)
        return _driven(named) if serves_as_starlette else named
    found = _STAND_INS.get((named.__module__, named.__qualname__))
    if found is None:
        return named
    faster: Any = getattr(import_module(f"{__name__}.{found[0]}"), found[1])
    return faster if faster.__base__ is named and is_untouched(named) else named


def is_untouched(kind: type) -> bool:
    """Whether all methods of a class are from the file of its module: nobody has put others in their place."""
    file = sys.modules[kind.__module__].__file__
    methods = (getattr(member, "__func__", member) for member in vars(kind).values())
    # A wrapper of its own kind may claim the code of what it wraps: the type is asked as well.
    return all(type(each) is FunctionType and each.__code__.co_filename == file for each in methods if callable(each))


def _driven(named: type[BaseHTTPMiddleware]) -> Any:
    def make(app: ASGIApp, *args: Any, **kwargs: Any) -> ASGIApp:
        return Driven(named(app, *args, **kwargs))

    return make
