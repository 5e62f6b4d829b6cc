"""What runs after the endpoint: the parts of dependencies behind their `yield`.

A request has two stacks. The inner one (`scope="function"`) closes when the endpoint has returned, the outer one
(`scope="request"`, the default) when the answer has been sent. An exception goes through both, so that a dependency can
roll back; whoever swallows one leaves the request without an answer, and is told so.
"""

from collections.abc import AsyncIterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
)
from types import TracebackType
from typing import Any

from anyio import CancelScope, Semaphore
from anyio.lowlevel import checkpoint_if_cancelled
from starlette.types import Scope

from martlet._engine.read.callables import Kind
from martlet._engine.read.graph import Node
from martlet._engine.run.threads import in_thread, in_thread_at_once
from martlet._engine.words.errors import FastAPIError

# COMPAT: FastAPI's scope keys; libraries push exits of their own onto these stacks.
REQUEST_STACK = "fastapi_inner_astack"
FUNCTION_STACK = "fastapi_function_astack"
# That of `AsyncExitStackMiddleware`, around the exception handlers; a compiled handler does without it.
MIDDLEWARE_STACK = "fastapi_middleware_astack"

_SWALLOWED = (
    "Response not awaited. There's a high chance that the application code is raising an exception and a dependency "
    "with yield has a block with a bare except, or a block with except Exception, and is not raising the exception "
    "again. Read more about it in the docs: "
    "https://fastapi.tiangolo.com/tutorial/dependencies/dependencies-with-yield/#dependencies-with-yield-and-except"
)


class Exits:
    """The two stacks of one request.

    Args:
        scope: where the stacks are kept, for libraries that push exits of their own.
        opened: whether the scope holds them already; if not, they are made.
    """

    __slots__ = ("_cleanup", "after_answer", "after_endpoint")

    def __init__(self, scope: Scope, *, opened: bool = False) -> None:
        if not opened:
            scope[REQUEST_STACK], scope[FUNCTION_STACK] = AsyncExitStack(), AsyncExitStack()
        self.after_answer: AsyncExitStack = scope[REQUEST_STACK]
        self.after_endpoint: AsyncExitStack = scope[FUNCTION_STACK]
        self._cleanup: CancelScope | None = None

    async def enter(self, node: Node, arguments: dict[str, Any]) -> Any:
        """Run a dependency up to its `yield`, note its other half, and return what it yielded."""
        manager: AbstractAsyncContextManager[Any]
        if node.kind is Kind.ASYNC_GENERATOR:
            manager = _ShieldedExit(asynccontextmanager(node.call)(**arguments), self._cleanup_scope())
        else:
            manager = _InThreads(contextmanager(node.call)(**arguments))
        if node.dependant.concurrency is not None:
            manager = _limited(manager, node.dependant.concurrency.get_semaphore())
        stack = self.after_endpoint if node.scope == "function" else self.after_answer
        return await stack.enter_async_context(manager)

    def _cleanup_scope(self) -> CancelScope:
        """Return the scope that is shielded while async dependencies clean up; it lasts as long as the outer stack."""
        if self._cleanup is None:
            self._cleanup = self.after_answer.enter_context(CancelScope())
        return self._cleanup


def swallowed() -> FastAPIError:
    """Return the error for a dependency that swallows an exception: nothing was sent, and nobody would know."""
    return FastAPIError(_SWALLOWED)


class _InThreads(AbstractAsyncContextManager[Any]):
    """A plain dependency, whose halves run in threads; if the first one ran, so does the second, cancelled or not."""

    def __init__(self, manager: AbstractContextManager[Any]) -> None:
        self._manager = manager

    async def __aenter__(self) -> Any:
        return await in_thread(self._manager.__enter__)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        # At once: the threads there are may all be held by requests that wait for what this half hands back.
        swallowed: bool | None = False
        with CancelScope(shield=True):
            swallowed = await in_thread_at_once(self._manager.__exit__, kind, error, trace)
        return swallowed  # noqa: RET504 - as far as types know, a scope may swallow an exception


class _ShieldedExit(AbstractAsyncContextManager[Any]):
    """An async dependency whose clean-up runs to its end even if the request is cancelled meanwhile."""

    def __init__(self, manager: AbstractAsyncContextManager[Any], cleanup: CancelScope) -> None:
        self._manager = manager
        self._cleanup = cleanup

    async def __aenter__(self) -> Any:
        return await self._manager.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        was_shielded, self._cleanup.shield = self._cleanup.shield, True
        try:
            swallowed = await self._manager.__aexit__(kind, error, trace)
        finally:
            self._cleanup.shield = was_shielded
        if error is None or swallowed:
            await checkpoint_if_cancelled()
        return swallowed


@asynccontextmanager
async def _limited(manager: AbstractAsyncContextManager[Any], semaphore: Semaphore) -> AsyncIterator[Any]:
    async with semaphore, manager as value:
        yield value
