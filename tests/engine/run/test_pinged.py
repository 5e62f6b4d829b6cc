"""Events with comments in between, and how their source ends: by itself, by its taker, by an error."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from martlet._engine.run.pinged import pinged
from martlet._engine.words.hooks import HOOKS
from martlet.sse import KEEPALIVE_COMMENT

pytestmark = pytest.mark.anyio


class Trouble(Exception):
    """What sources and takers of these tests raise."""


async def source(log: list[str], count: int = 3, pause: float | None = None) -> AsyncGenerator[bytes]:
    try:
        for number in range(count):
            if pause is not None:
                await anyio.sleep(pause)
            yield b"%d" % number
    finally:
        log.append("closed")


async def take(source: AsyncIterator[bytes], taken: list[bytes], most: int = 10**6) -> None:
    """Take events, as many as there are or until there is trouble."""
    async with pinged(source) as given, aclosing(given) as events:
        async for event in events:
            taken.append(event)
            if len(taken) == most:
                raise Trouble("the taker")


@pytest.mark.parametrize("pause", [None, 0, 0.001])
async def test_events_come_in_order(pause: float | None) -> None:
    log: list[str] = []
    async with pinged(source(log, pause=pause)) as events:
        assert [event async for event in events] == [b"0", b"1", b"2"]
    assert log == ["closed"]


async def test_silence_is_broken_by_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HOOKS, "ping_interval", lambda: 0.005)
    async with pinged(source([], 2, pause=0.03)) as events:
        found = [event async for event in events]
    comments = found.count(KEEPALIVE_COMMENT)
    assert comments >= 4
    assert [event for event in found if event != KEEPALIVE_COMMENT] == [b"0", b"1"]


@pytest.mark.parametrize("pause", [None, 0.001])
async def test_a_source_is_closed_when_nobody_takes_more(pause: float | None) -> None:
    log: list[str] = []
    async with pinged(source(log, 10**6, pause)) as given, aclosing(given) as events:
        assert [await anext(events), await anext(events)] == [b"0", b"1"]
    assert log == ["closed"]


@pytest.mark.parametrize("pause", [None, 0, 0.001])
@pytest.mark.parametrize("count", [0, 2])
async def test_an_error_of_the_source_comes_as_a_group(
    count: int, pause: float | None, anyio_backend_name: str
) -> None:
    async def failing() -> AsyncIterator[bytes]:
        async for event in source([], count, pause):
            yield event
        raise Trouble("the source")

    taken: list[bytes] = []
    with pytest.raises(ExceptionGroup) as raised:
        await take(failing(), taken)
    assert [repr(error) for error in raised.value.exceptions] == ["Trouble('the source')"]
    if anyio_backend_name == "asyncio":  # (on trio it may overtake the last event)
        assert taken == [b"0", b"1"][:count]


async def test_an_error_of_the_taker_comes_as_a_group_as_well() -> None:
    log: list[str] = []
    with pytest.raises(ExceptionGroup) as raised:
        await take(source(log, pause=0.001), [], 1)
    assert [repr(error) for error in raised.value.exceptions] == ["Trouble('the taker')"]
    assert log == ["closed"]


async def test_a_cancelled_taker_ends_the_source() -> None:
    log: list[str] = []
    with anyio.move_on_after(0.01) as scope:
        await take(source(log, pause=5), [])
    assert scope.cancelled_caught
    assert log == ["closed"]


async def test_a_source_may_have_no_end_of_its_own() -> None:
    class Bare:
        def __init__(self) -> None:
            self.left = 2

        def __aiter__(self) -> "Bare":
            return self

        async def __anext__(self) -> bytes:
            if not self.left:
                raise StopAsyncIteration
            self.left -= 1
            return b"%d" % self.left

    async with pinged(Bare()) as events:
        assert [event async for event in events] == [b"1", b"0"]


async def take_one_and_no_more(source: AsyncIterator[bytes]) -> None:
    """Take one event, and do not wait long for the next."""
    async with pinged(source) as events:
        await anext(events)
        with anyio.move_on_after(0.001):
            await anext(events)


def test_a_source_that_keeps_a_cancellation_to_itself_ends_all_the_same() -> None:
    log: list[Any] = []

    async def stubborn() -> AsyncGenerator[bytes]:
        for seconds in (0, 5, 0):
            try:
                await asyncio.sleep(seconds)
            except asyncio.CancelledError:
                log.append("goes on")
            yield b"event"
        log.append("never")

    asyncio.run(take_one_and_no_more(stubborn()))
    assert log == ["goes on"]


def test_a_source_that_goes_on_waiting_is_told_again() -> None:
    log: list[Any] = []

    async def stubborn() -> AsyncGenerator[bytes]:
        for _ in range(2):
            try:
                yield b"event"
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                log.append("goes on")
                await asyncio.sleep(5)

    asyncio.run(take_one_and_no_more(stubborn()))
    assert log == ["goes on"]


def test_a_source_begins_when_it_is_asked_and_is_an_event_ahead() -> None:
    log: list[str] = []

    async def counted() -> AsyncGenerator[bytes]:
        for number in range(4):
            log.append(f"made {number}")
            yield b"%d" % number

    async def main() -> None:
        async with pinged(counted()) as events:
            assert log == []
            async for event in events:
                log.append(f"taken {event.decode()}")
                if event == b"1":
                    return

    asyncio.run(main())
    assert log == ["made 0", "made 1", "taken 0", "made 2", "taken 1"]
