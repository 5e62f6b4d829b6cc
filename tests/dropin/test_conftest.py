"""The tests of an app: the lines of docs/migrating.md, on top of its `conftest.py`, let them run on Martlet."""

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


def who_serves(folder: Path, module: str) -> None:
    (folder / "test_app.py").write_text(TESTS.replace("{module!r}", repr(module)))
    done = python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "none.toml", "--rootdir", ".", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_lines_of_the_page_let_tests_run_on_martlet(tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("")
    who_serves(tmp_path, "fastapi.applications")
    page = PAGE.read_text(encoding="utf-8")
    said = re.search(r"^```text\n(import martlet\.dropin\n.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert said is not None
    (tmp_path / "conftest.py").write_text(said[1])
    who_serves(tmp_path, "martlet.applications")
