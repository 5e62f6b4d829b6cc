"""The halves of dependencies that yield: what becomes of them is what contextlib makes of the same generators."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from itertools import product
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from starlette.types import Scope

from martlet._engine.run import threads
from martlet._engine.run.exits import Exits
from martlet.concurrency import contextmanager_in_threadpool

pytestmark = pytest.mark.anyio


class Left(BaseException):
    """What is no Exception."""


def never() -> Iterator[int]:
    yield from ()


def breaks() -> Iterator[int]:
    yield int("none")


def ends() -> Iterator[int]:
    try:
        yield 1
    except ValueError:
        raise


def twice() -> Iterator[int]:
    yield 1
    yield 2


def swallows() -> Iterator[int]:
    with suppress(BaseException):
        yield 1


def swallows_and_goes_on() -> Iterator[int]:
    try:
        yield 1
    except BaseException:
        yield 2


def replaces() -> Iterator[int]:
    try:
        yield 1
    except BaseException:
        raise LookupError("instead") from None


def follows() -> Iterator[int]:
    try:
        yield 1
    except BaseException as error:
        raise LookupError("in consequence") from error


def raises_it() -> Iterator[int]:
    try:
        yield 1
    except BaseException as error:
        raise error


def breaks_at_the_end() -> Iterator[int]:
    try:
        yield 1
    finally:
        try:
            raise KeyError("in between")
        except KeyError:
            raise LookupError("at its end")  # noqa: B904 - its context is looked at


DEPENDENCIES: Any = (
    never,
    breaks,
    ends,
    twice,
    swallows,
    swallows_and_goes_on,
    replaces,
    follows,
    raises_it,
    breaks_at_the_end,
)
RAISED: Any = (None, ValueError, StopIteration, StopAsyncIteration, RuntimeError, Left)


def awaited(dependency: Callable[[], Iterator[int]]) -> Callable[[], AsyncGenerator[int]]:
    """Return the async generator function that does the same."""

    async def halves() -> AsyncGenerator[int]:
        running: Any = dependency()
        step: Any = partial(next, running)
        while True:
            try:
                value = step()
            except StopIteration:
                return
            await anyio.lowlevel.checkpoint()
            try:
                yield value
            except BaseException as error:
                step = partial(running.throw, error)
            else:
                step = partial(next, running)

    return halves


def told(error: BaseException | None) -> Any:
    """Return what can be seen of an exception: with what it follows on, and where in the dependencies it was raised."""
    if error is None:
        return None
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    names = [name for name in frames if name in {each.__name__ for each in DEPENDENCIES} | {"work"}]
    return type(error), str(error), error.__suppress_context__, told(error.__cause__), told(error.__context__), names


async def outcome(run: Callable[[Callable[[], None]], Awaitable[None]], raised: Any, *, around: bool) -> Any:
    """Return what comes of a block in which something is raised, or nothing.

    Args:
        run: enters the dependencies, and calls what it is given.
        raised: the type of the exception.
        around: whether another exception is handled around the block.
    """
    error = raised and raised("from the block")

    def work() -> None:
        if error is not None:
            raise error

    seen: BaseException | None = None
    try:
        if around:
            try:
                raise OSError("around")
            except OSError:
                await run(work)
        else:
            await run(work)
    except BaseException as came:
        seen = came
    return seen is error, told(seen)


async def by_contextlib(dependencies: Any, work: Callable[[], None]) -> None:
    async with AsyncExitStack() as stack:
        for dependency in dependencies:
            await stack.enter_async_context(asynccontextmanager(awaited(dependency))())
        work()


async def by_exits(dependencies: Any, work: Callable[[], None]) -> None:
    exits = Exits({})
    async with exits.after_answer:
        for dependency in dependencies:
            await exits.enter(awaited(dependency)())
        work()


async def plain_by_contextlib(dependencies: Any, work: Callable[[], None]) -> None:
    async with AsyncExitStack() as stack:
        for dependency in dependencies:
            await stack.enter_async_context(contextmanager_in_threadpool(contextmanager(dependency)()))
        work()


async def plain_by_exits(dependencies: Any, work: Callable[[], None]) -> None:
    exits = Exits({})
    async with exits.after_answer:
        for dependency in dependencies:
            await exits.enter_in_thread(dependency())
        work()


@pytest.mark.parametrize("around", [False, True])
@pytest.mark.parametrize("raised", RAISED)
async def test_an_async_dependency_is_left_as_by_contextlib(raised: Any, around: bool) -> None:
    for count in (1, 2):
        for chosen in product(DEPENDENCIES, repeat=count):
            found = await outcome(partial(by_exits, chosen), raised, around=around)
            assert found == await outcome(partial(by_contextlib, chosen), raised, around=around), chosen


@pytest.mark.parametrize("raised", RAISED)
async def test_a_plain_dependency_is_left_as_by_contextlib(raised: Any) -> None:
    for chosen in [*((each,) for each in DEPENDENCIES), (swallows, replaces), (replaces, swallows)]:
        found = await outcome(partial(plain_by_exits, chosen), raised, around=False)
        assert found == await outcome(partial(plain_by_contextlib, chosen), raised, around=False), chosen


def break_down() -> None:
    raise LookupError("of a library's")


async def swallow(*_: object) -> bool:
    return True


PUSHES: Any = (
    lambda stack: stack.callback(break_down),
    lambda stack: stack.push(lambda *_: True),
    lambda stack: stack.push_async_exit(swallow),
    lambda stack: stack.push_async_callback(anyio.sleep, 0),
)


async def pushed(make: Callable[[], AsyncExitStack], pushes: Any, work: Callable[[], None]) -> None:
    async with make() as stack:
        for push in pushes:
            push(stack)
        work()


@pytest.mark.parametrize("raised", RAISED)
async def test_exits_that_libraries_push_are_called_as_by_contextlib(raised: Any) -> None:
    for chosen in product(PUSHES, repeat=3):
        found = await outcome(partial(pushed, lambda: Exits({}).after_answer, chosen), raised, around=True)
        assert found == await outcome(partial(pushed, AsyncExitStack, chosen), raised, around=True)


@pytest.mark.parametrize("made", [Exits, partial(Exits, opened=True)])
async def test_stacks_are_in_the_scope_when_somebody_asks_for_them(made: Callable[[Scope], Exits]) -> None:
    scope: Scope = {}
    if made is not Exits:
        scope.update(fastapi_inner_astack=AsyncExitStack(), fastapi_function_astack=AsyncExitStack())
    exits = made(scope)
    assert exits.after_answer is scope["fastapi_inner_astack"]
    assert exits.after_endpoint is exits.after_endpoint is scope["fastapi_function_astack"]


async def test_a_dependency_s_own_scope_is_heeded_though_none_is_around_the_request(anyio_backend_name: str) -> None:
    """A scope of the dependency's that was cancelled is told of in the clean-ups that come before its own."""
    seen: list[type[BaseException] | None] = []

    async def limited() -> AsyncGenerator[anyio.CancelScope]:
        with anyio.CancelScope() as scope:
            try:
                yield scope
            except BaseException as error:
                seen.append(type(error))
                raise
        seen.append(None)

    async def run() -> None:
        exits = Exits({})
        async with exits.after_answer:
            scope = await exits.enter(limited())
            await exits.enter(awaited(ends)())
            scope.cancel()

    with anyio.CancelScope():
        await run()
    if anyio_backend_name == "asyncio":
        await asyncio.create_task(run())
        assert seen[2:] == seen[:2]
    assert seen[:2] == [anyio.get_cancelled_exc_class(), None]


async def test_whether_a_scope_is_around_is_asked_of_anyio(
    anyio_backend_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def alone() -> list[bool]:
        seen = [threads.within_scope()]
        with anyio.CancelScope():
            await anyio.lowlevel.checkpoint()
            seen.append(threads.within_scope())
        return [*seen, threads.within_scope()]

    if anyio_backend_name == "trio":
        assert await alone() == [True, True, True]
        return
    assert await asyncio.create_task(alone()) == [False, True, False]
    monkeypatch.setattr(threads, "_lanes", {})
    monkeypatch.setattr(threads, "_open", lambda _: None)
    assert await asyncio.create_task(alone()) == [True, True, True]
