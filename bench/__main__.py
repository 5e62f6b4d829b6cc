"""The command: `python -m bench [--workloads A,B] [--frameworks X,Y] [--rounds N] [--seconds S]`.

For each workload the servers of all who can do it are started, checked and warmed up; then they are measured in turn,
round after round, so that whatever else the machine does falls on all of them alike.
"""

import argparse
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack

from bench.chart import CHART, chart
from bench.contenders import CONTENDERS
from bench.load import drive, require_wrk
from bench.results import PAGE, Circumstances, medians, page, ratios
from bench.server import MeasuringError, Server, serving
from bench.workloads import BY_NAME, UNDER_LOAD, Workload

SERVER_CORE, LOAD_CORE = 0, 1
WARM_UP_SECONDS = 1
LEAST_ROUNDS = 3


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    command = argparse.ArgumentParser(prog="python -m bench", description="Measure Martlet beside its peers.")
    add = command.add_argument
    add("--workloads", type=_names(load.name for load in UNDER_LOAD), help="comma-separated (default: all)")
    add("--frameworks", type=_names(CONTENDERS), help="comma-separated (default: all)")
    add("--rounds", type=int, default=LEAST_ROUNDS, help="interleaved rounds (default: 3)")
    add("--seconds", type=float, default=3, help="seconds of load each time (default: 3)")
    add("--dry-run", action="store_true", help="print the figures without writing RESULTS.md and chart.svg")
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 2 where nothing could be measured."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    given = parser().parse_args(words)
    frameworks = present(given.frameworks or list(CONTENDERS))
    rounds: dict[str, dict[str, list[float]]] = {name: {} for name in frameworks}
    try:
        require_wrk()
        for workload in [BY_NAME[name] for name in given.workloads] if given.workloads else UNDER_LOAD:
            for framework, figure in _measured(workload, frameworks, given):
                rounds[framework].setdefault(workload.name, []).append(figure)
            _show(workload, rounds)
    except MeasuringError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    command = shlex.join(["python", "-m", "bench", *words])
    text = page(rounds, Circumstances(command, given.rounds, given.seconds))
    if not given.dry_run:
        PAGE.write_text(text)
        CHART.write_text(chart(medians(rounds)))
    return 0


def present(names: Sequence[str]) -> list[str]:
    """Return those that can be measured here, and say of the others what is missing."""
    missing = {name: CONTENDERS[name].missing() for name in names}
    for name, what in missing.items():
        if what:
            print(f"{name} is left out: {what}", flush=True)
    return [name for name, what in missing.items() if not what]


def _measured(workload: Workload, frameworks: Sequence[str], given: argparse.Namespace) -> Iterator[tuple[str, float]]:
    """Yield (framework, requests per CPU-second), each framework once a round."""
    with ExitStack() as stack:
        started: dict[str, Server] = {}
        for name in (name for name in frameworks if CONTENDERS[name].can(workload)):
            started[name] = stack.enter_context(serving(CONTENDERS[name], workload, SERVER_CORE))
            drive(started[name], workload, WARM_UP_SECONDS, LOAD_CORE)
        for _ in range(given.rounds):
            for name, server in started.items():
                before = server.cpu_seconds()
                requests = drive(server, workload, given.seconds, LOAD_CORE)
                yield name, requests / (server.cpu_seconds() - before)


def _show(workload: Workload, rounds: dict[str, dict[str, list[float]]]) -> None:
    """Print a workload's figures as soon as they are there."""
    middle = medians(rounds)
    for name, found in middle.items():
        if workload.name in found:
            times = ratios(found, middle.get("fastapi", {})).get(workload.name, "")
            print(f"{workload.name:18}{name:14}{found[workload.name]:>10,.0f}{times:>8}", flush=True)


def _names(allowed: Iterable[str]) -> Callable[[str], list[str]]:
    known = list(allowed)

    def parse(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return names

    return parse


if __name__ == "__main__":
    sys.exit(main())
