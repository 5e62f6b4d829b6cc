import asyncio
import threading
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

from starlette.background import BackgroundTask

from martlet.cli.servers.running import Running, running, running_in


async def serve(scope: Any, inner: Any) -> None:
    assert scope
    await inner


async def mail() -> None:
    await asyncio.sleep(10)


class Mailer:
    async def __call__(self) -> None:
        await mail()


async def parts() -> AsyncIterator[int]:
    await asyncio.sleep(10)
    yield 1


async def stream() -> None:
    async for _ in parts():
        pass


def names(*coroutines: Any) -> list[str]:
    async def main() -> list[str]:
        tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
        await asyncio.sleep(0.01)
        found = running(tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return [str(each).partition("test_running.py")[0] for each in found]

    return asyncio.run(main())


BOOKS = {"type": "http", "method": "GET", "path": "/books"}


def test_a_request_is_named_with_its_place() -> None:
    (said,) = names(serve(BOOKS, asyncio.sleep(10)))
    assert said.startswith("GET /books, at ")


def test_a_background_task_is_named() -> None:
    (said,) = names(serve(BOOKS, BackgroundTask(mail)()))
    assert said.startswith("GET /books, background task mail, at ")
    (said,) = names(serve(BOOKS, BackgroundTask(Mailer())()))
    assert ".Mailer object at" in said


def test_websockets_and_requests_over_rsgi() -> None:
    socket = {"type": "websocket", "path": "/talk"}
    over_rsgi = SimpleNamespace(rsgi_version="1.5", proto="http", method="POST", path="/books")
    talk = SimpleNamespace(rsgi_version="1.5", proto="ws", method="GET", path="/talk")
    said = names(*(serve(scope, asyncio.sleep(10)) for scope in (talk, socket, over_rsgi)))
    assert [each.partition(",")[0] for each in said] == ["POST /books", "WebSocket /talk", "WebSocket /talk"]


def test_what_serves_nobody_is_not_named() -> None:
    done = serve(BOOKS, asyncio.sleep(0))
    assert names(asyncio.sleep(10), serve({"type": "lifespan"}, asyncio.sleep(10)), done) == []


def test_a_stream_is_followed_as_far_as_python_tells() -> None:
    (said,) = names(serve(BOOKS, stream()))
    assert said.startswith("GET /books")
    assert str(Running("GET /books")) == "GET /books"


def test_a_request_that_has_only_arrived() -> None:
    async def main() -> list[str]:
        task = asyncio.ensure_future(serve(BOOKS, asyncio.sleep(0)))
        found = running([task])
        await task
        return [each.what for each in found]

    assert asyncio.run(main()) == ["GET /books"]


def test_what_blocks_a_thread() -> None:
    scope, entered, leave = BOOKS, threading.Event(), threading.Event()

    def block(scope: Any) -> None:
        assert scope
        entered.set()
        leave.wait(10)

    thread = threading.Thread(target=block, args=(scope,))
    thread.start()
    entered.wait(10)
    found = running_in(thread.ident or 0)
    leave.set()
    thread.join()
    assert found is not None
    assert found.what == "GET /books"
    assert running_in(-1) is None
