"""Where things are written, and how that is said."""

import sys
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Route

from martlet.cli.looks.places import NOWHERE, Place, place_of, short


def plain() -> None: ...


LINES = Path(__file__).read_text(encoding="utf-8").splitlines()


class Callable:
    def __call__(self) -> None: ...

    def method(self) -> None: ...


def passed_on(call: Any) -> Any:
    @wraps(call)
    def around() -> None: ...

    return around


@pytest.mark.parametrize(
    ("thing", "line"),
    [
        (plain, "def plain() -> None: ..."),
        (partial(plain), "def plain() -> None: ..."),
        (passed_on(plain), "def plain() -> None: ..."),
        (Callable, "class Callable:"),
        (Callable(), "class Callable:"),
        (Callable().method, "    def method(self) -> None: ..."),
        (Callable.method, "    def method(self) -> None: ..."),
    ],
)
def test_things_have_a_place(thing: Any, line: str) -> None:
    assert place_of(thing) == Place(__file__, LINES.index(line) + 1)


def test_what_has_no_source_has_no_place() -> None:
    made: dict[str, Any] = {}
    exec("def f(): ...\nclass C: ...", made)
    assert place_of(made["f"]) == Place("", 1)
    assert place_of(made["C"]) == place_of(len) == place_of(int) == NOWHERE
    assert (str(NOWHERE), NOWHERE.as_json()) == ("?", {"file": None, "line": None})


def test_own_files_are_named_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parent)
    assert (str(Place(__file__, 3)), str(Place(__file__))) == ("test_places.py:3", "test_places.py")


def test_files_of_libraries_are_named_from_where_they_are_imported() -> None:
    assert str(place_of(Route)).startswith("starlette/routing.py:")


def test_other_files_are_named_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["relative"])
    assert short("/elsewhere/a.py") == "/elsewhere/a.py"
