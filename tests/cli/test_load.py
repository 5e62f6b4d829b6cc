"""Importing the app: which object it is, and what is said of a module that fails or has none."""

import sys
from pathlib import Path

import pytest

from martlet.cli.discover import Target
from martlet.cli.failures import Failure
from martlet.cli.load import Loaded, load
from tests.cli.programs import Program

APP = "from martlet import FastAPI\n"


def loaded(program: Program, text: str, name: str | None = None, *, factory: bool = False) -> Loaded:
    program.write(text)
    return load(Target("main", program.folder, name, factory))


def refused(program: Program, text: str, name: str | None = None, *, factory: bool = False) -> Failure:
    with pytest.raises(Failure) as caught:
        loaded(program, text, name, factory=factory)
    return caught.value


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("app = FastAPI()\napi = FastAPI()", "app"),
        ("api = FastAPI()\nanother = FastAPI()", "api"),
        ("app = 3\nservice = FastAPI()", "service"),
        ("from starlette.applications import Starlette\nold = Starlette()", "old"),
    ],
)
def test_an_app_is_looked_for(program: Program, text: str, name: str) -> None:
    assert loaded(program, APP + text).target.name == name


@pytest.mark.parametrize("name", ["create_app", "make_app", "get_app", "build_app"])
def test_a_function_that_makes_one_is_found(program: Program, name: str) -> None:
    one = loaded(program, f"{APP}def {name}(debug=False): return FastAPI(title='made')")
    assert (one.target.name, one.target.factory, one.app.title) == (name, True, "made")


@pytest.mark.parametrize(
    ("text", "name", "factory", "is_made"),
    [
        ("def run(): return FastAPI()", "run", False, True),
        ("def run(*a, **k): return FastAPI()", "run", False, True),
        ("def run(): return FastAPI()", "run", True, True),
        ("class Shop(FastAPI): pass", "Shop", False, True),
        ("app = FastAPI()", "app", False, False),
        ("async def bare(scope, receive, send): pass", "bare", False, False),
        ("class box:\n  app = FastAPI()", "box.app", False, False),
    ],
)
def test_what_is_named_is_an_app_or_makes_one(
    program: Program, text: str, name: str, factory: bool, is_made: bool
) -> None:
    one = loaded(program, APP + text, name, factory=factory)
    assert callable(one.app)
    assert one.target.factory is is_made


@pytest.mark.parametrize(
    ("text", "name", "factory", "code", "lines"),
    [
        ("x = 1", None, False, "E104", ["Could not find FastAPI app in module main, try using --app"]),
        ("app = FastAPI()", "ap", False, "E104", ["Could not find app name ap in main", "did you mean main:app?"]),
        ("app = FastAPI()", "zzz", False, "E104", ["Could not find app name zzz in main"]),
        (
            "app = 'x'",
            "app",
            False,
            "E105",
            ["The app name app in main doesn't seem to be a FastAPI app", "it is a str"],
        ),
        ("def app(): return 1", "app", False, "E105", ["main:app() doesn't make a FastAPI app", "it returns a int"]),
        (
            "def app():\n    return 1 / 0",
            "app",
            False,
            "E106",
            ["main:app() fails", "main.py:3   return 1 / 0", "ZeroDivisionError: division by zero"],
        ),
        ("import sys\nsys.exit(3)", None, False, "E101", ["Cannot import main", "main.py:3   sys.exit(3)"]),
    ],
)
def test_what_is_no_app(
    program: Program, text: str, name: str | None, factory: bool, code: str, lines: list[str]
) -> None:
    failure = refused(program, APP + text, name, factory=factory)
    assert failure.code == f"MARTLET-{code}"
    said = [failure.headline, *failure.details]
    assert said[: len(lines)] == lines


def test_the_folder_is_searched_first_and_once(program: Program) -> None:
    loaded(program, APP + "app = FastAPI()")
    load(Target("main", program.folder))
    assert sys.path.count(str(program.folder)) == 1
    assert sys.path[0] == str(program.folder)


def test_a_module_without_a_file(program: Program) -> None:
    (program.folder / "shop").mkdir()
    with pytest.raises(Failure) as caught:
        load(Target("shop", Path(program.folder)))
    assert caught.value.details == ("shop has no FastAPI app",)
