import asyncio
import json
import logging
import sys
from collections.abc import Iterator

import pytest
from starlette.websockets import WebSocketDisconnect

from martlet.cli.servers import logs
from martlet.cli.servers.logs import JsonFormatter

NAMES = ("martlet.run", "fastapi", "uvicorn.error", "uvicorn.access", "_granian", "granian.access")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in NAMES] + [logging.getLogger()]
    before = [(each, each.handlers, each.propagate, each.level) for each in loggers]
    yield
    for each, handlers, propagate, level in before:
        each.handlers, each.propagate = handlers, propagate
        each.setLevel(level)


def test_lines_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    root = list(logging.getLogger().handlers)
    logs.set_up("plain")
    logging.getLogger("martlet.run").info("stopped")
    logging.getLogger("martlet.run").debug("a detail")
    logging.getLogger("uvicorn.error").info("Started server process [%d]", 1)
    logging.getLogger("uvicorn.access").info("%s", "asked")
    said = capsys.readouterr().out.splitlines()
    assert [line.split(maxsplit=2)[2] for line in said] == ["INFO    stopped", "INFO    asked"]
    assert logging.getLogger().handlers == root


def test_no_requests_and_every_detail(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("plain", access=False, verbose=True)
    assert not logging.getLogger("uvicorn.access").hasHandlers()
    logging.getLogger("martlet.run").debug("a detail")
    logging.getLogger("_granian").info("Spawning")
    assert [line.split()[-1] for line in capsys.readouterr().out.splitlines()] == ["detail", "Spawning"]


def test_json_of_everybody(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("json")
    logging.getLogger("shop").warning("opened at %d", 9)
    try:
        raise ValueError("closed")
    except ValueError:
        logging.getLogger("uvicorn.error").exception("failed")
    opened, failed = map(json.loads, capsys.readouterr().out.splitlines())
    assert (opened["logger"], opened["level"], opened["message"]) == ("shop", "warning", "opened at 9")
    assert failed["exception"].endswith("ValueError: closed")


@pytest.mark.parametrize(
    ("name", "form", "arguments", "said"),
    [
        (
            "uvicorn.access",
            '%s - "%s %s HTTP/%s" %d',
            ("127.0.0.1:5", "GET", "/books", "1.1", 200),
            {"client": "127.0.0.1:5", "method": "GET", "path": "/books", "http_version": "1.1", "status": 200},
        ),
        (
            "granian.access",
            "%(addr)s %(dt_ms).1f",
            ({"addr": "127.0.0.1", "method": "GET", "path": "/books", "status": 200, "dt_ms": 1.234},),
            {"client": "127.0.0.1", "method": "GET", "path": "/books", "status": 200, "ms": 1.2},
        ),
        ("granian.access", "%(addr)s", ({"addr": "127.0.0.1"},), {"client": "127.0.0.1"}),
        ("uvicorn.access", "%s", ("something else",), {}),
    ],
)
def test_what_is_known_of_a_request(
    name: str, form: str, arguments: tuple[object, ...], said: dict[str, object]
) -> None:
    record = logging.LogRecord(name, logging.INFO, __file__, 1, form, arguments, None)
    line = json.loads(JsonFormatter().format(record))
    assert {key: value for key, value in line.items() if key in said} == said
    assert set(line) - set(said) == {"time", "level", "logger", "pid", "message"}


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Exception in ASGI application", asyncio.CancelledError("The server stops.")),
        ("Exception in ASGI application", WebSocketDisconnect(1012)),
        ("Application callable raised\nCancelledError: The server stops.\n", None),
        ("Exception in ASGI application", WebSocketDisconnect(1006)),
        ("Application callable raised\nstarlette.websockets.WebSocketDisconnect: (1012, '')", None),
        ("Application callable raised\nstarlette.websockets.WebSocketDisconnect: (1001, 'bye: now')", None),
        ("Embedded server is experimental!", None),
    ],
)
def test_what_is_known_is_not_told_again(
    message: str, error: BaseException | None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("plain")
    logging.getLogger("uvicorn.error").error(message, exc_info=error)
    assert not capsys.readouterr().out
    assert sys.exc_info() == (None, None, None)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Exception in ASGI application", ValueError("WebSocketDisconnect")),
        ("Application callable raised\nstarlette.websockets.WebSocketDisconnect: (1001, '')\nValueError: x", None),
        ("Application callable raised\nValueError: WebSocketDisconnect: x", None),
    ],
)
def test_what_an_app_does_wrong_is_told(
    message: str, error: BaseException | None, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.set_up("plain")
    logging.getLogger("uvicorn.error").error(message, exc_info=error)
    assert message in capsys.readouterr().out
