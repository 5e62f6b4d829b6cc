"""What the worker is made of: the banner, the app that is broken, the log, the watcher's filter."""

import asyncio
import io
import logging
import os
import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import watchfiles
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from martlet import FastAPI
from martlet._engine.describe import assets
from martlet.cli.console import Console
from martlet.cli.dev import watcher
from martlet.cli.dev.banner import Banner
from martlet.cli.dev.broken import Broken
from martlet.cli.dev.lines import show_logs
from martlet.cli.dev.settings import Settings
from martlet.cli.discover import Target
from martlet.cli.failures import Failure, ImportFailure
from martlet.cli.load import Loaded
from martlet.routing import APIRoute

TARGET = Target("main", Path("/"), "app")
SETTINGS = Settings(TARGET, "127.0.0.1", 8000, (Path("/"),))


@pytest.fixture
def local() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


def said(app: Any, sock: socket.socket, settings: Settings = SETTINGS) -> list[str]:
    out = io.StringIO()
    Banner(Console(out), settings, Loaded(app, TARGET), [sock], 0.0).show()
    return [" ".join(line.split()) for line in out.getvalue().splitlines() if line]


@pytest.mark.parametrize("packed", [False, True])
def test_pages_that_need_no_network(
    local: socket.socket, packed: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "DIRECTORY", tmp_path)
    if packed:
        (tmp_path / "index.json").write_text("{}", encoding="utf-8")
    [docs] = [row for row in said(FastAPI(), local) if row.startswith("Docs")]
    assert docs.endswith(" offline assets") is packed


def test_the_banner(local: socket.socket) -> None:
    app = FastAPI()
    app.get("/")(lambda: 1)
    port = local.getsockname()[1]
    title, *rest = said(app, local)
    assert title.startswith("martlet ")
    assert " dev main:app ready in " in title
    rest[1] = rest[1].removesuffix(" offline assets")
    assert rest == [
        f"App http://127.0.0.1:{port}",
        f"Docs http://127.0.0.1:{port}/docs",
        "1 route Ctrl-C stops",
    ]


@pytest.mark.parametrize(
    ("options", "docs"),
    [
        ({"docs_url": None}, "/redoc"),
        ({"docs_url": "/d"}, "/d"),
        ({"docs_url": None, "scalar_url": "/s"}, "/s"),
        ({"docs_url": None, "redoc_url": None}, None),
        ({"openapi_url": None}, None),
    ],
)
def test_only_pages_that_are_there_are_named(local: socket.socket, options: Any, docs: str | None) -> None:
    rows = [row.removesuffix(" offline assets") for row in said(FastAPI(**options), local) if row.startswith("Docs")]
    assert [row.partition(f":{local.getsockname()[1]}")[2] for row in rows] == ([docs] if docs else [])


def test_what_the_banner_warns_of(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = type("FastAPI", (), {"__module__": "fastapi.applications"})()
    monkeypatch.setitem(sys.modules, "fastapi.applications", SimpleNamespace())
    settings = replace(SETTINGS, host="0.0.0.0", root_path="/api", folders=())
    with socket.create_server(("0.0.0.0", 0)) as sock:
        rows = said(theirs, sock, settings)
    assert rows[2:] == [
        "Behind /api",
        "Ctrl-C stops",
        "This is FastAPI's own app: add --as-fastapi to have Martlet serve it.",
        "Everybody in the network reaches this, error pages included.",
        "Changes are not watched.",
    ]


class Slow(APIRoute):
    def get_route_handler(self) -> Any:
        return super().get_route_handler()


def lost_and_slow(number: int) -> FastAPI:
    app = FastAPI()
    app.router.route_class = Slow
    for position in range(number):
        app.get(f"lost/{position}")(lambda: 1)
    return app


def test_path_operations_to_look_at_are_named(local: socket.socket) -> None:
    why = "its handler is your own. martlet check says more."
    assert said(lost_and_slow(1), local)[-2:] == [
        "Never reached: GET lost/0: a path begins with a slash.",
        f"Not compiled: GET lost/0: {why}",
    ]
    assert said(lost_and_slow(3), local)[-2:] == [
        "Never reached: GET lost/0 and 2 more: a path begins with a slash.",
        f"Not compiled: GET lost/0 and 2 more: {why}",
    ]


def test_a_reload_tells_of_what_is_never_reached(local: socket.socket) -> None:
    out = io.StringIO()
    Banner(Console(out), SETTINGS, Loaded(lost_and_slow(1), TARGET), [local], 0.0).show_again()
    assert out.getvalue().splitlines()[1:] == ["  Never reached: GET lost/0: a path begins with a slash."]


def test_routes_that_cannot_be_served_leave_the_banner_whole(
    local: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FastAPI()
    app.get("/")(lambda: 1)
    monkeypatch.setattr(app.router, "dispatch_routes", lambda: 1 // 0)
    assert said(app, local)[-1].endswith("Ctrl-C stops")


def broken(failure: Failure) -> Broken:
    return Broken(failure, asyncio.Event())


def scope_of(*headers: tuple[bytes, bytes]) -> Any:
    return {"type": "http", "method": "GET", "path": "/", "headers": list(headers)}


@pytest.mark.parametrize("ends", ["mended", "closed"])
def test_the_page_of_a_broken_app_is_told_when_that_is_over(ends: str) -> None:
    sent: list[Any] = []
    app = broken(ImportFailure("Cannot import x"))

    async def send(message: Any) -> None:
        sent.append(message)

    async def ask() -> None:
        said = asyncio.Queue[Any]()
        said.put_nowait({"type": "http.request", "body": b"", "more_body": False})
        asking = asyncio.create_task(app(scope_of((b"martlet-wait", b"1")), said.get, send))
        await asyncio.sleep(0.01)
        assert not sent
        if ends == "mended":
            app.over.set()
        else:
            said.put_nowait({"type": "http.disconnect"})
        await asking

    asyncio.run(ask())
    assert sent[0]["status"] == 503


def test_a_broken_app() -> None:
    client = TestClient(broken(ImportFailure("Cannot import <x>", details=["a"], advice="b")))
    with client:
        answer = client.get("/any")
        assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store")
        assert answer.json() == {
            "detail": "Cannot import <x>",
            "code": "MARTLET-E101",
            "lines": ["a"],
            "advice": ["b"],
        }
        assert "Cannot import &lt;x&gt;" in client.get("/", headers={"accept": "text/html"}).text
        with pytest.raises(WebSocketDisconnect) as end, client.websocket_connect("/ws"):
            pass
    assert end.value.code == 1013


@pytest.mark.parametrize(("verbose", "printed"), [(False, ["WARNING low"]), (True, ["INFO begun", "WARNING low"])])
def test_what_uvicorn_logs(verbose: bool, printed: list[str]) -> None:
    logger = logging.getLogger("uvicorn")
    before = (logger.handlers, logger.level, logger.propagate)
    out = io.StringIO()
    try:
        show_logs(Console(out), verbose=verbose)
        logging.getLogger("uvicorn.error").info("begun")
        logging.getLogger("uvicorn.error").warning("low")
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n")
    finally:
        logger.handlers, logger.level, logger.propagate = before
    assert [" ".join(line.split()[1:]) for line in out.getvalue().splitlines()] == printed


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        ("/x/main.py", True),
        ("/x/.env", True),
        ("/x/pyproject.toml", True),
        ("/x/notes.txt", False),
        ("/x/.venv/lib/a.py", False),
        ("/x/__pycache__/a.py", False),
    ],
)
def test_which_files_matter(path: str, matters: bool) -> None:
    assert watcher.is_code_filter()(watchfiles.Change.modified, path) is matters


def watched(monkeypatch: pytest.MonkeyPatch, watch: Any) -> bytes:
    """Return what the watcher writes while `watch` says what changes."""
    monkeypatch.setattr(watchfiles, "watch", watch)
    handler = signal.getsignal(signal.SIGINT)
    read, write = os.pipe()
    try:
        watcher.watch([Path("/x")], write)
    finally:
        signal.signal(signal.SIGINT, handler)
        os.close(write)
    with open(read, "rb") as pipe:  # noqa: PTH123 - a pipe
        return pipe.read()


def test_changes_are_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def watch(*_: Any, **__: Any) -> Any:
        yield set()
        yield {(watchfiles.Change.added, "/x/b.py"), (watchfiles.Change.deleted, "/x/a.py")}

    assert watched(monkeypatch, watch) == b'["/x/a.py", "/x/b.py"]\n'


def test_a_system_that_watches_no_more_files(monkeypatch: pytest.MonkeyPatch) -> None:
    def watch(*_: Any, force_polling: bool = False, **__: Any) -> Any:
        if not force_polling:
            raise OSError("limit")
        yield {(watchfiles.Change.added, "/x/b.py")}

    assert watched(monkeypatch, watch) == b'["/x/b.py"]\n'


def test_the_watcher_ends_with_the_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    def watch(*_: Any, **__: Any) -> Any:
        yield set()
        monkeypatch.setattr(os, "getppid", lambda: 1)
        yield {(watchfiles.Change.added, "/x/b.py")}

    assert watched(monkeypatch, watch) == b""
