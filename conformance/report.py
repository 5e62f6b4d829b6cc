"""What a run prints, and the list of failures for those who fix them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.ledger import Comparison
from conformance.outcomes import Outcomes, area, files_of, grouped

MOST_LISTED = 20
EXAMPLES = 3
TRACEBACK_LINES = 30


@dataclass(frozen=True, slots=True)
class Row:
    """One area's counts."""

    area: str
    passed: int
    failed: int
    missing: int
    deviating: int

    @property
    def total(self) -> int:
        """Return how many tests the area has."""
        return self.passed + self.failed + self.missing + self.deviating


def rows(comparison: Comparison) -> list[Row]:
    """Count by area, in the areas' order."""
    books = (comparison.passed, comparison.failed, comparison.missing, comparison.deviating)
    counts = [Counter(map(area, tests)) for tests in books]
    return [Row(name, *(count[name] for count in counts)) for name in sorted(set().union(*counts))]


def table(comparison: Comparison) -> Iterator[str]:
    """Yield the lines of the table: areas with something open, the complete ones in one line, the sum."""
    counted = rows(comparison)
    complete = [row for row in counted if row.passed == row.total]
    width = max([20, *(len(row.area) for row in counted)])
    yield f"{'area':{width}}  passed  failed  missing  on purpose  of"
    for row in counted:
        if row.passed != row.total:
            yield _line(row, width)
    if complete:
        yield _line(_sum(f"({len(complete)} complete)", complete), width)
    yield _line(_sum("total", counted), width)


def verdict(comparison: Comparison, expected: int, selected: int) -> Iterator[str]:
    """Yield the closing lines: what is new, what broke, and the total."""
    yield from _listed("no longer passing", comparison.regressions)
    yield from _listed("listed as a deviation, yet passing", comparison.stale)
    if comparison.new:
        yield f"{len(comparison.new)} newly passing: record them with --update"
    whole = f"{len(comparison.passed)} of {selected}"
    yield whole if selected == expected else f"{whole} selected ({expected} in all)"


@dataclass(frozen=True, slots=True)
class Cause:
    """Failures that end in the same line.

    Args:
        reason: that line.
        tests: tests, and files that cannot be imported.
        weight: how many expected tests that concerns: such a file counts with all of its own.
    """

    reason: str
    tests: tuple[str, ...]
    weight: int


def causes(outcomes: Outcomes, comparison: Comparison) -> list[Cause]:
    """Group what did not pass by its cause, the weightiest first."""
    missing = files_of(comparison.missing)
    open_ones = comparison.failed | outcomes.unimportable
    tracebacks = {name: text for name, text in outcomes.tracebacks.items() if name in open_ones}
    found = [
        Cause(reason, tuple(names), sum(len(missing.get(name, ())) or 1 for name in names))
        for reason, names in grouped(tracebacks)
    ]
    return sorted(found, key=lambda cause: (-cause.weight, cause.reason))


def summary(found: Iterable[Cause]) -> Iterator[str]:
    """Yield one line a cause: count, reason, an example."""
    for cause in found:
        yield f"- {cause.weight} × `{cause.reason}` (e.g. {cause.tests[0]})"


def failures(found: Iterable[Cause], outcomes: Outcomes) -> Iterator[str]:
    """Yield for each cause its tests and a few short tracebacks."""
    for cause in found:
        yield "=" * 100
        yield f"{cause.weight} tests: {cause.reason}"
        yield from (f"    {name}" for name in cause.tests)
        for name in cause.tests[:EXAMPLES]:
            yield f"--- {name}"
            yield from outcomes.tracebacks[name].splitlines()[-TRACEBACK_LINES:]


def _sum(name: str, counted: Iterable[Row]) -> Row:
    counted = list(counted)
    return Row(
        name,
        sum(row.passed for row in counted),
        sum(row.failed for row in counted),
        sum(row.missing for row in counted),
        sum(row.deviating for row in counted),
    )


def _line(row: Row, width: int) -> str:
    counts = f"{row.passed:6}  {row.failed:6}  {row.missing:7}  {row.deviating:10}  {row.total:4}"
    return f"{row.area:{width}}  {counts}"


def _listed(title: str, tests: Iterable[str]) -> Iterator[str]:
    names = sorted(tests)
    if names:
        yield f"{len(names)} {title}:"
        yield from (f"    {name}" for name in names[:MOST_LISTED])
        if len(names) > MOST_LISTED:
            yield f"    and {len(names) - MOST_LISTED} more"
