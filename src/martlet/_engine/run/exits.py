"""What runs after the endpoint: the parts of dependencies behind their `yield`.

A request has two stacks. The inner one (`scope="function"`) closes when the endpoint has returned, the outer one
(`scope="request"`, the default) when the answer has been sent. An exception goes through both, so that a dependency can
roll back; whoever swallows one leaves the request without an answer, and is told so.
"""

import sys
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

from anyio import CancelScope, Semaphore
from anyio.lowlevel import checkpoint_if_cancelled
from starlette.types import Scope

from martlet._engine.read.callables import Kind
from martlet._engine.read.graph import Node
from martlet._engine.run.threads import Call, in_thread, in_thread_at_once, scope_watch, within_scope
from martlet._engine.words.errors import FastAPIError

T = TypeVar("T")

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


# As contextlib says it.
_NO_YIELD = "generator didn't yield"
_NO_END = "generator didn't stop"


class Exits:
    """The two stacks of one request; each is made when it is first asked for.

    Args:
        scope: where the stacks are kept, for libraries that push exits of their own.
        opened: whether the scope holds them already.
    """

    __slots__ = ("_cleanup", "_function_stack", "_scope", "after_answer")

    def __init__(self, scope: Scope, *, opened: bool = False) -> None:
        self._scope = scope
        if not opened:
            scope[REQUEST_STACK] = _Stack()
        self.after_answer: AsyncExitStack = scope[REQUEST_STACK]
        self._function_stack: AsyncExitStack | None = scope[FUNCTION_STACK] if opened else None
        self._cleanup: _Cleanup | None = None

    @property
    def after_endpoint(self) -> AsyncExitStack:
        """The inner stack; made here, since few requests have something to put there."""
        if self._function_stack is None:
            self._function_stack = self._scope[FUNCTION_STACK] = _Stack()
        return self._function_stack

    async def enter(self, generator: AsyncGenerator[T], stack: AsyncExitStack | None = None) -> T:
        """Run an async dependency up to its `yield`, note its other half, and return what it yielded.

        Args:
            generator: the dependency, called.
            stack: where its other half is noted; by default, the outer one.
        """
        cleanup = self._cleanup or self._open_cleanup()
        try:
            value = await anext(generator)
        except StopAsyncIteration:
            raise RuntimeError(_NO_YIELD) from None
        _note(self.after_answer if stack is None else stack, partial(_end, generator, *cleanup))
        return value

    async def enter_in_thread(self, generator: Generator[T], stack: AsyncExitStack | None = None) -> T:
        """Do the same with a plain dependency, whose halves run in threads."""
        value = await in_thread(_first, generator)
        _note(self.after_answer if stack is None else stack, partial(_end_in_thread, generator))
        return value

    def enter_in_hop(self, call: Call, generator: Generator[T], stack: AsyncExitStack | None = None) -> T:
        """Do the same among the calls of one hop: in a thread, while the request waits for it."""
        value = call(_first, generator)
        _note(self.after_answer if stack is None else stack, partial(_end_in_thread, generator))
        return value

    def enter_node(self, node: Node, arguments: dict[str, Any]) -> Awaitable[Any]:
        """Do the same with a dependency of either kind, within its limit of concurrency if it has one."""
        enter: _Enter = self.enter if node.kind is Kind.ASYNC_GENERATOR else self.enter_in_thread
        generator = node.call(**arguments)
        stack = self.after_endpoint if node.scope == "function" else self.after_answer
        if node.dependant.concurrency is None:
            return enter(generator, stack)
        return stack.enter_async_context(_limited(enter, generator, node.dependant.concurrency.get_semaphore()))

    def _open_cleanup(self) -> "_Cleanup":
        """Return the scope that is shielded while async dependencies clean up; it lasts as long as the outer stack.

        It is entered ahead of the first of them, since it has to be around the scopes that they hold themselves. Where
        none is around it in turn, there is nothing to shield from, and so it is None.
        """
        is_around = scope_watch()
        self._cleanup = cleanup = (self.after_answer.enter_context(CancelScope()) if is_around() else None, is_around)
        return cleanup


def swallowed() -> FastAPIError:
    """Return the error for a dependency that swallows an exception: nothing was sent, and nobody would know."""
    return FastAPIError(_SWALLOWED)


# What is shielded, and what says whether there is a scope that could have been cancelled meanwhile.
_Cleanup: TypeAlias = tuple[CancelScope | None, Callable[[], bool]]
_Enter: TypeAlias = Callable[[Any, AsyncExitStack], Awaitable[Any]]
_Exit: TypeAlias = Callable[..., Any]


class _Stack(AsyncExitStack):
    """The same as the class it derives from, at less cost, and its frames do not keep the exceptions they raise."""

    _exit_callbacks: deque[tuple[bool, _Exit]]  # (contextlib's: whether it is awaited, the exit)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> bool:
        given, raised = error is not None, False
        around = sys.exc_info()[1]
        while self._exit_callbacks:
            is_sync, leave = self._exit_callbacks.pop()
            try:
                if leave(kind, error, trace) if is_sync else await leave(kind, error, trace):
                    kind, error, trace, raised = None, None, None, False
            except BaseException as another:  # noqa: BLE001 - the rest of the exits are told of it
                _put_behind(another, error, around)
                kind, error, trace, raised = type(another), another, another.__traceback__, True
        swallowed = given and error is None
        if error is None or not raised:
            error = trace = None
            return swallowed
        context = error.__context__
        try:
            raise error
        except BaseException:
            error.__context__ = context  # `raise` knows better only what is handled around
            raise
        finally:
            del error, trace, around, context


def _note(stack: Any, leave: _Exit) -> None:
    # PERF: `python -m bench.instructions`: `push_async_exit` looks for a context manager first, and gets an exception.
    stack._exit_callbacks.append((False, leave))


def _put_behind(error: BaseException, earlier: BaseException | None, around: BaseException | None) -> None:
    """Have `error`, raised by an exit, follow on `earlier`, as if `async with` blocks were around each other.

    Args:
        error: the exception.
        earlier: what the exit was told of; None: nothing.
        around: what is handled around the stack, which is in no `async with` block.
    """
    while (context := error.__context__) is not None and context is not earlier:
        if context is around:
            error.__context__ = earlier
            return
        error = context


async def _end(
    generator: AsyncGenerator[Any],
    cleanup: CancelScope | None,
    is_around: Callable[[], bool],
    _kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
) -> bool:
    """Run the other half of an async dependency: to its end, even if the request is cancelled meanwhile."""
    try:
        if cleanup is None:
            swallowed = await _rest(generator, error, trace)
        else:
            was_shielded, cleanup.shield = cleanup.shield, True
            try:
                swallowed = await _rest(generator, error, trace)
            finally:
                cleanup.shield = was_shielded
        if (error is None or swallowed) and is_around():
            await checkpoint_if_cancelled()
    finally:
        del error, trace
    return swallowed


async def _end_in_thread(
    generator: Generator[Any],
    _kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
) -> bool:
    """Run the other half of a plain dependency: as the first one ran, so does it, cancelled or not."""
    # At once: the threads there are may all be held by requests that wait for what this half hands back.
    ended = in_thread_at_once(_rest_in_thread, generator, error, trace)
    del error, trace
    if not within_scope():
        return await ended
    swallowed = False
    with CancelScope(shield=True):
        swallowed = await ended
    return swallowed  # noqa: RET504 - as far as types know, a scope may swallow an exception


# The two below leave a generator as contextlib does, but their frames do not keep the exception: whatever is raised in
# the generator leads to its frame, that one to the frames below it, and so there would be a circle.


async def _rest(generator: AsyncGenerator[Any], error: BaseException | None, trace: TracebackType | None) -> bool:
    """Run an async generator from its `yield` to its end; return whether it swallows `error`."""
    try:
        if error is None:
            await anext(generator)
        else:
            await generator.athrow(error)
    except StopAsyncIteration as ended:
        return error is not None and ended is not error
    except BaseException as raised:
        if not _is_same(raised, error, trace, (StopIteration, StopAsyncIteration)):
            raise
        return False
    finally:
        told, error, trace = error is not None, None, None
    try:
        raise RuntimeError(f"{_NO_END} after athrow()" if told else _NO_END)
    finally:
        await generator.aclose()


def _rest_in_thread(generator: Generator[Any], error: BaseException | None, trace: TracebackType | None) -> bool:
    """Run a plain generator from its `yield` to its end; return whether it swallows `error`."""
    try:
        if error is None:
            next(generator)
        else:
            generator.throw(error)
    except StopIteration as ended:
        return error is not None and ended is not error
    except BaseException as raised:
        if not _is_same(raised, error, trace, (StopIteration,)):
            raise
        return False
    finally:
        told, error, trace = error is not None, None, None
    try:
        raise RuntimeError(f"{_NO_END} after throw()" if told else _NO_END)
    finally:
        generator.close()


def _is_same(
    raised: BaseException,
    error: BaseException | None,
    trace: TracebackType | None,
    wrapped: tuple[type[BaseException], ...],
) -> bool:
    """Whether what a generator raises is what was thrown into it; if so, that is as it was before.

    Args:
        raised: the one.
        error: the other.
        trace: the traceback that it had.
        wrapped: what Python does not let out of a generator but as the cause of a RuntimeError.
    """
    is_wrapped = isinstance(raised, RuntimeError) and isinstance(error, wrapped) and raised.__cause__ is error
    if error is None or not (raised is error or is_wrapped):
        return False
    error.__traceback__ = trace
    return True


def _first(generator: Generator[T]) -> T:
    """Run a plain generator up to its `yield`."""
    try:
        return next(generator)
    except StopIteration:
        raise RuntimeError(_NO_YIELD) from None


@asynccontextmanager
async def _limited(enter: _Enter, generator: Any, semaphore: Semaphore) -> AsyncIterator[Any]:
    async with semaphore, _Stack() as stack:
        yield await enter(generator, stack)
