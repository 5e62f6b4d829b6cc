"""`martlet new`: the project runs, its tests pass, nothing is to be mended; names and folders that will not do."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import martlet
from martlet.cli.commands import new
from tests.cli.programs import Program

SOURCE = Path(martlet.__file__).parents[1]


def in_project(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "NO_COLOR": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_what_to_do_next_is_said(program: Program) -> None:
    said = program.run("new", "book-shop")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "Made book-shop in book-shop: an app, its tests, a Dockerfile.",
        "Next:",
        "  cd book-shop",
        "  martlet dev",
        "  python -m pytest",
    ]
    made = program.folder / "book-shop"
    assert sorted(str(file.relative_to(made)) for file in made.rglob("*") if file.is_file()) == [
        ".dockerignore",
        ".gitignore",
        "Dockerfile",
        "README.md",
        "pyproject.toml",
        "src/book_shop/__init__.py",
        "src/book_shop/main.py",
        "tests/test_main.py",
    ]
    assert not [file for file in made.rglob("*") if file.is_file() and "$" in file.read_text(encoding="utf-8")]


def test_pytest_is_named_where_it_is_not_installed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new, "find_spec", lambda _: None)
    assert program.run("new", "shelf").out.splitlines()[-2:] == ["  pip install pytest", "  python -m pytest"]


def test_its_own_tests_pass(program: Program) -> None:
    program.run("new", "bookshop")
    tested = in_project(program.folder / "bookshop", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "4 passed" in tested.stdout


def test_other_commands_find_the_app_and_nothing_wrong_with_it(program: Program) -> None:
    program.run("new", "bookshop")
    project = program.folder / "bookshop"
    checked = in_project(project, "martlet", "check")
    assert (checked.returncode, checked.stderr) == (0, "")
    assert "bookshop.main:app: no problems" in checked.stdout
    listed = in_project(project, "martlet", "routes", "--grep", "notes")
    assert "/notes/{note_id}" in listed.stdout
    assert "src/bookshop/main.py:" in listed.stdout


def test_it_is_formatted_and_linted(program: Program) -> None:
    program.run("new", "bookshop")
    project = program.folder / "bookshop"
    for tool in (("ruff", "check", "."), ("ruff", "format", "--check", ".")):
        looked = in_project(project, *tool)
        assert looked.returncode == 0, looked.stdout + looked.stderr


def test_its_settings_and_its_container_name_the_app(program: Program) -> None:
    program.run("new", "bookshop")
    project = program.folder / "bookshop"
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["dependencies"] == [f"martlet[standard]>={martlet.__version__}"]
    assert settings["tool"]["martlet"] == {"entrypoint": "bookshop.main:app"}
    container = (project / "Dockerfile").read_text(encoding="utf-8")
    assert 'CMD ["martlet", "run", "bookshop.main:app", "--host", "0.0.0.0", "--port", "8000"]' in container


@pytest.mark.parametrize(("name", "package", "title"), [("a", "a", "A"), ("My.Shop_2-x", "my_shop_2_x", "My Shop 2 x")])
def test_names_become_packages_and_titles(program: Program, name: str, package: str, title: str) -> None:
    assert program.run("new", name).code == 0
    main = (program.folder / name / "src" / package / "main.py").read_text(encoding="utf-8")
    assert f'Martlet(title="{title}")' in main


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("book shop", "Try: martlet new book-shop"),
        ("1st", "Try: martlet new st"),
        ("-._", "arguments are required"),
        ("é", "Try: martlet new bookshop"),
        ("class", "Try: martlet new class-api"),
        ("class", "class is a word of Python's own"),
        ("json", "would hide the one of Python"),
        ("martlet", "would hide the one of Python"),
    ],
)
def test_names_that_will_not_do_are_refused(program: Program, name: str, told: str) -> None:
    said = program.run("new", name)
    assert said.code in {1, 2}
    assert told in said.err
    assert list(program.folder.iterdir()) == []


def test_the_current_folder_will_do_if_it_is_empty(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = program.folder / "shelf"
    folder.mkdir()
    monkeypatch.chdir(folder)
    said = program.run("new", ".")
    assert said.out.splitlines() == [
        "Made shelf in .: an app, its tests, a Dockerfile.",
        "Next:",
        "  martlet dev",
        "  python -m pytest",
    ]
    assert "The folder . is not empty" in program.run("new", ".").err


def test_a_folder_with_something_in_it_is_left_alone(program: Program) -> None:
    kept = program.write("mine", "bookshop/notes.txt")
    said = program.run("new", "bookshop")
    assert said.code == 1
    assert "The folder bookshop is not empty" in said.err
    assert list(kept.parent.iterdir()) == [kept]


def test_a_file_is_left_alone(program: Program) -> None:
    file = program.write("mine", "bookshop")
    assert "bookshop is a file" in program.run("new", "bookshop").err
    assert file.read_text(encoding="utf-8") == "mine"


def test_a_path_with_spaces_is_quoted_and_what_cannot_be_written_is_said(program: Program) -> None:
    assert "  cd 'my projects/bookshop'" in program.run("new", "my projects/bookshop").out
    program.write("", "file")
    said = program.run("new", "file/bookshop")
    assert (said.code, said.out) == (1, "")
    assert "Cannot write file" in said.err


def test_paths_are_quoted_as_the_shell_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "name", "nt")
    quoted = new._quoted("a b"), new._quoted("a")
    monkeypatch.undo()
    assert quoted == ('"a b"', "a")
