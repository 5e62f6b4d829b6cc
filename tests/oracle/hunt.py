"""Put one program and its requests to both frameworks, and gather what differs."""

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.oracle.client import Built, ask, build, running
from tests.oracle.compare import (
    Difference,
    compare_answers,
    compare_builds,
    compare_documents,
    refused_instead_of_broken,
)
from tests.oracle.programs import Program, programs
from tests.oracle.requests import Request, requests

REQUESTS_A_PROGRAM = 12

_names_a_set = re.compile(r"set\[").search


@dataclass(frozen=True, slots=True)
class Pair:
    """The two that are compared.

    Args:
        theirs: the oracle's package.
        ours: the package that is held to it.
    """

    theirs: str = "fastapi"
    ours: str = "martlet"


@dataclass(frozen=True, slots=True)
class Finding:
    """A program, and the request if it takes one, on which the two differ."""

    difference: Difference
    source: str
    request: Request | None = None


@dataclass(slots=True)
class Tally:
    """What a hunt saw.

    Args:
        programs: how many were drawn.
        refused: of them, how many both frameworks refused.
        requests: how many were sent to each.
        better: of them, how many FastAPI broke on and the other refused.
        statuses: how often each status came back.
        findings: for each sort of difference, the smallest program that shows it.
        counts: how often each sort was met.
    """

    programs: int = 0
    refused: int = 0
    requests: int = 0
    better: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def note(self, finding: Finding) -> None:
        """Count a finding, and keep it if it is the smallest of its sort."""
        what = finding.difference.what
        self.counts[what] += 1
        kept = self.findings.get(what)
        if kept is None or len(finding.source) < len(kept.source):
            self.findings[what] = finding


def examine(runner: asyncio.Runner, pair: Pair, source: str, sent: Sequence[Request], tally: Tally) -> list[Finding]:
    """Build a program on both, compare its document, send it the requests; return what differs."""
    theirs, ours = build(source, pair.theirs), build(source, pair.ours)
    tally.programs += 1
    refusal = compare_builds(theirs, ours)
    if refusal:
        return [Finding(refusal, source)]
    if theirs.refusal:
        tally.refused += 1
        return []
    found = []
    document = compare_documents(theirs.openapi(), ours.openapi())
    if document:
        found.append(Finding(document, source))
    for request in sent:
        difference = _answered(runner, theirs, ours, request, tally, has_sets=_names_a_set(source) is not None)
        if difference:
            found.append(Finding(difference, source, request))
    return found


def _answered(
    runner: asyncio.Runner, theirs: Built, ours: Built, request: Request, tally: Tally, *, has_sets: bool
) -> Difference | None:
    expected, answer = ask(runner, theirs, request), ask(runner, ours, request)
    tally.requests += 1
    tally.statuses[expected.status] += 1
    tally.better += refused_instead_of_broken(expected, answer)
    return compare_answers(expected, answer, has_sets=has_sets)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Program, list[Request]]:
    """Draw a program and requests for its operations."""
    program = draw(programs())
    size = REQUESTS_A_PROGRAM
    chosen = draw(st.lists(st.sampled_from(program.operations), min_size=size // 2, max_size=size))
    return program, [draw(requests(operation)) for operation in chosen]


def hunt(pair: Pair, wanted: int, number: int) -> Tally:
    """Draw programs until so many requests were sent; the number decides which.

    Hypothesis draws but does not shrink: differences are gathered, not raised, and `reduce` makes them small.
    """
    tally = Tally()
    with running() as runner:

        @settings(
            max_examples=max(1, wanted // 2),
            phases=[Phase.generate],
            database=None,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
        )
        @seed(number)
        @given(cases())
        def draw(case: tuple[Program, list[Request]]) -> None:
            if tally.requests < wanted:
                program, sent = case
                for finding in examine(runner, pair, program.source, sent, tally):
                    tally.note(finding)

        draw()
    return tally
