"""scripts/environment: when it makes an environment, when it fills one, and when it has nothing to do."""

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.scripts.programs import load

HERE = sys.version_info[:2]


class World:
    """The program with its commands replaced by a record, in a project of its own."""

    def __init__(self, program: Any, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.program, self.root, self.monkeypatch = program, root, monkeypatch
        self.commands: list[str] = []
        self.packed = 0
        self.version: tuple[int, int] | None = None
        self.uv: str | None = "uv"
        (root / "pyproject.toml").write_text("[project]\n")
        (root / "scripts").mkdir()
        (root / "scripts" / "assets.toml").touch()
        monkeypatch.setattr(program, "ROOT", root)
        monkeypatch.setattr(program, "version_of", lambda _python: self.version)
        monkeypatch.setattr(program, "has_pip", lambda _python: self.uv is None)
        monkeypatch.setattr(program, "run", self.record)
        monkeypatch.setattr(program.shutil, "which", lambda _name: self.uv)

    def record(self, *words: object) -> None:
        if words[1:] == ("scripts/assets", "--optional"):
            self.packed += 1
            return
        self.commands.append(" ".join(map(str, words)))
        if "venv" in self.commands[-1] and "--clear" in self.commands[-1]:
            directory = Path(str(words[-1]))
            directory.mkdir(exist_ok=True)
            (directory / "pyvenv.cfg").touch()
            self.version = HERE

    def there(self, version: tuple[int, int] | None) -> None:
        (self.root / ".venv").mkdir()
        (self.root / ".venv" / "pyvenv.cfg").touch()
        self.version = version

    def __call__(self, *arguments: str) -> list[str]:
        """Run the program and return which kinds of command it gave."""
        self.commands.clear()
        self.monkeypatch.setattr("sys.argv", ["environment", *arguments])
        self.program.main()
        return ["make" if "--clear" in command else "fill" for command in self.commands]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(load("environment"), tmp_path, monkeypatch)


def test_it_is_made_once(world: World) -> None:
    assert world() == ["make", "fill"]
    assert "--group dev" in world.commands[-1]
    assert world() == []
    assert world.packed == 1


def test_another_pyproject_fills_it_again(world: World) -> None:
    world()
    (world.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert world() == ["fill"]
    assert world() == []


def test_other_assets_are_packed(world: World) -> None:
    world()
    (world.root / "scripts" / "assets.toml").write_text("# other\n")
    assert world() == ["fill"]
    assert world.packed == 2


def test_one_that_is_there_is_kept_and_filled(world: World) -> None:
    world.there(HERE)
    assert world() == ["fill"]


@pytest.mark.parametrize("version", [None, (3, 8)])
def test_one_that_cannot_be_used_is_made_anew(
    world: World, version: tuple[int, int] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    world.there(version)
    assert world() == ["make", "fill"]
    assert "cannot be used: its Python" in capsys.readouterr().out


def test_one_of_another_python_is_kept_unless_that_matters(world: World) -> None:
    world.there((3, 99))
    assert world() == ["fill"]
    assert world("--exact") == ["make", "fill"]


def test_what_is_no_environment_is_left_alone(world: World) -> None:
    (world.root / ".venv").mkdir()
    with pytest.raises(SystemExit, match="is no environment; move it away"):
        world()


def test_an_installation_that_was_broken_off_is_done_again(world: World) -> None:
    world()
    (world.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")

    def fail(*_words: object) -> None:
        sys.exit("no network")

    world.monkeypatch.setattr(world.program, "run", fail)
    with pytest.raises(SystemExit):
        world()
    (world.root / "pyproject.toml").write_text("[project]\n")
    world.monkeypatch.setattr(world.program, "run", world.record)
    assert world() == ["fill"]


def test_without_uv_pip_is_brought_to_where_it_knows_groups(world: World) -> None:
    world.uv = None
    assert world(".other")[0] == "make"
    assert "-m venv --clear" in world.commands[0]
    assert world.commands[-2].endswith("--upgrade pip>=25.1")
    assert world.commands[-1].endswith("--editable .[all] --group dev")


def test_an_environment_of_uvs_is_given_pip_where_uv_has_gone(world: World) -> None:
    world()
    (world.root / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    world.uv = None
    world.monkeypatch.setattr(world.program, "has_pip", lambda _python: False)
    world()
    assert world.commands[0].endswith("-m ensurepip --upgrade")


def test_other_groups_make_another_environment(world: World) -> None:
    world()
    assert world("--group", "dev", "--group", "other") == ["fill"]
    assert world.commands[0].endswith("--group dev --group other")


def test_an_old_python_is_refused_with_what_to_do(world: World) -> None:
    world.monkeypatch.setattr(world.program.sys, "version_info", (3, 9, 1))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer, and this is 3\.9.*make PYTHON="):
        world()
