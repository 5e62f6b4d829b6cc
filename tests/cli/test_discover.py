"""Which app is meant: what is said, `pyproject.toml`, the usual places; and what is said where there is none."""

import sys
from argparse import Namespace
from pathlib import Path

import pytest

from martlet.cli.discover import Target, find, settings
from martlet.cli.failures import Failure


def found(
    here: Path,
    path: str | None = None,
    *,
    app: str | None = None,
    entrypoint: str | None = None,
    factory: bool = False,
) -> Target:
    return find(Namespace(path=path, app=app, entrypoint=entrypoint, factory=factory), here=here)


def refused(here: Path, path: str | None = None, **said: str) -> Failure:
    with pytest.raises(Failure) as caught:
        found(here, path, app=said.get("app"), entrypoint=said.get("entrypoint"))
    return caught.value


def put(here: Path, *files: str, text: str = "") -> None:
    for name in files:
        file = here / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "module", "folder"),
    [
        (["main.py", "app.py", "api.py"], "main", "."),
        (["app.py", "api.py"], "app", "."),
        (["api.py", "app/main.py"], "api", "."),
        (["app/main.py"], "main", "app"),
        (["app/__init__.py", "app/main.py"], "app.main", "."),
        (["app/app.py"], "app", "app"),
        (["src/main.py"], "main", "src"),
        (["src/shop/__init__.py", "src/shop/api.py"], "shop.api", "src"),
        (["src/shop/main.py"], "main", "src/shop"),
    ],
)
def test_the_usual_places_in_their_order(tmp_path: Path, files: list[str], module: str, folder: str) -> None:
    put(tmp_path, *files)
    assert found(tmp_path) == Target(module, (tmp_path / folder).resolve(), origin="the usual places")


def test_nothing_to_be_found(tmp_path: Path) -> None:
    failure = refused(tmp_path)
    assert (failure.code, failure.exit_code) == ("MARTLET-E103", 1)
    assert failure.headline == "Could not find a default file to run, please provide an explicit path"
    # (whichever command it was)
    assert failure.advice[0] == "Name the file as the last argument: path/to/file.py"


@pytest.mark.parametrize(
    ("said", "module", "folder", "name"),
    [
        ("shop/main.py", "shop.main", ".", None),
        ("shop/main.py:app", "shop.main", ".", "app"),
        ("shop", "shop", ".", None),
        ("shop:app", "shop", ".", "app"),
        ("shop/__init__.py", "shop", ".", None),
        ("shop.main", "shop.main", ".", None),
        ("shop.main:app", "shop.main", ".", "app"),
        ("plain", "main", "plain", None),
        ("inner.main:app", "inner.main", "src", "app"),
        ("json:loads", "json", ".", "loads"),
    ],
)
def test_what_is_named(tmp_path: Path, said: str, module: str, folder: str, name: str | None) -> None:
    put(tmp_path, "shop/__init__.py", "shop/main.py", "plain/main.py", "src/inner/__init__.py", "src/inner/main.py")
    assert found(tmp_path, said) == Target(module, (tmp_path / folder).resolve(), name)


def test_a_name_and_a_factory_beside_the_path(tmp_path: Path) -> None:
    put(tmp_path, "main.py")
    assert found(tmp_path, "main.py", app="make", factory=True) == Target("main", tmp_path.resolve(), "make", True)
    assert found(tmp_path, app="make").name == "make"
    assert str(found(tmp_path, app="make")) == "main:make"
    assert str(found(tmp_path)) == "main"


def test_an_import_string_by_option(tmp_path: Path) -> None:
    assert found(tmp_path, entrypoint="shop.main:app") == Target("shop.main", tmp_path, "app", origin="--entrypoint")


@pytest.mark.parametrize(
    ("said", "options", "code", "headline", "detail"),
    [
        ("nope.py", {}, "E102", "Path does not exist nope.py", None),
        ("mian.py", {}, "E102", "Path does not exist mian.py", "did you mean main.py?"),
        ("shop/mian.py", {}, "E102", "Path does not exist shop/mian.py", "did you mean shop/main.py?"),
        ("nowhere/main.py", {}, "E102", "Path does not exist nowhere/main.py", "there is no folder "),
        ("nope", {}, "E102", "Path does not exist nope", None),
        ("/nowhere/x.py", {}, "E102", "Path does not exist /nowhere/x.py", "there is no folder /nowhere"),
        ("../other/mian.py", {}, "E102", "Path does not exist ../other/mian.py", "did you mean "),
        ("notes.txt", {}, "E102", "notes.txt cannot be imported: it is no Python file with a plain name", ""),
        ("a.b.py", {}, "E102", "a.b.py cannot be imported: it is no Python file with a plain name", ""),
        ("empty", {}, "E103", "There is no app in the folder empty", "looked in "),
        ("main:app", {"app": "api"}, "E120", "The app is named twice: 'app' in 'main:app', and 'api' by --app", None),
        (
            "main.py",
            {"entrypoint": "main:app"},
            "E120",
            "Cannot use --entrypoint together with path or --app arguments",
            None,
        ),
        (
            None,
            {"entrypoint": "main"},
            "E120",
            "Import string must be in the format module.submodule:app_name",
            "--entrypoint says 'main'",
        ),
    ],
)
def test_what_is_refused(
    tmp_path: Path, said: str | None, options: dict[str, str], code: str, headline: str, detail: str | None
) -> None:
    here = tmp_path / "here"
    put(here, "main.py", "shop/main.py", "notes.txt", "a.b.py", "empty/x.txt", "../other/main.py")
    failure = refused(here, said, **options)
    assert (failure.code, failure.headline) == (f"MARTLET-{code}", headline)
    assert failure.details == () if detail is None else failure.details[0].startswith(detail)


def test_pyproject_is_read_in_its_order(tmp_path: Path) -> None:
    put(tmp_path, "main.py")
    put(tmp_path, "pyproject.toml", text='[tool.fastapi]\nentrypoint = "a:b"\nother = 1\n')
    assert found(tmp_path) == Target("a", tmp_path, "b", origin="pyproject.toml")
    put(tmp_path, "pyproject.toml", text='[tool.fastapi]\nentrypoint = "a:b"\n[tool.martlet]\nentrypoint = "c:d"\n')
    assert found(tmp_path).module == "c"
    assert found(tmp_path, "main.py").module == "main"
    assert found(tmp_path, app="x") == Target("main", tmp_path.resolve(), "x", origin="the usual places")
    put(tmp_path, "pyproject.toml", text="[project]\nname = 'x'\n")
    assert settings(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "headline"),
    [
        ("[tool", "Cannot read pyproject.toml"),
        ("[tool.fastapi]\nentrypoint = 3\n", "Invalid configuration in pyproject.toml:"),
        (
            "[tool.martlet]\nentrypiont = 'a:b'\n",
            "[tool.martlet] in pyproject.toml has no setting 'entrypiont'. Did you",
        ),
        ("[tool.martlet]\nzzz = 'a:b'\n", "[tool.martlet] in pyproject.toml has no setting 'zzz'."),
    ],
)
def test_a_pyproject_that_cannot_be_read(tmp_path: Path, text: str, headline: str) -> None:
    put(tmp_path, "pyproject.toml", text=text)
    failure = refused(tmp_path)
    assert (failure.code, failure.exit_code) == ("MARTLET-E107", 1)
    assert failure.headline.startswith(headline)


def test_the_current_folder_unless_another_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "main.py")
    monkeypatch.chdir(tmp_path)
    assert find(Namespace(path=None, app=None, entrypoint=None, factory=False)).folder == tmp_path.resolve()
    assert str(tmp_path) not in sys.path
