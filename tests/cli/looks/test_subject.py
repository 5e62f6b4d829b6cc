"""Which app a command looks at, and what it says of one that it cannot look at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet
from tests.cli.programs import Program


def test_an_app_inside_of_middleware_is_found(program: Program) -> None:
    program.write(
        """
        from martlet import FastAPI
        from starlette.middleware.gzip import GZipMiddleware
        inner = FastAPI(openapi_url=None)
        @inner.get("/x")
        def x(): ...
        app = GZipMiddleware(inner)
        """
    )
    assert [row["path"] for row in program.run("routes", "main:app", "--json").data] == ["/x"]


@pytest.mark.parametrize(
    ("text", "kind", "advice"),
    [
        ("from starlette.applications import Starlette as App", "starlette.applications.Starlette", "Name the app"),
        ("from fastapi import FastAPI as App", "fastapi.applications.FastAPI", "Try it with --as-fastapi"),
        ("from fastapi import FastAPI\nclass App(FastAPI): ...", "main.App", "Try it with --as-fastapi"),
    ],
)
def test_an_app_of_another_framework_is_refused(program: Program, text: str, kind: str, advice: str) -> None:
    program.write(f"{text}\napp = App()")
    said = program.run("routes")
    assert (said.code, said.out) == (1, "")
    assert f"it is a {kind}" in said.err
    assert advice in said.err


@pytest.mark.parametrize("command", [["routes"], ["openapi"], ["check"], ["explain", "GET", "/books"]])
def test_an_app_of_fastapi_s_is_looked_at_as_it_is(program: Program, command: list[str]) -> None:
    program.write(
        """
        from fastapi import FastAPI
        app = FastAPI(title="Books of old")
        @app.get("/books")
        def books(): ...
        """
    )
    said = subprocess.run(
        [sys.executable, "-m", "martlet", *command, "--as-fastapi"],
        env={**os.environ, "PYTHONPATH": str(Path(martlet.__file__).parents[1])},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (said.returncode, said.stderr) == (0, "")
    assert "books" in said.stdout or "main.py:3" in said.stdout
