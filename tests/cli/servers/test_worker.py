"""What a worker does when a server or a signal does not do what it usually does; tests/cli/test_run.py has the rest."""

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from martlet.cli.discover import Target
from martlet.cli.servers import site
from martlet.cli.servers.serving import Serving
from martlet.cli.servers.worker import Ready, Worker

READY = Ready("main:app", None, "ASGI")


class Site:
    """A server that ends when it likes to."""

    protocol = "ASGI"

    def __init__(self, error: Exception | None = None, *, stays: bool = False) -> None:
        self.error = error
        self.stays = stays
        self.requests: list[asyncio.Task[Any]] = []

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing."""

    def end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Do nothing."""

    async def serve(self, ready: Callable[[], None]) -> None:
        ready()
        if self.stays:
            await asyncio.Event().wait()
        if self.error is not None:
            raise self.error

    async def stop(self) -> None:
        """Do nothing."""

    def tasks(self) -> list[asyncio.Task[Any]]:
        return self.requests


@pytest.fixture
def ended() -> list[str]:
    return []


@pytest.fixture
def a_worker(ended: list[str]) -> Worker:
    serving = Serving(Target("main", Path()), drain=0.5)
    return Worker(serving, [], lambda ready: ended.append(ready.app), lambda: ended.append("end"))


def test_a_server_that_ends_by_itself(a_worker: Worker, ended: list[str]) -> None:
    asyncio.run(a_worker._serve(Site(), READY))
    assert ended == ["main:app"]
    with pytest.raises(OSError, match="no more files"):
        asyncio.run(a_worker._serve(Site(OSError("no more files")), READY))


def test_signals_before_and_after_do_nothing(a_worker: Worker) -> None:
    a_worker._on_signal(signal.SIGTERM, None)
    a_worker._loop = asyncio.new_event_loop()
    a_worker._loop.close()
    a_worker._on_signal(signal.SIGTERM, None)
    assert a_worker._signalled is None


def test_a_second_sigterm_changes_nothing(
    a_worker: Worker, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    async def main() -> None:
        a_worker._loop = asyncio.get_running_loop()
        serving = asyncio.ensure_future(a_worker._serve(Site(stays=True), READY))
        await asyncio.sleep(0.01)
        a_worker._on_signal(signal.SIGTERM, None)
        a_worker._on_signal(signal.SIGTERM, None)
        await asyncio.sleep(0.1)
        assert not serving.done()
        a_worker._on_signal(signal.SIGINT, None)
        await asyncio.wait_for(serving, 0.3)

    asyncio.run(main())
    assert a_worker._has_cut
    assert "SIGTERM: nothing in progress" in caplog.messages
    assert capsys.readouterr().err == ""


def test_last_words(a_worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    a_worker._name_what_is_left()
    assert caplog.messages == ["Not at an end after 0.5 s: the process is ended."]
    caplog.clear()

    async def request(scope: Any) -> None:
        assert scope
        await asyncio.Event().wait()

    async def main(scope: Any) -> None:
        assert scope["type"] == "http"
        a_worker._site, a_worker._loop = Site(), asyncio.get_running_loop()
        task = asyncio.ensure_future(request({"type": "http", "method": "GET", "path": "/slow"}))
        await asyncio.sleep(0)
        a_worker._name_what_is_left()
        task.cancel()

    asyncio.run(main({"type": "http", "method": "GET", "path": "/block"}))
    *still, blocks = [message.partition(", at")[0] for message in caplog.messages if "GET /" in message]
    assert "Still running: GET /slow" in still
    assert blocks == "Blocks the loop: GET /block"
    caplog.clear()
    a_worker._loop = asyncio.new_event_loop()
    a_worker._name_what_is_left()
    a_worker._loop.close()
    assert len(caplog.messages) == 1


def test_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    factory = site.loop_factory()
    assert factory is not None
    assert factory.__module__.startswith("uvloop")
    monkeypatch.setattr(site, "find_spec", lambda _name: None)
    assert site.loop_factory() is None
