"""How the suite is found and called."""

import os
from pathlib import Path

import pytest

from conformance import __main__ as command
from conformance import ledger, sources, suite
from conformance.inside.sitecustomize import VERSION_VARIABLE
from conformance.sources import Sources, SourcesError
from conformance.suite import Selection

PLACES = Sources(tree=Path("/c/tree"), genuine=Path("/c/genuine"), python=Path("/c/venv/bin/python"))


def test_martlet_is_met_under_the_alias_and_genuine_fastapi_under_its_own_name() -> None:
    ours = suite.environment({"A": "b"}, PLACES, Selection(), Path("/c/o.json"))
    genuine = suite.environment({VERSION_VARIABLE: "1"}, PLACES, Selection(genuine=True), Path("/c/o.json"))
    assert ours["A"] == "b"
    assert ours[VERSION_VARIABLE] == sources.RELEASE
    assert VERSION_VARIABLE not in genuine
    assert str(PLACES.genuine) in genuine["PYTHONPATH"].split(os.pathsep)
    assert str(PLACES.genuine) not in ours["PYTHONPATH"].split(os.pathsep)


def test_the_command_spells_the_selection() -> None:
    words = suite.command(PLACES, Selection(paths=["tests/test_query.py"], expression="int", workers=0))
    assert words[-3:] == ["-k", "int", "tests/test_query.py"]
    assert "-n" not in words
    assert suite.command(PLACES, Selection())[-1] == "tests"


def test_groups_include_groups() -> None:
    project = {"dependency-groups": {"tests": ["a", {"include-group": "docs"}, "b"], "docs": ["c"]}}
    assert list(sources.group_requirements(project, "tests")) == ["a", "c", "b"]


def test_another_archive_is_refused(tmp_path: Path) -> None:
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(b"something else")
    with pytest.raises(SourcesError, match="delete it and run again"):
        sources.check_digest(archive)


def test_the_cache_follows_the_xdg_rules(tmp_path: Path) -> None:
    assert sources.cache_root({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "martlet-conformance"
    assert sources.cache_root({}) == Path.home() / ".cache" / "martlet-conformance"


def test_an_unknown_area_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--area", "no-such-area"]) == 2
    assert "no test of the suite is selected" in capsys.readouterr().err


def test_contradicting_books_stop_the_command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ledger, "EXPECTED", tmp_path / "expected.txt")
    monkeypatch.setattr(ledger, "PASSING", tmp_path / "passing.txt")
    (tmp_path / "passing.txt").write_text("a::b\n")
    assert command.main([]) == 2
