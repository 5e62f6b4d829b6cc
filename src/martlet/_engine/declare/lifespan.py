"""What runs before the first request and after the last: making lifespans from what users give, and joining two.

A lifespan is a function of the app that returns an async context manager; what it yields becomes `request.state`.
Generators are taken too. Without one, the router's startup and shutdown functions run; with one they do not, as in
FastAPI. The protocol itself is Starlette's.
"""

import inspect
from collections.abc import AsyncIterator, Callable, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from types import TracebackType
from typing import Any, Protocol, cast

from starlette._utils import is_async_callable
from starlette.types import Lifespan


class EventRouter(Protocol):
    """A router with startup and shutdown functions."""

    async def _startup(self) -> None: ...

    async def _shutdown(self) -> None: ...


class DefaultLifespan:
    """The lifespan of a router that was given none: its startup and shutdown functions, those added later too."""

    def __init__(self, router: EventRouter) -> None:
        self._router = router

    def __call__(self, _app: object) -> "DefaultLifespan":
        return self

    async def __aenter__(self) -> None:
        await self._router._startup()

    async def __aexit__(self, *_error: object) -> None:
        await self._router._shutdown()


async def call_each(functions: Sequence[Callable[[], Any]]) -> None:
    """Call startup or shutdown functions in order, and await those that are coroutine functions."""
    for function in functions:
        if is_async_callable(function):
            await function()
        else:
            function()


def lifespan_context(lifespan: Lifespan[Any] | None, router: EventRouter) -> Lifespan[Any]:
    """Return a lifespan as a function that returns an async context manager."""
    if lifespan is None:
        return DefaultLifespan(router)
    if inspect.isasyncgenfunction(lifespan):
        return asynccontextmanager(lifespan)
    if inspect.isgeneratorfunction(lifespan):
        return _lifted(lifespan)
    return lifespan


def merged_lifespan(outer: Lifespan[Any], inner: Lifespan[Any]) -> Lifespan[Any]:
    """Return a lifespan that runs `inner` inside `outer`; of keys that both yield, the outer one's value counts."""

    @asynccontextmanager
    async def merged(app: Any) -> AsyncIterator[Mapping[str, Any] | None]:
        async with outer(app) as outer_state, inner(app) as inner_state:
            both_silent = outer_state is None and inner_state is None
            yield None if both_silent else {**(inner_state or {}), **(outer_state or {})}

    return cast("Lifespan[Any]", merged)  # it yields None or a mapping, and Lifespan wants to know which


def _lifted(lifespan: Callable[[Any], Generator[Any, None, None]]) -> Lifespan[Any]:
    context = contextmanager(lifespan)

    def lifted(app: Any) -> AbstractAsyncContextManager[Any]:
        return _AsAsync(context(app))

    return lifted


class _AsAsync(AbstractAsyncContextManager[Any]):
    """A context manager that blocks, entered by `async with`."""

    def __init__(self, manager: AbstractContextManager[Any]) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        return self._manager.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        return self._manager.__exit__(kind, error, trace)
