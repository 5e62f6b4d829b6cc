"""The verbs: `get`, `post` and their like, which a router and an app both have.

Each takes the options of a path operation as keywords and returns a decorator that keeps the endpoint's type. What is
done with them is up to whoever has the verbs: `_operation`.
"""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Protocol, Unpack

from martlet._engine.words.keywords import spelled_out
from martlet._engine.words.options import RouteOptions
from martlet._engine.words.types import DecoratedCallable


class Registrar(Protocol):
    """A decorator that notes a function and returns that very function."""

    def __call__(self, endpoint: DecoratedCallable, /) -> DecoratedCallable:
        """Note `endpoint` and return it."""
        ...


class Verbs:
    """One method for each HTTP method that a path operation can have."""

    @abstractmethod
    def _operation(self, method: str, path: str, options: Mapping[str, Any]) -> Registrar:
        """Return the decorator that declares a path operation."""

    @spelled_out(RouteOptions)
    def get(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for GET, which reads.

        Args:
            path: the template, such as `/items/{item_id}`.
            options: see `RouteOptions`.

        Raises:
            UnknownOptionError: for an option that is none.
        """
        return self._operation("GET", path, options)

    @spelled_out(RouteOptions)
    def put(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for PUT, which replaces; the arguments are those of `get`."""
        return self._operation("PUT", path, options)

    @spelled_out(RouteOptions)
    def post(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for POST, which adds or does; the arguments are those of `get`."""
        return self._operation("POST", path, options)

    @spelled_out(RouteOptions)
    def delete(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for DELETE; the arguments are those of `get`."""
        return self._operation("DELETE", path, options)

    @spelled_out(RouteOptions)
    def options(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for OPTIONS; the arguments are those of `get`."""
        return self._operation("OPTIONS", path, options)

    @spelled_out(RouteOptions)
    def head(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for HEAD, whose answer has no content; the arguments are those of `get`."""
        return self._operation("HEAD", path, options)

    @spelled_out(RouteOptions)
    def patch(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for PATCH, which changes a part; the arguments are those of `get`."""
        return self._operation("PATCH", path, options)

    @spelled_out(RouteOptions)
    def trace(self, path: str, **options: Unpack[RouteOptions]) -> Registrar:
        """Declare a path operation for TRACE; the arguments are those of `get`."""
        return self._operation("TRACE", path, options)
