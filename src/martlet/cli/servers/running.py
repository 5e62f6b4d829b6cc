"""What is still being done, in words: found by looking at the tasks, so that no request pays for being counted.

A request is a task; the frames of its coroutines say which one, where in the user's code it stands, and whether it has
come to its background tasks.
"""

import asyncio
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import FrameType
from typing import Any

from starlette.background import BackgroundTask

from martlet.cli.frames import is_users, shown


@dataclass(frozen=True, slots=True)
class Running:
    """Something that is still being done.

    Args:
        what: the request, such as `GET /books`.
        background: the background task it has come to, empty before.
        place: the innermost line of the user's that it stands at, empty where it stands at none.
    """

    what: str
    background: str = ""
    place: str = ""

    def __str__(self) -> str:
        background = f", background task {self.background}" if self.background else ""
        return f"{self.what}{background}{f', at {self.place}' if self.place else ''}"


def running(tasks: Iterable[asyncio.Task[Any]]) -> list[Running]:
    """Return what those of the tasks do that serve somebody."""
    found = (_look(task) for task in tasks if not task.done())
    return sorted((each for each in found if each is not None), key=str)


def running_in(thread: int) -> Running | None:
    """Return what a thread does at this moment, where it serves somebody: a loop that is blocked does.

    Args:
        thread: its identifier.
    """
    innermost = sys._current_frames().get(thread)
    frames = [frame for frame, _ in traceback.walk_stack(innermost)] if innermost is not None else []
    return _of(reversed(frames))


def _look(task: asyncio.Task[Any]) -> Running | None:
    return _of(_frames(task.get_coro()))


def _of(frames: Iterable[FrameType]) -> Running | None:
    scope, background, place = None, "", ""
    for frame in frames:
        scope = scope or _scope(frame.f_locals.get("scope"))
        me = frame.f_locals.get("self")
        if type(me) is BackgroundTask:
            background = getattr(me.func, "__qualname__", repr(me.func))
        if is_users(frame.f_code.co_filename):
            place = f"{shown(frame.f_code.co_filename)}:{frame.f_lineno}"
    return Running(_request(scope), background, place) if scope is not None else None


def _frames(awaited: Any) -> Iterator[FrameType]:
    """Yield the frames of a coroutine and of what it waits for, the outermost first."""
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "gi_frame", None)
        if frame is None:
            return
        yield frame
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "gi_yieldfrom", None)


def _scope(found: Any) -> Any:
    """Return what a variable named `scope` holds, if that is a request's or a WebSocket's."""
    if isinstance(found, dict):
        return found if found.get("type") in {"http", "websocket"} else None
    return found if hasattr(found, "rsgi_version") else None


def _request(scope: Any) -> str:
    """Return a request's method and path, whether its scope is ASGI's or RSGI's."""
    if isinstance(scope, dict):
        return f"{scope.get('method', 'WebSocket')} {scope.get('path', '')}"
    return f"{scope.method if scope.proto == 'http' else 'WebSocket'} {scope.path}"
