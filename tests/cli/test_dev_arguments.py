"""`martlet dev`: what its arguments mean before anything is served."""

from argparse import Namespace
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from martlet.cli import sockets
from martlet.cli.arguments import Parser, port_of
from martlet.cli.commands import dev
from martlet.cli.failures import UsageFailure
from tests.cli.programs import Program


def without(monkeypatch: pytest.MonkeyPatch, *missing: str) -> None:
    def find(name: str) -> ModuleSpec | None:
        return None if name in missing else find_spec(name)

    monkeypatch.setattr(dev, "find_spec", find)


def said(*arguments: str) -> Namespace:
    parser = Parser(prog="martlet dev")
    dev.configure(parser)
    return parser.parse(arguments)


def test_what_fastapis_command_takes() -> None:
    options = (
        "--host 0.0.0.0 --port 3 --reload --no-reload --reload-dir a --root-path /x --app x --entrypoint a:b -e a:b "
        "--proxy-headers --no-proxy-headers --forwarded-allow-ips * --verbose -v main.py"
    )
    assert said(*options.split()).reload_dir == [Path("a")]


@pytest.mark.parametrize(("arguments", "port"), [((), 8000), (("--port", "3"), 3), (("--port", "0"), 0)])
def test_the_port(arguments: tuple[str, ...], port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    assert port_of(said(*arguments).port) == port


def test_the_port_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "4")
    assert port_of(None) == 4
    assert port_of(5) == 5
    monkeypatch.setenv("PORT", "x")
    with pytest.raises(UsageFailure, match="'x' is no port"):
        port_of(None)


def test_uvicorn_is_needed(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write("app = 1")
    without(monkeypatch, "uvicorn")
    result = program.run("dev")
    assert result.code == 1
    assert result.out.startswith("✗ martlet dev needs uvicorn, which is not installed")
    assert "MARTLET-E109" in result.out


def test_without_watchfiles_nothing_is_watched(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.write("import nowhere_at_all")
    without(monkeypatch, "watchfiles")
    result = program.run("dev", "--port", "0")
    assert result.code == 3
    assert "Changes are not watched: that needs watchfiles" in result.out


def test_folders_inside_others_are_watched_once(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    (program.folder / "a" / "b").mkdir(parents=True)
    here = Path.cwd().resolve()
    elsewhere = Path("/").resolve()
    assert dev.folders_of(said(), here / "a") == (here,)
    assert dev.folders_of(said(), elsewhere) == (elsewhere,)
    assert dev.folders_of(said("--reload-dir", "a/b", "--reload-dir", "a"), here) == (here / "a",)
    assert dev.folders_of(said("--no-reload"), here) == ()


def test_the_address_is_taken_before_the_app_is_imported(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    def listen(*_: Any, **__: Any) -> Any:
        seen.append("listening")
        raise KeyboardInterrupt

    monkeypatch.setattr(sockets, "listen", listen)
    program.write("raise ValueError")
    assert program.run("dev").code == 130
    assert seen == ["listening"]
