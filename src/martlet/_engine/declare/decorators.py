"""The decorators that declare, which a router and an app both have: the verbs, `api_route`, `websocket`, `on_event`.

Each takes options as keywords and returns a decorator that keeps the endpoint's type. What is done with them is up to
whoever has the decorators: its `add_*` methods, and `_operation` for the verbs.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Protocol, Unpack

from typing_extensions import deprecated

from martlet._engine.declare.given import check_path
from martlet._engine.declare.route import ROUTE_DEFAULTS
from martlet._engine.words.keywords import check_options, spelled_out, with_defaults
from martlet._engine.words.markers import Depends
from martlet._engine.words.options import AddRouteOptions, ApiRouteOptions, RouteOptions
from martlet._engine.words.types import DecoratedCallable

_ON_EVENT_DEPRECATED: Final = """
        on_event is deprecated, use lifespan event handlers instead.

        Read more about it in the
        [FastAPI docs for Lifespan Events](https://fastapi.tiangolo.com/advanced/events/).
        """


class Registrar(Protocol):
    """A decorator that notes a function and returns that very function."""

    def __call__(self, endpoint: DecoratedCallable, /) -> DecoratedCallable:
        """Note `endpoint` and return it."""
        ...


class Decorators:
    """One method for each HTTP method that a path operation can have, and for what else is declared by decorators."""

    @abstractmethod
    def _operation(self, method: str, path: str, options: Mapping[str, Any]) -> Registrar:
        """Return the decorator that declares a path operation."""

    @abstractmethod
    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Unpack[AddRouteOptions]) -> None:
        """Declare a path operation."""

    @abstractmethod
    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> None:
        """Declare a WebSocket endpoint."""

    @abstractmethod
    def add_websocket_route(self, path: str, endpoint: Callable[..., Any], name: str | None = None) -> None:
        """Declare one of Starlette's WebSocket routes."""

    @abstractmethod
    def add_event_handler(self, event_type: str, func: Callable[[], Any]) -> None:
        """Call a function before the first request or after the last."""

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

    @spelled_out(ApiRouteOptions)
    def api_route(self, path: str, **options: Unpack[ApiRouteOptions]) -> Registrar:
        """Declare a path operation for any methods.

        Args:
            path: the template, such as `/items/{item_id}`.
            options: see `ApiRouteOptions`.

        Raises:
            UnknownOptionError: for an option that is none.
        """
        check_options(options, ApiRouteOptions, f"{type(self).__name__}.api_route")
        check_path(path, "api_route")
        said = with_defaults(options, ROUTE_DEFAULTS)

        def register(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_api_route(path, endpoint, **said)
            return endpoint

        return register

    def websocket(
        self, path: str, name: str | None = None, *, dependencies: Sequence[Depends] | None = None
    ) -> Registrar:
        """Declare a WebSocket endpoint.

        Args:
            path: the template, such as `/rooms/{room_id}`.
            name: the name for `url_path_for`; by default the endpoint's.
            dependencies: dependencies whose values nobody takes; they run before those of the signature.
        """
        check_path(path, "websocket")

        def register(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_api_websocket_route(path, endpoint, name=name, dependencies=dependencies)
            return endpoint

        return register

    def websocket_route(self, path: str, name: str | None = None) -> Registrar:
        """Declare one of Starlette's WebSocket routes: a function that takes the WebSocket.

        Args:
            path: the template; the router's own prefix is not put in front of it.
            name: the name for `url_path_for`; by default the endpoint's.
        """

        def register(endpoint: DecoratedCallable) -> DecoratedCallable:
            self.add_websocket_route(path, endpoint, name=name)
            return endpoint

        return register

    @deprecated(_ON_EVENT_DEPRECATED)
    def on_event(self, event_type: str) -> Registrar:
        """Call the decorated function before the first request or after the last.

        Args:
            event_type: `startup` or `shutdown`.
        """

        def register(func: DecoratedCallable) -> DecoratedCallable:
            self.add_event_handler(event_type, func)
            return func

        return register
