"""The front door: what `martlet` offers, and that it is loaded when it is used."""

import subprocess
import sys
import tomllib
from importlib.util import find_spec
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


# What serves, compiles and describes an app, and what few apps use. Each may come in by one careless import.
LATE = (
    "anyio.from_thread",
    "anyio.lowlevel",
    "anyio.streams.memory",
    "martlet._engine.compile",
    "martlet._engine.declare.contexts",
    "martlet._engine.declare.frontend",
    "martlet._engine.describe.assets",
    "martlet._engine.describe.document",
    "martlet._engine.describe.pages",
    "martlet._engine.match.route_map",
    "martlet._engine.match.table",
    "martlet._engine.read.graph",
    "martlet._engine.run.careful",
    "martlet._engine.run.errors",
    "martlet._engine.run.exits",
    "martlet._engine.run.inside",
    "martlet._engine.run.outgoing",
    "martlet._engine.run.respond",
    "martlet._engine.run.rsgi",
    "martlet._engine.run.solve",
    "martlet._engine.run.stream",
    "martlet._engine.run.telemetry",
    "martlet._engine.run.threads",
    "martlet._engine.serve.asgi",
    "martlet._engine.serve.explain",
    "martlet._engine.serve.freeze",
    "martlet._engine.serve.innermost",
    "martlet._engine.serve.middleware",
    "martlet._engine.serve.rsgi",
    "martlet._engine.serve.stack",
    "martlet._engine.serve.targets",
    "martlet._engine.serve.websocket",
    "martlet.concurrency",
    "martlet.encoders",
    "martlet.openapi",
    "martlet.security.http",
    "martlet.security.oauth2",
    "martlet.telemetry._api",
    "opentelemetry",
    "orjson",
    "pydantic_extra_types",
    "starlette.middleware.base",
    "starlette.staticfiles",
)


@pytest.mark.parametrize(
    "program",
    [
        "from martlet import FastAPI",
        "from martlet import FastAPI; FastAPI().get('/{number}')(lambda number, limit=3: number)",
    ],
)
def test_declaring_an_app_loads_nothing_that_serves_or_describes_it(program: str) -> None:
    loaded = run(f"import sys; {program}; print(*sys.modules)").split()
    assert "martlet.applications" in loaded
    assert sorted(set(LATE).intersection(loaded)) == []


def test_what_may_not_be_loaded_is_there() -> None:
    assert [name for name in LATE if find_spec(name) is None] == []
