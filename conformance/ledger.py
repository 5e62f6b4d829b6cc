"""The books: what should pass, what passes, what differs on purpose.

`expected.txt` and `passing.txt` are sorted node ids, one a line, so that a change reads well in a diff. `passing.txt`
only grows: a listed test that fails, or is gone, is a regression; a suite without that book has to pass whole. A
deviation is a test that must *not* pass, with its reason; one that passes after all is stale, and is an error too, so
that the list tells the truth.
"""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.outcomes import Outcomes
from conformance.published import Published


class LedgerError(ValueError):
    """A ledger says something impossible; the message names the line."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the books say.

    Args:
        expected: the tests that genuine FastAPI passes here.
        passing: the tests that Martlet passed so far, and has to pass.
        deviations: test -> why Martlet answers differently.
    """

    expected: frozenset[str]
    passing: frozenset[str]
    deviations: dict[str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run against the books, over the tests it selected.

    Args:
        passed: expected tests that passed.
        failed: expected tests that ran and did not pass, deviations left out.
        missing: expected tests that did not run at all: their file could not be imported, or lacks them.
        deviating: expected tests that did not pass, as `deviations.toml` says.
        regressions: tests that `passing.txt` lists and that did not pass.
        new: tests that passed and that `passing.txt` lacks.
        stale: deviations that passed after all.
    """

    passed: frozenset[str]
    failed: frozenset[str]
    missing: frozenset[str]
    deviating: frozenset[str]
    regressions: frozenset[str]
    new: frozenset[str]
    stale: frozenset[str]

    @property
    def ok(self) -> bool:
        """Say whether the books still hold."""
        return not self.regressions and not self.stale


def load(suite: Published) -> Ledger:
    """Read a suite's books and check them against each other.

    Raises:
        LedgerError: a test is listed that is none of the suite's, or both as passing and as deviating.
    """
    books = suite.books
    expected, deviations = frozenset(read_ids(books.expected)), read_deviations(books.deviations)
    passing = frozenset(read_ids(books.passing)) if books.passing else expected - deviations.keys()
    ledger = Ledger(expected, passing, deviations)
    check(ledger, books.expected.name)
    return ledger


def check(ledger: Ledger, source: str = "expected.txt") -> None:
    """Refuse books that contradict each other; see `load`. `source` is the name of the book of all tests."""
    for listed, what in ((ledger.passing, "passing"), (ledger.deviations, "deviating")):
        for unknown in sorted(set(listed) - ledger.expected):
            raise LedgerError(f"{unknown} is listed as {what}, and {source} does not have it")
    for both in sorted(ledger.passing & ledger.deviations.keys()):
        raise LedgerError(f"{both} is listed as passing and as deviating: it can only be one")


def read_ids(book: Path) -> list[str]:
    """Read the node ids of a book; lines that begin with `#` are notes."""
    if not book.exists():
        return []
    return [line for line in book.read_text().splitlines() if line and not line.startswith("#")]


def write_ids(book: Path, node_ids: Iterable[str], note: str) -> None:
    """Write a book, sorted, with a note at its head."""
    book.write_text("\n".join([f"# {note}", *sorted(node_ids)]) + "\n")


def read_deviations(book: Path) -> dict[str, str]:
    """Read `deviations.toml`: tests and reasons, as its own head documents.

    Raises:
        LedgerError: an entry has no reason, or names a test twice.
    """
    if not book.exists():
        return {}
    found: dict[str, str] = {}
    for entry in tomllib.loads(book.read_text()).get("deviation", []):
        reason = str(entry.get("reason", "")).strip()
        if not reason:
            raise LedgerError(f"{book.name}: the deviation of {entry.get('tests')} gives no reason")
        for name in entry["tests"]:
            if name in found:
                raise LedgerError(f"{book.name} names {name} twice")
            found[name] = reason
    return found


def compare(ledger: Ledger, outcomes: Outcomes, selected: Collection[str]) -> Comparison:
    """Hold a run against the books.

    Args:
        ledger: the books.
        outcomes: what the run saw.
        selected: the expected tests that the run was asked for.
    """
    chosen = frozenset(selected)
    passed = chosen & outcomes.ids("passed")
    deviating = chosen & ledger.deviations.keys()
    unmet = chosen - passed - deviating
    return Comparison(
        passed=passed,
        failed=unmet & outcomes.verdicts.keys(),
        missing=unmet - outcomes.verdicts.keys(),
        deviating=deviating - passed,
        regressions=(ledger.passing & chosen) - passed,
        new=passed - ledger.passing - deviating,
        stale=deviating & passed,
    )


def under(node_ids: Iterable[str], paths: Collection[str]) -> set[str]:
    """Return the tests that a path, or a node id, on the command line selects; all of them when there is none."""
    names = [path.rstrip("/") for path in paths]
    if not names:
        return set(node_ids)
    return {test for test in node_ids if any(test == name or test.startswith(_below(name)) for name in names)}


def _below(name: str) -> tuple[str, ...]:
    return (f"{name}/", f"{name}::", f"{name}[")
