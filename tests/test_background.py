"""Work after the response."""

import subprocess
import sys
from functools import partial
from typing import Any

import pytest
from starlette.background import BackgroundTask
from starlette.background import BackgroundTasks as StarletteBackgroundTasks

from martlet.background import BackgroundTasks


@pytest.mark.anyio
async def test_tasks_run_in_order() -> None:
    done: list[object] = []

    async def later(what: object) -> None:
        done.append(what)

    tasks = BackgroundTasks()
    tasks.add_task(later, 1)
    tasks.add_task(done.append, 2)
    tasks.add_task(later, what=3)
    assert isinstance(tasks, StarletteBackgroundTasks)
    assert done == []
    await tasks()
    assert done == [1, 2, 3]


@pytest.mark.anyio
async def test_whatever_is_added_is_called_as_starlette_would() -> None:
    done: list[Any] = []

    class Worker:
        async def __call__(self, *args: int, **kwargs: int) -> None:
            done.append(("object", args, kwargs))

        async def work(self, *args: int, **kwargs: int) -> None:
            done.append(("method", args, kwargs))

    async def plain(*args: int, **kwargs: int) -> None:
        done.append(("function", args, kwargs))

    tasks, theirs = BackgroundTasks(), StarletteBackgroundTasks()
    for each in (plain, Worker(), Worker().work, partial(plain, 0), partial(done.append, "called")):
        given: Any = ((1,), {"a": 2}) if not isinstance(each, partial) else ((), {})
        tasks.add_task(each, *given[0], **given[1])
        theirs.add_task(each, *given[0], **given[1])
    assert [vars(task) for task in tasks.tasks] == [vars(task) for task in theirs.tasks]
    assert {type(task) for task in tasks.tasks} == {BackgroundTask}
    await tasks()
    assert [what[0] for what in done] == ["function", "object", "method", "function", "c"]
    assert done[0][1:] == ((1,), {"a": 2})


@pytest.mark.parametrize("name", ["add_task", "__init__"])
def test_a_library_that_watches_what_is_added_sees_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    added: list[Any] = []

    async def note(number: int) -> None:
        """Do nothing."""

    watched = StarletteBackgroundTasks if name == "add_task" else BackgroundTask
    monkeypatch.setattr(watched, name, lambda _, *given: added.append(given))
    BackgroundTasks().add_task(note, 1)
    assert added == [(note, 1)]


def test_a_library_may_watch_before_the_app_is_imported() -> None:
    program = """
import starlette.background as theirs
add_task = theirs.BackgroundTasks.add_task
def watched(self, func, *args, **kwargs):
    print(func.__name__)
    add_task(self, func, *args, **kwargs)
theirs.BackgroundTasks.add_task = watched
from martlet import BackgroundTasks
async def note(): ...
BackgroundTasks().add_task(note)
"""
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout == "note\n"
