"""The commands that the documentation shows print what it says.

A `python` block whose first line is a comment with the name of a file is that file; in a `console` block each line with
a `$` is a command, and what follows is what it prints, to its end or to a line of three dots.
"""

import re
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli.programs import Program

PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
FILES = re.compile(r"^```python\n(# (\w+\.py)\n.*?)^```$", re.MULTILINE | re.DOTALL)
CONSOLES = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ martlet (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
LOOKING = {"check", "explain", "new", "openapi", "routes"}


class Shown(NamedTuple):
    command: str
    output: str


def commands(page: str) -> list[Shown]:
    shown = [Shown(*found) for console in CONSOLES.findall(page) for found in COMMAND.findall(console)]
    return [each for each in shown if each.command.split()[0] in LOOKING]


@pytest.mark.parametrize("shown", commands(PAGE.read_text(encoding="utf-8")), ids=lambda shown: shown.command)
def test_a_command_prints_what_the_page_shows(program: Program, shown: Shown) -> None:
    for text, name in FILES.findall(PAGE.read_text(encoding="utf-8")):
        program.write(text, name)
    printed = program.run(*shlex.split(shown.command)).out
    if shown.output.endswith("\n...\n"):
        assert printed.startswith(shown.output.removesuffix("...\n"))
    else:
        assert printed == shown.output


def test_the_page_shows_commands() -> None:
    shown = {each.command.split()[0] for each in commands(PAGE.read_text(encoding="utf-8"))}
    assert shown >= {"check", "explain", "new", "routes"}
