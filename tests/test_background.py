"""Work after the response."""

import pytest
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
