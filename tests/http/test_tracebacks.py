"""Tracebacks show the lines of generated handlers, as those of any other code."""

import gc
import inspect
import linecache
import traceback

import pytest

from tests.asking import Framework, ask, get

pytestmark = pytest.mark.anyio


async def test_a_traceback_shows_the_line_of_the_handler() -> None:
    fw = Framework("martlet")
    app = fw.app()

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> None:
        raise RuntimeError("broken")

    seen: list[BaseException] = []
    await ask(app, get("/items/1"), raised=seen.append)
    frames = traceback.extract_tb(seen[0].__traceback__)
    lines = {frame.name: (frame.filename, frame.line) for frame in frames}
    filename, line = lines["handle_item"]
    assert filename.startswith("<martlet GET /items/{item_id} #")
    assert line == "result = await item(**values)"
    assert list(lines)[-1] == "item"


async def test_the_source_of_a_handler_can_be_inspected_until_the_handler_is_gone() -> None:
    fw = Framework("martlet")
    app = fw.app()

    async def real() -> None: ...

    @app.get("/", dependencies=[fw.Depends(real)])
    async def read() -> None: ...

    await ask(app, get("/"))
    function = app.middleware_stack.dispatcher.frozen.targets[0].handle
    assert inspect.getsource(function).startswith("async def handle_read(scope, receive, send, path):\n")
    filename = function.__code__.co_filename
    assert filename in linecache.cache

    del function, app, read
    gc.collect()
    assert filename not in linecache.cache
