"""The command: `python -m conformance [--area X] [-k EXPR] [--update] [--failures FILE] [path ...]`.

Exit codes: 0 the books hold, 1 a test of `passing.txt` no longer passes or a deviation is stale, 2 the command
could not do its work (the suite cannot be had, the books contradict each other, pytest itself failed).
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance import ledger, report, sources, suite
from conformance.outcomes import Outcomes, area, read_outcomes

# pytest's own: 0 all passed, 1 some failed, 2 interrupted (also: files that cannot be imported), 5 nothing selected.
UNDERSTOOD = (0, 1, 2, 5)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    command = argparse.ArgumentParser(prog="python -m conformance", description="Run FastAPI's own tests on Martlet.")
    add = command.add_argument
    add("paths", nargs="*", help="files, folders or node ids of the suite, such as tests/test_query.py")
    add("-k", dest="expression", default="", help="only tests whose names match, as in pytest")
    add("--area", action="append", default=[], help="only this area, as the table names it; repeatable")
    add("--update", action="store_true", help="add newly passing tests to passing.txt")
    add("--genuine", action="store_true", help="run on genuine FastAPI; with --update, write expected.txt")
    add("--failures", type=Path, help="write the failures there, grouped by cause")
    add("--causes", type=Path, help="write one line a cause there")
    add("-n", dest="workers", type=int, default=2, help="processes (default: 2)")
    add("--source", type=Path, default=suite.SOURCES_OF_MARTLET, help="where the martlet package is (default: src)")
    add("--root", type=Path, help="the cache (default: by the XDG rules)")
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = parser().parse_args(arguments)
    try:
        return _main(given)
    except (sources.SourcesError, ledger.LedgerError) as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2


def _main(given: argparse.Namespace) -> int:
    books = ledger.load()
    selected = _selected(books, given)
    if not selected and not given.genuine:
        raise ledger.LedgerError("no test of the suite is selected: see the areas in the table of a whole run")
    places = sources.prepare(given.root)
    written = places.tree.parent / "outcomes.json"
    paths = sorted(_files(selected)) if given.area else given.paths
    selection = suite.Selection(paths, given.expression, given.workers, given.genuine, given.source.resolve())
    code = suite.run(places, selection, written)
    if code not in UNDERSTOOD or not written.exists():
        raise sources.SourcesError(f"pytest ended with {code}: its own message is above")
    outcomes = read_outcomes(written)
    if given.genuine:
        whole = not (given.paths or given.area or given.expression)
        return _genuine(places, outcomes, books, update=given.update and whole)
    if given.expression:
        # Which tests `-k` selects, only pytest knows: those it reported.
        selected &= outcomes.verdicts.keys()
    return _conclude(outcomes, books, selected, given)


def _conclude(outcomes: Outcomes, books: ledger.Ledger, selected: set[str], given: argparse.Namespace) -> int:
    comparison = ledger.compare(books, outcomes, selected)
    print(*report.table(comparison), sep="\n")
    causes = report.causes(outcomes, comparison)
    if given.failures:
        given.failures.write_text("\n".join(report.failures(causes, outcomes)) + "\n")
    if given.causes:
        given.causes.write_text("\n".join(report.summary(causes)) + "\n")
    if given.update and comparison.new:
        note = "The tests of FastAPI's suite that Martlet passes. Written by --update; it may only grow."
        ledger.write_ids(ledger.PASSING, books.passing | comparison.new, note)
        print(f"{len(comparison.new)} added to {ledger.PASSING.name}")
        comparison = ledger.compare(ledger.load(), outcomes, selected)
    print(*report.verdict(comparison, len(books.expected), len(selected)), sep="\n")
    return 0 if comparison.ok else 1


def _genuine(places: sources.Sources, outcomes: Outcomes, books: ledger.Ledger, *, update: bool) -> int:
    passed, failed = outcomes.ids("passed"), outcomes.ids("failed")
    print(f"genuine FastAPI {sources.RELEASE}: {len(passed)} passed, {len(failed)} failed")
    if update:
        sources.freeze(places)
        note = f"The tests that genuine FastAPI {sources.RELEASE} passes here. Written by --genuine --update."
        ledger.write_ids(ledger.EXPECTED, passed, note)
        return 0
    print(*report.failures(report.causes(outcomes, ledger.compare(books, outcomes, failed)), outcomes), sep="\n")
    return 1 if failed or passed - books.expected else 0


def _selected(books: ledger.Ledger, given: argparse.Namespace) -> set[str]:
    chosen = ledger.under(books.expected, given.paths)
    return {name for name in chosen if area(name) in given.area} if given.area else chosen


def _files(node_ids: set[str]) -> set[str]:
    return {name.partition("::")[0] for name in node_ids}


if __name__ == "__main__":
    sys.exit(main())
