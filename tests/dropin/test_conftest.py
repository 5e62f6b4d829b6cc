"""The tests of an app run on Martlet: by the lines of docs/migrating.md in its `conftest.py`, or by the plugin."""

import re
from pathlib import Path

from tests.dropin.programs import python

PAGE = Path(__file__).parents[2] / "docs" / "migrating.md"
TESTS = """
from fastapi import FastAPI
from fastapi.testclient import TestClient

app = FastAPI()


@app.get("/")
def say() -> str:
    return type(app).__module__


def test_who_serves():
    assert TestClient(app).get("/").json() == {module!r}
"""


def who_serves(folder: Path, module: str, *options: str) -> None:
    (folder / "test_app.py").write_text(TESTS.replace("{module!r}", repr(module)))
    (folder / "none.toml").write_text("")
    plain = ("-q", "-p", "no:cacheprovider", "-c", "none.toml", "--rootdir", ".")
    done = python("-m", "pytest", *plain, *options, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lines_of_the_page_let_tests_run_on_martlet(tmp_path: Path) -> None:
    who_serves(tmp_path, "fastapi.applications")
    page = PAGE.read_text(encoding="utf-8")
    said = re.search(r"^```text\n(import martlet\.dropin\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert said is not None
    (tmp_path / "conftest.py").write_text(said[1])
    who_serves(tmp_path, "martlet.applications")


def test_the_plugin_lets_tests_run_on_martlet_though_a_conftest_imports_fastapi(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text("import fastapi\n")
    who_serves(tmp_path, "fastapi.applications")
    who_serves(tmp_path, "martlet.applications", "-p", "martlet.dropin.pytest")
