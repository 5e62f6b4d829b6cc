"""Lifespans: every form that users give, and two of them as one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest

from martlet import APIRouter
from martlet._engine.declare.lifespan import DefaultLifespan, lifespan_context, merged_lifespan


def run(lifespan: Any, app: Any = None) -> Any:
    async def main() -> Any:
        async with lifespan(app) as state:
            return state

    return anyio.run(main)


def test_without_one_the_functions_of_the_router_run_also_those_added_later() -> None:
    events: list[str] = []

    async def stop() -> None:
        events.append("stop")

    router = APIRouter(on_startup=[lambda: events.append("start")])
    router.add_event_handler("shutdown", stop)
    lifespan = lifespan_context(None, router)
    assert isinstance(lifespan, DefaultLifespan)
    assert run(lifespan) is None
    assert events == ["start", "stop"]


def test_an_async_generator() -> None:
    events: list[str] = []

    async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
        events.append("start")
        yield {"app": app}
        events.append("stop")

    assert run(lifespan_context(lifespan, APIRouter()), "the app") == {"app": "the app"}  # type: ignore[arg-type]
    assert events == ["start", "stop"]


def test_a_generator() -> None:
    events: list[str] = []

    def lifespan(app: Any) -> Iterator[dict[str, Any]]:
        events.append("start")
        yield {"app": app}
        events.append("stop")

    assert run(lifespan_context(lifespan, APIRouter()), "the app") == {"app": "the app"}  # type: ignore[arg-type]
    assert events == ["start", "stop"]


def test_an_error_reaches_a_generator() -> None:
    caught: list[Exception] = []

    def lifespan(app: Any) -> Iterator[None]:
        try:
            yield
        except ValueError as error:
            caught.append(error)

    async def main() -> None:
        async with lifespan_context(lifespan, APIRouter())(None):  # type: ignore[arg-type]
            raise ValueError

    anyio.run(main)
    assert len(caught) == 1


def yielding(state: Any) -> Any:
    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        yield state

    return lifespan


def test_a_context_manager_is_taken_as_it_is() -> None:
    lifespan = yielding({})
    assert lifespan_context(lifespan, APIRouter()) is lifespan


@pytest.mark.parametrize(
    ("outer", "inner", "merged"),
    [
        (None, None, None),
        ({"a": 1}, None, {"a": 1}),
        (None, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 2, "b": 2}, {"a": 1, "b": 2}),
    ],
)
def test_of_two_the_outer_state_counts(outer: Any, inner: Any, merged: Any) -> None:
    assert run(merged_lifespan(yielding(outer), yielding(inner))) == merged
