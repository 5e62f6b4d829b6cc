"""The command: `python -m tests.oracle [--requests N] [--seed N] [--ours PACKAGE] [--theirs PACKAGE] [--replay FILE]`.

Prints counts, and for each sort of difference the smallest program and request that show it, ready to be saved to a
file and replayed. Exit codes: 0 nothing differs, 1 something does.
"""

import argparse
import logging
import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from tests.oracle.client import running
from tests.oracle.hunt import Finding, Pair, Tally, examine, hunt
from tests.oracle.reduce import reduced
from tests.oracle.requests import Request

REPLAYED = "REQUEST = "


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    command = argparse.ArgumentParser(prog="python -m tests.oracle", description="Hold Martlet to FastAPI's answers.")
    add = command.add_argument
    add("--requests", type=int, default=2000, help="how many to send (default: 2000)")
    add("--seed", type=int, default=0, help="which to draw (default: 0)")
    add("--theirs", default="fastapi", help="the package that is right (default: fastapi)")
    add("--ours", default="martlet", help="the package that is held to it (default: martlet)")
    add("--show", type=int, default=10, help="how many sorts of difference to show (default: 10)")
    add("--replay", type=Path, help="put this saved program and its REQUEST to both instead")
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    given = parser().parse_args(arguments)
    logging.disable()  # parsers complain of what was sent to be complained of
    pair = Pair(given.theirs, given.ours)
    if given.replay:
        return replay(pair, given.replay.read_text())
    tally = hunt(pair, given.requests, given.seed)
    with running() as runner:
        for what, count in tally.counts.most_common(given.show):
            print(f"{'=' * 100}\n{count} times: {what}\n")
            print(script(reduced(runner, pair, tally.findings[what])))
    print(*summary(tally), sep="\n")
    return 1 if tally.counts else 0


def summary(tally: Tally) -> list[str]:
    """Return the closing lines."""
    statuses = ", ".join(f"{count} × {status}" for status, count in sorted(tally.statuses.items()))
    return [
        f"{tally.programs} programs ({tally.refused} refused by both), {tally.requests} requests: {statuses}",
        f"{tally.better} times the oracle broke on an input that was refused here, which counts as equal",
        f"{sum(tally.counts.values())} differences of {len(tally.counts)} sorts",
        *(f"  {count:5} {what}" for what, count in tally.counts.most_common()),
    ]


def script(finding: Finding) -> str:
    """Write a finding as a program that can be saved and replayed."""
    request = f"\n\n{REPLAYED}{shortened(repr(finding.request))}" if finding.request else ""
    apart = f"theirs: {finding.difference.theirs}\nours:   {finding.difference.ours}"
    return f"{finding.source}{request}\n\n{textwrap.indent(apart, '# ')}\n"


def shortened(text: str) -> str:
    """Write a body that repeats one character as a product."""
    return re.sub(r"b'(.)\1{99,}'", lambda found: f"b'{found[1]}' * {len(found[0]) - 3}", text)


def replay(pair: Pair, text: str) -> int:
    """Put a saved finding to both frameworks."""
    source, _, rest = text.partition(f"\n{REPLAYED}")
    sent: list[Request] = [eval(rest.splitlines()[0], {"Request": Request})] if rest else []  # noqa: S307 -- our own file
    with running() as runner:
        found = examine(runner, pair, source, sent, Tally())
    for finding in found:
        print(f"{finding.difference.what}\n  theirs: {finding.difference.theirs}\n  ours:   {finding.difference.ours}")
    print("nothing differs" if not found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
