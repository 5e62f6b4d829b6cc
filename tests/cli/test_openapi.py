"""`martlet openapi`: the document on standard output or in a file, as JSON or YAML, and what stands in its way."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.programs import Program


@pytest.fixture(autouse=True)
def shop(program: Program) -> None:
    program.write(
        """
        from martlet import FastAPI

        app = FastAPI(title="Bücher")

        @app.get("/books")
        @app.post("/books")
        def books() -> list[str]: ...
        """
    )


def test_the_document_is_printed(program: Program) -> None:
    said = program.run("openapi")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith('{\n  "openapi": "3.1.0"')
    assert said.data["info"]["title"] == "Bücher"
    assert list(said.data["paths"]["/books"]) == ["get", "post"]


def test_the_document_is_printed_as_yaml(program: Program) -> None:
    said = program.run("openapi", "--yaml")
    assert said.out.startswith("openapi: 3.1.0\ninfo:\n  title: Bücher\n")
    assert yaml.safe_load(said.out) == program.run("openapi").data


@pytest.mark.parametrize("name", ["api.json", "api.yaml", "API.YML"])
def test_the_document_is_written(program: Program, name: str) -> None:
    said = program.run("openapi", "-o", name)
    assert (said.code, said.out) == (0, "")
    assert said.err == f"Wrote {name}: 2 operations of main:app\n"
    text = (program.folder / name).read_text(encoding="utf-8")
    read = json.loads if name.endswith(".json") else yaml.safe_load
    assert read(text) == program.run("openapi").data
    assert text.endswith("\n")


def test_where_it_cannot_be_written_is_said(program: Program) -> None:
    said = program.run("openapi", "--output", "nowhere/api.json")
    assert said.code == 1
    assert "Cannot write nowhere/api.json" in said.err
    assert "No such file or directory" in said.err


def test_yaml_needs_a_package(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    said = program.run("openapi", "--yaml")
    assert (said.code, said.out) == (1, "")
    assert 'pip install "martlet[standard]"' in said.err


def test_warnings_are_told_beside_the_document(program: Program) -> None:
    with (program.folder / "main.py").open("a") as file:
        file.write('\n@app.get("/other", operation_id="x")\ndef a(): ...\n')
        file.write('\n@app.get("/another", operation_id="x")\ndef b(): ...\n')
    said = program.run("openapi")
    assert said.code == 0
    assert said.err.startswith("Warning: Duplicate Operation ID x for function b")
    assert "/another" in said.data["paths"]


@pytest.mark.parametrize(
    "addition",
    [
        "def refuse(): raise ValueError('not today')\napp.openapi = refuse",
        "app.openapi = lambda: {'not today': object()}",
    ],
)
def test_a_document_that_cannot_be_made_is_a_failure(program: Program, addition: str) -> None:
    with (program.folder / "main.py").open("a") as file:
        file.write(f"\n{addition}\n")
    said = program.run("openapi")
    assert (said.code, said.out) == (1, "")
    assert "The OpenAPI document cannot be made" in said.err
    assert "MARTLET-E113" in said.err


def test_the_folder_of_the_file_may_be_anywhere(program: Program, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere: Path = tmp_path_factory.mktemp("elsewhere") / "api.json"
    assert program.run("openapi", "-o", str(elsewhere)).code == 0
    assert json.loads(elsewhere.read_text(encoding="utf-8"))["openapi"] == "3.1.0"
