"""The books: what counts as passed, failed, missing, new, regressed and stale."""

from dataclasses import replace
from pathlib import Path

import pytest

from conformance import ledger, report
from conformance.ledger import Comparison, Ledger, LedgerError, compare, under
from conformance.outcomes import Outcomes, Verdict
from conformance.published import FASTAPI, STARLETTE, Books

BOOKS = Ledger(
    expected=frozenset({"t/a.py::good", "t/a.py::bad", "t/a.py::gone", "t/b.py::new", "t/b.py::odd", "t/b.py::stale"}),
    passing=frozenset({"t/a.py::good", "t/a.py::bad", "t/a.py::gone"}),
    deviations={"t/b.py::odd": "because", "t/b.py::stale": "because"},
)
SEEN = Outcomes(
    verdicts={
        "t/a.py::good": "passed",
        "t/a.py::bad": "failed",
        "t/b.py::new": "passed",
        "t/b.py::odd": "failed",
        "t/b.py::stale": "passed",
        "t/b.py::unknown": "passed",
    },
    tracebacks={"t/a.py::bad": "E   Boom: 1"},
)


def test_each_test_is_in_its_place() -> None:
    assert compare(BOOKS, SEEN, BOOKS.expected) == Comparison(
        passed=frozenset({"t/a.py::good", "t/b.py::new", "t/b.py::stale"}),
        failed=frozenset({"t/a.py::bad"}),
        missing=frozenset({"t/a.py::gone"}),
        deviating=frozenset({"t/b.py::odd"}),
        regressions=frozenset({"t/a.py::bad", "t/a.py::gone"}),
        new=frozenset({"t/b.py::new"}),
        stale=frozenset({"t/b.py::stale"}),
    )


def test_only_the_selected_tests_are_compared() -> None:
    compared = compare(BOOKS, SEEN, {"t/a.py::good"})
    assert compared.ok
    assert compared.passed == {"t/a.py::good"}
    assert not (compared.failed | compared.missing | compared.new)


@pytest.mark.parametrize(
    ("seen", "ok"),
    [({"t/a.py::good": "passed"}, True), ({"t/a.py::good": "failed"}, False), ({"t/b.py::stale": "passed"}, False)],
)
def test_the_books_hold_or_not(seen: dict[str, Verdict], ok: bool) -> None:
    assert compare(BOOKS, Outcomes(verdicts=seen), seen).ok is ok


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], {"t/a.py::x", "t/a.py::x[1]", "t/a.py::xy", "t/a_b/c.py::z"}),
        (["t/a.py"], {"t/a.py::x", "t/a.py::x[1]", "t/a.py::xy"}),
        (["t/a.py::x"], {"t/a.py::x", "t/a.py::x[1]"}),
        (["t/a_b/", "t/a.py::xy"], {"t/a_b/c.py::z", "t/a.py::xy"}),
        (["t/a"], set()),
    ],
)
def test_under(paths: list[str], expected: set[str]) -> None:
    assert under(["t/a.py::x", "t/a.py::x[1]", "t/a.py::xy", "t/a_b/c.py::z"], paths) == expected


def test_ids_are_written_sorted_and_read_back(tmp_path: Path) -> None:
    book = tmp_path / "passing.txt"
    assert ledger.read_ids(book) == []
    ledger.write_ids(book, {"b::y", "a::x[# not a note]"}, "a note")
    assert book.read_text() == "# a note\na::x[# not a note]\nb::y\n"
    assert ledger.read_ids(book) == ["a::x[# not a note]", "b::y"]


def test_contradictions_are_refused() -> None:
    with pytest.raises(LedgerError, match=r"c is listed as passing, and expected\.txt does not have it"):
        ledger.check(Ledger(frozenset("ab"), frozenset("c"), {}))
    with pytest.raises(LedgerError, match="a is listed as passing and as deviating"):
        ledger.check(Ledger(frozenset("ab"), frozenset("a"), {"a": "because"}))


def test_deviations(tmp_path: Path) -> None:
    book = tmp_path / "deviations.toml"
    assert ledger.read_deviations(book) == {}
    book.write_text('[[deviation]]\nreason = "why"\ntests = ["a", "b"]\n')
    assert ledger.read_deviations(book) == {"a": "why", "b": "why"}
    book.write_text('[[deviation]]\nreason = " "\ntests = ["a"]\n')
    with pytest.raises(LedgerError, match="gives no reason"):
        ledger.read_deviations(book)
    book.write_text('[[deviation]]\nreason = "why"\ntests = ["a", "a"]\n')
    with pytest.raises(LedgerError, match="names a twice"):
        ledger.read_deviations(book)


def test_the_committed_books_agree() -> None:
    assert len(ledger.load(FASTAPI).expected) == 5209
    assert len(ledger.load(STARLETTE).expected) == 1315


def test_a_suite_without_a_book_of_what_passes_has_to_pass_whole(tmp_path: Path) -> None:
    books = Books(tmp_path / "expected.txt", tmp_path / "deviations.toml", tmp_path / "constraints.txt")
    books.expected.write_text("a\nb\n")
    books.deviations.write_text('[[deviation]]\nreason = "why"\ntests = ["b"]\n')
    found = ledger.load(replace(STARLETTE, books=books))
    assert found == Ledger(frozenset("ab"), frozenset("a"), {"b": "why"})
    assert compare(found, Outcomes(verdicts={"a": "failed", "b": "failed"}), found.expected).regressions == {"a"}


def test_the_table_sums_what_it_shows() -> None:
    lines = list(report.table(compare(BOOKS, SEEN, BOOKS.expected)))
    assert lines[1].split() == ["a", "1", "1", "1", "0", "3"]
    assert lines[-1].split() == ["total", "3", "1", "1", "1", "6"]


def test_closing_lines_name_what_broke() -> None:
    text = "\n".join(report.verdict(compare(BOOKS, SEEN, BOOKS.expected), expected=6, selected=6))
    assert "2 no longer passing:\n    t/a.py::bad\n    t/a.py::gone" in text
    assert "1 listed as a deviation, yet passing" in text
    assert text.endswith("1 newly passing: record them with --update\n3 of 6")


def test_a_file_that_cannot_be_imported_weighs_as_many_tests_as_it_has() -> None:
    seen = Outcomes(
        verdicts={"t/b.py::new": "failed"},
        tracebacks={"t/a.py": "E   ImportError: no", "t/b.py::new": "E   Boom"},
        unimportable=frozenset({"t/a.py"}),
    )
    found = report.causes(seen, compare(BOOKS, seen, BOOKS.expected))
    assert [(cause.reason, cause.weight) for cause in found] == [("ImportError: no", 3), ("Boom", 1)]
    assert next(report.summary(found)) == "- 3 × `ImportError: no` (e.g. t/a.py)"
    assert "--- t/a.py" in list(report.failures(found, seen))
