"""Read what the plugin wrote, and say where a test belongs.

An *area* is what the report counts by: `tutorial/<topic>` for the tests of the documentation's examples, the folder's
name for other folders, and the first word of the file's name for the many files at the top.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Verdict = Literal["passed", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What one run saw.

    Args:
        verdicts: node id -> what happened.
        tracebacks: node id, or the path of a file that could not be imported -> short traceback.
        unimportable: the files (or folders) whose tests could not even be collected.
    """

    verdicts: Mapping[str, Verdict]
    tracebacks: Mapping[str, str] = field(default_factory=dict)
    unimportable: frozenset[str] = frozenset()

    def ids(self, verdict: Verdict) -> set[str]:
        """Return the tests that ended so."""
        return {name for name, seen in self.verdicts.items() if seen == verdict}


def read_outcomes(written: Path) -> Outcomes:
    """Parse the plugin's file; see `inside/suite_outcomes.py` for its layout."""
    document = json.loads(written.read_text())
    tests: dict[str, tuple[Verdict, str]] = document["tests"]
    unimportable: dict[str, str] = document["unimportable"]
    tracebacks = {name: text for name, (verdict, text) in tests.items() if verdict == "failed"}
    return Outcomes(
        verdicts={name: verdict for name, (verdict, _) in tests.items()},
        tracebacks={**tracebacks, **unimportable},
        unimportable=frozenset(unimportable),
    )


def area(node_id: str) -> str:
    """Say which area a test belongs to."""
    parts = node_id.partition("::")[0].split("/")[1:]
    if parts[0] == "test_tutorial" and len(parts) > 2:
        return f"tutorial/{parts[1].removeprefix('test_')}"
    name = parts[0].removeprefix("test_")
    return name if len(parts) > 1 else re.split(r"[_.]", name)[0]


def last_line(traceback: str) -> str:
    """Return the line that says what went wrong: what failures are grouped by.

    Pytest marks the lines of each raised error with `E`, in one block for each link of a chain: the first line of the
    last block carries type and message. A test that ran in an interpreter of its own has that interpreter's whole
    traceback in its message, whose last line tells more.
    """
    blocks = re.findall(r"(?:^E(?: .*)?(?:\n|$))+", traceback, flags=re.MULTILINE)
    lines = [re.sub(r"^E( |$)", "", line).strip() for line in (blocks[-1] if blocks else traceback).splitlines()]
    lines = [line for line in lines if line]
    if not lines:
        return "(no traceback)"
    if not blocks:
        return lines[-1]
    inner = [line for line in lines if re.match(r"[\w.]+(Error|Exception|Warning|Group)\b", line)]
    nested = any("Traceback (most recent call last)" in line for line in lines)
    return inner[-1] if nested and inner else lines[0]


def grouped(tracebacks: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Group failures by their last line, the most frequent first."""
    groups: dict[str, list[str]] = {}
    for name in sorted(tracebacks):
        groups.setdefault(_without_particulars(last_line(tracebacks[name])), []).append(name)
    return sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))


def files_of(node_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the tests of each file."""
    found: dict[str, set[str]] = {}
    for name in node_ids:
        found.setdefault(name.partition("::")[0], set()).add(name)
    return found


def _without_particulars(line: str) -> str:
    """Blank what differs from test to test in otherwise equal messages: addresses, and what follows 160 characters."""
    return re.sub(r"0x[0-9a-f]{6,}", "0x...", line)[:160]
