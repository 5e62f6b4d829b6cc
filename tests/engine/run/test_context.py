"""Where an endpoint is, as far as that can be found out."""

import functools
import linecache
from typing import Any

import pytest

from martlet._engine.run.context import endpoint_context, source_context


def endpoint() -> None: ...


def nameless() -> Any:
    def made() -> None: ...

    return functools.partial(made)


def made_of_text() -> Any:
    namespace: dict[str, Any] = {}
    exec("def made(): ...", namespace)
    return namespace["made"]


def test_a_function_has_a_file_a_line_and_a_name() -> None:
    context = source_context(endpoint)
    assert context == {"file": __file__, "line": 12, "function": "endpoint"}


@pytest.mark.parametrize("call", [len, nameless(), made_of_text(), 1])
def test_what_is_not_known_is_left_out(call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # (where others have left lines of a "<string>" there, Python takes it for a file)
    monkeypatch.setattr(linecache, "cache", {})
    assert source_context(call) == {}


def test_a_class_without_a_file_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspect.getsourcefile", lambda _: None)
    monkeypatch.setattr("inspect.getsourcelines", lambda _: ([], 7))
    assert source_context(nameless()) == {"line": 7}


@pytest.mark.parametrize(
    ("scope", "path", "expected"),
    [
        ({"type": "http", "method": "GET"}, "/items/{id}", {"path": "GET /items/{id}"}),
        ({"type": "http", "method": "GET", "root_path": "/api/"}, "/items", {"path": "GET /api/items"}),
        ({"type": "websocket"}, "/ws", {"path": "WS /ws"}),
        ({"type": "http", "method": "GET"}, "", {}),
    ],
)
def test_a_request_adds_its_method_and_path(scope: Any, path: str, expected: Any) -> None:
    assert endpoint_context({}, path, scope) == expected
