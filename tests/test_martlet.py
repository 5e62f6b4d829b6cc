"""The front door: what `martlet` offers, and that it is loaded when it is used."""

import subprocess
import sys
import tomllib
from pathlib import Path

import fastapi
import pytest

import martlet


def test_it_offers_what_fastapi_does() -> None:
    theirs = {name for name in vars(fastapi) if name[0] != "_" and not isinstance(getattr(fastapi, name), type(sys))}
    assert theirs <= set(martlet.__all__)
    assert {"Martlet", "status", "__version__"} <= set(martlet.__all__)


@pytest.mark.parametrize("name", martlet.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(martlet, name) is getattr(martlet, name)
    assert name in dir(martlet)


@pytest.mark.parametrize("name", sorted(martlet._SUBMODULES))
def test_modules_need_not_be_imported(name: str) -> None:
    assert getattr(martlet, name).__name__ == f"martlet.{name}"


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="module 'martlet' has no attribute 'Flask'"):
        _ = martlet.Flask


def test_the_version_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    assert martlet.__version__ == project["version"]


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.strip()


def test_nothing_is_loaded_before_it_is_used() -> None:
    program = (
        "import sys, martlet; print(sorted(name for name in sys.modules if 'starlette' in name or 'pydantic' in name))"
    )
    assert run(program) == "[]"


def test_a_name_is_looked_up_once() -> None:
    assert run("import martlet; martlet.FastAPI; print('FastAPI' in vars(martlet))") == "True"
    assert run("import martlet; print(martlet.status.HTTP_200_OK, martlet.routing.__name__)") == "200 martlet.routing"
