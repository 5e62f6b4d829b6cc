"""The entrance: which command is run, help, mistakes in the arguments, exit codes, pipes that end."""

import os
import subprocess
import sys
from argparse import Namespace
from types import SimpleNamespace

import pytest

import martlet.cli
from martlet import __version__
from martlet.cli import dispatch as entrance
from martlet.cli.arguments import Parser
from martlet.cli.failures import Failure, NoCommandLineError
from tests.cli.programs import Program


def command(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Put a command of ours in the place of `routes`."""

    def configure(parser: Parser) -> None:
        parser.add_argument("--as-fastapi", action="store_true")
        parser.add_argument("--loud", action="store_true")

    module = SimpleNamespace(configure=configure, run=act)
    monkeypatch.setitem(sys.modules, "martlet.cli.commands.routes", module)


def test_help_names_the_commands(program: Program) -> None:
    with pytest.raises(SystemExit) as end:
        program.run("--help")
    assert end.value.code == 0
    said = program.capsys.readouterr().out
    assert all(name in said and says in said for name, says in entrance.COMMANDS.items())


def test_the_version(program: Program) -> None:
    with pytest.raises(SystemExit):
        program.run("--version")
    assert program.capsys.readouterr().out == f"martlet {__version__}\n"


def test_no_command_is_a_mistake_that_is_helped(program: Program) -> None:
    said = program.run()
    assert said.code == 2
    assert "commands:" in said.out


@pytest.mark.parametrize(
    ("arguments", "headline"),
    [
        (["dve"], "There is no command 'dve'. Did you mean 'dev'?"),
        (["zzz"], "There is no command 'zzz'."),
        (["--hlep"], "There is no option --hlep. Did you mean --help?"),
        (["routes", "--luod"], "There is no option --luod. Did you mean --loud?"),
        (["routes", "--zzz=3"], "There is no option --zzz."),
        (["routes", "a"], "Unexpected argument 'a'."),
        (["routes", "--loud=3"], "Argument --loud: ignored explicit argument '3'"),
    ],
)
def test_arguments_that_are_none(
    program: Program, monkeypatch: pytest.MonkeyPatch, arguments: list[str], headline: str
) -> None:
    command(monkeypatch, None)
    said = program.run(*arguments)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"✗ {headline}")
    assert "\n  Try: martlet " in said.err


def test_a_command_that_succeeds_or_fails(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    command(monkeypatch, lambda _: 4)
    assert program.run("routes").code == 4

    def fail(_: Namespace) -> int:
        raise Failure("It fails")

    command(monkeypatch, fail)
    said = program.run("routes")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("✗ It fails")


def test_ctrl_c_is_no_traceback(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: Namespace) -> int:
        raise KeyboardInterrupt

    command(monkeypatch, interrupt)
    assert program.run("routes").code == 130


def test_failures_of_dev_are_among_what_it_prints(program: Program) -> None:
    said = program.run("dev", "nope.py")
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith("✗ Path does not exist nope.py")


def test_as_fastapi_comes_before_the_command(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr("martlet.dropin.install", lambda: seen.append("install"))

    def act(_: Namespace) -> int:
        seen.append("run")
        return 0

    command(monkeypatch, act)
    assert program.run("routes", "--as-fastapi").code == 0
    assert seen == ["install", "run"]


def test_as_fastapi_that_comes_too_late(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    from martlet.dropin import TooLateError

    def refuse() -> None:
        raise TooLateError("`fastapi` was imported before.\n  By x.py, line 3")

    monkeypatch.setattr("martlet.dropin.install", refuse)
    command(monkeypatch, None)
    said = program.run("routes", "--as-fastapi")
    assert said.code == 1
    assert said.err.startswith("✗ `fastapi` was imported before.")
    assert "\n    By x.py, line 3\n" in said.err


def test_whoever_has_read_enough_may_leave(program: Program) -> None:
    program.write("from martlet import FastAPI\napp = FastAPI()\n")
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "martlet", "openapi", "main.py"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def test_python_m_martlet(program: Program) -> None:
    done = subprocess.run([sys.executable, "-m", "martlet", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"martlet {__version__}\n")


def test_the_main_module_of_a_spawned_process_does_nothing() -> None:
    import runpy

    assert runpy.run_module("martlet.__main__", run_name="martlet.__main__")["main"] is martlet.cli.main


def test_the_entrance_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["martlet", "nope"])
    with pytest.raises(SystemExit) as end:
        martlet.cli.main()
    assert end.value.code == 2


def test_ctrl_c_while_the_command_line_is_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupting:
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "martlet.cli.dispatch", Interrupting())
    with pytest.raises(SystemExit) as end:
        martlet.cli.main()
    assert end.value.code == 130


def test_a_command_line_that_was_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(martlet.cli, "cli_main", None)
    with pytest.raises(NoCommandLineError, match="To use the fastapi command, please install"):
        martlet.cli.main()


def test_only_the_command_that_is_named_is_imported() -> None:
    program = (
        "import sys\n"
        "from martlet.cli.dispatch import run\n"
        "run([])\n"
        "late = {'martlet.applications', 'pydantic', 'starlette', 'uvicorn', 'rich', 'typer', 'asyncio'}\n"
        "sys.exit(str(late & set(sys.modules)) if late & set(sys.modules) else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
