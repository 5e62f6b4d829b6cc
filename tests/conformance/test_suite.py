"""How the suite is found and called."""

import json
import os
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import __main__ as command
from conformance import ledger, published, sources, suite
from conformance.published import FASTAPI, STARLETTE, Published
from conformance.sources import Sources, SourcesError
from conformance.suite import Selection
from martlet.dropin import FASTAPI_VERSION, VARIABLE

SRC = str(suite.SOURCES_OF_MARTLET)
PLACES = Sources(
    suite=FASTAPI,
    tree=Path("/c/tree"),
    genuine=Path("/c/genuine"),
    metadata=Path("/c/tree/metadata"),
    python=Path("/c/venv/bin/python"),
)


def test_martlet_is_met_under_the_alias_and_genuine_fastapi_under_its_own_name() -> None:
    ours = suite.environment({"A": "b"}, PLACES, Selection(), Path("/c/o.json"))
    genuine = suite.environment({VARIABLE: "1"}, PLACES, Selection(genuine=True), Path("/c/o.json"))
    assert ours["A"] == "b"
    assert ours[VARIABLE] == "1"
    assert VARIABLE not in genuine
    assert str(PLACES.genuine) in genuine["PYTHONPATH"].split(os.pathsep)
    assert str(PLACES.genuine) not in ours["PYTHONPATH"].split(os.pathsep)


def test_the_drop_in_answers_for_the_release_whose_suite_is_run() -> None:
    assert FASTAPI.release == FASTAPI_VERSION


def test_the_suite_s_interpreters_meet_martlet_and_those_of_the_genuine_run_do_not() -> None:
    code = "import fastapi; print(fastapi.FastAPI.__module__)"
    for asked, module in (("1", "martlet.applications"), ("", "fastapi.applications")):
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(published.HERE / "inside"), SRC]), VARIABLE: asked}
        met = subprocess.run([sys.executable, "-c", code], check=True, env=environ, capture_output=True, text=True)
        assert met.stdout.strip() == module


def test_the_command_spells_the_selection() -> None:
    words = suite.command(PLACES, Selection(paths=["tests/test_query.py"], expression="int", workers=0))
    assert words[-3:] == ["-k", "int", "tests/test_query.py"]
    assert "-n" not in words
    assert suite.command(PLACES, Selection())[-1] == "tests"
    assert "--ignore=tests/benchmarks" in words


def test_starlettes_suite_is_run_with_its_class_replaced() -> None:
    words = suite.command(replace(PLACES, suite=STARLETTE), Selection())
    assert words.index("starlette_swap") < words.index("suite_outcomes")
    assert words[words.index("xfail_strict=false") - 1] == "-o"


def test_a_run_that_hangs_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()
        worker = f"import socket, time; held = socket.create_connection({address!r}); time.sleep(60)"
        hanging = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {worker!r}])"
        with pytest.raises(SourcesError, match="stopped after 3 s: a test hangs"):
            suite.until_ended([sys.executable, "-c", hanging], tmp_path, os.environ, 3)
        connection, _ = server.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(1) == b""  # as a process leaves that has ended


def test_a_run_says_how_it_ended(tmp_path: Path) -> None:
    assert suite.until_ended([sys.executable, "-c", "raise SystemExit(5)"], tmp_path, os.environ, 30) == 5


def test_what_is_installed_for_a_suite() -> None:
    project = {
        "project": {"dependencies": ["anyio>=4"], "optional-dependencies": {"full": ["httpx2>=2", "jinja2"]}},
        "dependency-groups": {"dev": ["starlette[full]", "httpx2>=2", "mypy>=2", "types-PyYAML>=6", "trio"]},
    }
    framework = {"project": {"dependencies": ["starlette>=0.46", "pydantic>=2"]}}
    wanted = sources.suite_requirements(STARLETTE, project, framework)
    assert wanted == ["anyio>=4", "httpx2>=2", "jinja2", "trio", "pydantic>=2", "pytest-xdist", "starlette==1.10.0"]


def test_groups_include_groups() -> None:
    project = {"dependency-groups": {"tests": ["a", {"include-group": "docs"}, "b"], "docs": ["c"]}}
    assert list(sources.group_requirements(project, "tests")) == ["a", "c", "b"]


def test_another_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(b"something else")
    with pytest.raises(SourcesError, match="delete it and run again"):
        sources.check_digest(archive, FASTAPI.sha256)


def test_the_cache_follows_the_xdg_rules(tmp_path: Path) -> None:
    assert sources.cache_root({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "martlet-conformance"
    assert sources.cache_root({}) == Path.home() / ".cache" / "martlet-conformance"


def test_an_unknown_area_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--area", "no-such-area"]) == 2
    assert "no test of the suite is selected" in capsys.readouterr().err


def test_contradicting_books_stop_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "passing.txt").write_text("a::b\n")
    books = replace(FASTAPI.books, expected=tmp_path / "expected.txt", passing=tmp_path / "passing.txt")
    monkeypatch.setitem(published.SUITES, "fastapi", replace(FASTAPI, books=books))
    assert command.main([]) == 2


class Runs:
    """Stand in for the suites: every expected test passes, but those said otherwise."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.seen: list[tuple[str, Selection]] = []
        self.failing: set[str] = set()
        self.root = root
        monkeypatch.setattr(sources, "prepare", self.prepare)
        monkeypatch.setattr(suite, "run", self.run)

    def prepare(self, which: Published, root: Path | None) -> Sources:
        return replace(PLACES, suite=which, tree=self.root / which.name)

    def run(self, places: Sources, selection: Selection, outcomes: Path) -> int:
        self.seen.append((places.suite.name, selection))
        passing = ledger.load(places.suite).passing
        tests = {name: ["failed", "E   Boom"] if name in self.failing else ["passed", ""] for name in passing}
        outcomes.write_text(json.dumps({"tests": tests, "unimportable": {}}))
        return 0


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Runs:
    return Runs(monkeypatch, tmp_path)


def test_both_suites_are_run_and_counted(runs: Runs, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    assert [name for name, _ in runs.seen] == ["fastapi", "starlette"]
    shown = capsys.readouterr().out
    assert "FastAPI 0.165.0\narea" in shown
    assert "Starlette 1.10.0\narea" in shown
    assert "of 5209\n" in shown
    assert "of 1315\n" in shown


@pytest.mark.parametrize("name", ["fastapi", "starlette"])
def test_one_suite_can_be_run(runs: Runs, name: str) -> None:
    assert command.main(["--suite", name]) == 0
    assert [seen for seen, _ in runs.seen] == [name]


def test_paths_of_one_suite_run_that_one(runs: Runs) -> None:
    assert command.main(["tests/test_convertors.py"]) == 0
    assert [(name, selection.paths) for name, selection in runs.seen] == [("starlette", ["tests/test_convertors.py"])]


def test_each_suite_gets_the_paths_that_it_has(runs: Runs) -> None:
    assert command.main(["tests/test_query.py", "tests/test_convertors.py"]) == 0
    assert [(name, selection.paths) for name, selection in runs.seen] == [
        ("fastapi", ["tests/test_query.py"]),
        ("starlette", ["tests/test_convertors.py"]),
    ]


def test_a_failure_in_the_second_suite_fails_the_command_and_is_listed(
    runs: Runs, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    broken = min(ledger.load(STARLETTE).passing)
    runs.failing.add(broken)
    assert command.main(["--failures", str(tmp_path / "failures"), "--causes", str(tmp_path / "causes")]) == 1
    assert f"1 no longer passing:\n    {broken}" in capsys.readouterr().out
    assert broken in (tmp_path / "failures").read_text()
    assert (tmp_path / "causes").read_text() == f"- 1 × `Boom` (e.g. {broken})\n"


def test_genuine_fastapi_is_held_to_the_same_books(runs: Runs) -> None:
    assert command.main(["--suite", "starlette", "--genuine"]) == 0
    runs.failing.add(min(ledger.load(STARLETTE).passing))
    assert command.main(["--suite", "starlette", "--genuine"]) == 1
