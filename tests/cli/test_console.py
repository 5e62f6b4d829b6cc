"""Printing: colours where they are wanted, signs that the encoding has, failures."""

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from martlet.cli.console import Console, wants_color
from martlet.cli.failures import FAILURES, Failure

DOCS = Path(__file__).parents[2] / "docs" / "cli.md"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_who_gets_colours(stream: io.StringIO, environ: Mapping[str, str], wanted: bool) -> None:
    assert wants_color(stream, environ) is wanted


def test_styles_are_escape_sequences_or_nothing() -> None:
    assert Console(io.StringIO(), color=True).style("x", "bold", "red") == "\033[1;31mx\033[0m"
    assert Console(io.StringIO(), color=True).style("", "bold") == ""
    assert Console(io.StringIO(), color=False).style("x", "bold") == "x"


def test_the_width_matters_to_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.setenv("TERM", "xterm")
    assert (Console(Terminal()).width, Console(Terminal()).is_terminal) == (70, True)
    assert Console(io.StringIO()).width == 0


@pytest.mark.parametrize(("encoding", "text"), [("ascii", b"x a - b \\xe4\n"), ("utf-8", "✗ a · b ä\n".encode())])
def test_signs_that_the_encoding_lacks(encoding: str, text: bytes) -> None:
    raw = io.BytesIO()
    console = Console(io.TextIOWrapper(raw, encoding=encoding))
    console.line("✗ a · b ä")
    assert raw.getvalue() == text


@pytest.mark.parametrize(("stream", "text"), [(Terminal, '{\n  "a": "ä"\n}\n'), (io.StringIO, '{"a": "ä"}\n')])
def test_json(stream: Any, text: str) -> None:
    out = stream()
    Console(out).json({"a": "ä"})
    assert out.getvalue() == text


def test_tables_have_columns() -> None:
    out = io.StringIO()
    console = Console(out)
    console.table([("GET", "/", "a"), ("DELETE", "/x", ""), ("PUT", "/long", "bb")])
    console.table([])
    assert out.getvalue() == "GET     /      a\nDELETE  /x\nPUT     /long  bb\n"


def test_a_table_that_is_too_wide_goes_on_below_each_line(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("METHOD", "PATH", "NAME", "ANSWER"), ("GET", "/", "a", "-"), ("DELETE", "/x", "-", "Item")]
    out = Terminal()
    monkeypatch.setenv("COLUMNS", "26")
    Console(out, color=False).table(rows, keep=2)
    monkeypatch.setenv("COLUMNS", "25")
    Console(out, color=False).table(rows, keep=2)
    assert out.getvalue().splitlines() == [
        "METHOD  PATH  NAME  ANSWER",
        "GET     /     a     -",
        "DELETE  /x    -     Item",
        "METHOD  PATH",
        "    NAME  ANSWER",
        "GET     /",
        "    a",
        "DELETE  /x",
        "    Item",
    ]


def test_a_failure_is_a_headline_with_details_and_advice() -> None:
    out = io.StringIO()
    Console(out).failure(Failure("It fails", details=["where", ""], advice="Do this"))
    headline, *rest = out.getvalue().splitlines()
    assert headline == "✗ It fails".ljust(76) + " MARTLET-E100"[1:].rjust(12)
    assert rest == ["    where", "", "  Do this"]


def test_failures_have_codes_of_their_own() -> None:
    assert all(code == failure.code for code, failure in FAILURES.items())
    assert set(FAILURES.values()) == {Failure, *Failure.__subclasses__()}


def test_failures_are_explained_in_the_documentation() -> None:
    rows = re.findall(r"^\| (MARTLET-E\d+) \|.*\| (\d+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) == {code: str(int(failure.exit_code)) for code, failure in FAILURES.items()}
