"""The command: `python -m conformance [--suite S] [--area X] [-k EXPR] [--update] [--failures FILE] [path ...]`.

Both suites are run unless `--suite` names one; paths and areas that only one of them has run that one.
Exit codes: 0 the books hold, 1 a test that passed no longer does or a deviation is stale, 2 the command could not do
its work (a suite cannot be had, the books contradict each other, pytest itself failed).
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from conformance import ledger, report, sources, suite
from conformance.outcomes import Outcomes, area, read_outcomes
from conformance.published import FASTAPI, SUITES, Published

# pytest's own: 0 all passed, 1 some failed, 2 interrupted (also: files that cannot be imported), 5 nothing selected.
UNDERSTOOD = (0, 1, 2, 5)


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    whose = "Run the tests of FastAPI and of Starlette on Martlet."
    command = argparse.ArgumentParser(prog="python -m conformance", description=whose)
    add = command.add_argument
    add("paths", nargs="*", help="files, folders or node ids of a suite, such as tests/test_query.py")
    add("--suite", choices=[*SUITES, "both"], default="both", help="whose tests (default: both)")
    add("-k", dest="expression", default="", help="only tests whose names match, as in pytest")
    add("--area", action="append", default=[], help="only this area, as the table names it; repeatable")
    add("--update", action="store_true", help="add newly passing tests to FastAPI's passing.txt")
    add("--genuine", action="store_true", help="run on genuine FastAPI; with --update, write what to expect")
    add("--failures", type=Path, help="write the failures there, grouped by cause; a suite after the other")
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
    asked = SUITES.values() if given.suite == "both" else [SUITES[given.suite]]
    books = {each.name: ledger.load(each) for each in asked}
    selected = {each.name: _selected(books[each.name], given) for each in asked}
    chosen = [each for each in asked if selected[each.name] or given.genuine]
    if not chosen:
        raise ledger.LedgerError("no test of the suite is selected: see the areas in the table of a whole run")
    for file in filter(None, (given.failures, given.causes)):
        file.write_text("")
    return max(_run(each, books[each.name], selected[each.name], given) for each in chosen)


def _run(published: Published, books: ledger.Ledger, selected: set[str], given: argparse.Namespace) -> int:
    places = sources.prepare(published, given.root)
    written = places.tree.parent / f"outcomes-{published.name}.json"
    # A path of the other suite would stop pytest.
    known = [path for path in given.paths if ledger.under(books.expected, [path])] or given.paths
    paths = sorted(_files(selected)) if given.area else known
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
    return _conclude(published, outcomes, books, selected, given)


def _conclude(
    published: Published, outcomes: Outcomes, books: ledger.Ledger, selected: set[str], given: argparse.Namespace
) -> int:
    comparison = ledger.compare(books, outcomes, selected)
    print(f"{published.title} {published.release}", *report.table(comparison), sep="\n")
    causes = report.causes(outcomes, comparison)
    _append(given.failures, report.failures(causes, outcomes))
    _append(given.causes, report.summary(causes))
    if given.update and comparison.new and published.books.passing:
        note = f"The tests of {published.title}'s suite that Martlet passes. Written by --update; it may only grow."
        ledger.write_ids(published.books.passing, books.passing | comparison.new, note)
        print(f"{len(comparison.new)} added to {published.books.passing.name}")
        comparison = ledger.compare(ledger.load(published), outcomes, selected)
    print(*report.verdict(comparison, len(books.expected), len(selected)), sep="\n")
    return 0 if comparison.ok else 1


def _genuine(places: sources.Sources, outcomes: Outcomes, books: ledger.Ledger, *, update: bool) -> int:
    published = places.suite
    passed, failed = outcomes.ids("passed"), outcomes.ids("failed")
    tried = f"{published.title}'s suite on genuine FastAPI {FASTAPI.release}"
    print(f"{tried}: {len(passed)} passed, {len(failed)} failed")
    if update:
        sources.freeze(places)
        note = f"The tests of {tried} that pass here. Written by --genuine --update."
        ledger.write_ids(published.books.expected, passed, note)
        return 0
    print(*report.failures(report.causes(outcomes, ledger.compare(books, outcomes, failed)), outcomes), sep="\n")
    known = {name for name in books.expected if name in outcomes.verdicts}
    return 0 if known == passed else 1


def _append(file: Path | None, lines: Iterable[str]) -> None:
    if file:
        with file.open("a") as written:
            written.writelines(f"{line}\n" for line in lines)


def _selected(books: ledger.Ledger, given: argparse.Namespace) -> set[str]:
    chosen = ledger.under(books.expected, given.paths)
    return {name for name in chosen if area(name) in given.area} if given.area else chosen


def _files(node_ids: set[str]) -> set[str]:
    return {name.partition("::")[0] for name in node_ids}


if __name__ == "__main__":
    sys.exit(main())
