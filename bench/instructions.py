"""The command `python -m bench.instructions`: user instructions a request, counted by callgrind.

A count of instructions hardly varies from run to run and from machine to machine, so it shows a change of one part
in a hundred that a loaded machine would hide. It says nothing of what the kernel and the memory cost. It depends on how
the interpreter was built, and is compared with figures of the same one: Debian's Python 3.11, which is optimised by a
profile, takes 201 thousand for `list` where a plain build of 3.11 takes 218, and FastAPI 749 instead of 803.

One interpreter a framework runs under valgrind (see `canned`). It marks the borders of two batches of requests of
different size; the difference of their counts, divided by the difference of their sizes, is one request: what a batch
costs by itself falls out.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.canned import BATCHES
from bench.contenders import REPOSITORY
from bench.results import table
from bench.server import MeasuringError
from bench.workloads import BY_NAME, IN_PROCESS

FRAMEWORKS = ("martlet", "fastapi", "starlette", "litestar", "bare")
DEFAULT = ("martlet", "fastapi", "bare")
ALIKE = ("martlet", "fastapi")
MARK = "getpgid"


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    command = argparse.ArgumentParser(prog="python -m bench.instructions", description="Count instructions a request.")
    add = command.add_argument
    add("--workloads", default=",".join(load.name for load in IN_PROCESS), help="comma-separated (default: all)")
    add("--frameworks", default=",".join(DEFAULT), help=f"of {', '.join(FRAMEWORKS)} (default: {', '.join(DEFAULT)})")
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, or 2 where nothing could be counted."""
    given = parser().parse_args(arguments)
    workloads, frameworks = given.workloads.split(","), given.frameworks.split(",")
    try:
        for name in workloads:
            if name not in BY_NAME:
                raise MeasuringError(f"{name!r} is no workload: there are {', '.join(BY_NAME)}")
        counted = {name: count(name, workloads) for name in frameworks}
    except MeasuringError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(f"Thousands of user instructions a request, on Python {' '.join(sys.version.split())}:\n")
    cells = {n: {w: f"{v / 1000:,.0f}" for w, v in found.items()} for n, found in counted.items()}
    print(*table(workloads, cells), sep="\n")
    return 0


def count(framework: str, workloads: Sequence[str]) -> dict[str, float]:
    """Run one framework under callgrind and return the instructions a request by workload.

    What is FastAPI's is asked of FastAPI and Martlet only; see `Workload.is_fastapi_s`.

    Raises:
        MeasuringError: valgrind is missing, or the program failed.
    """
    if not shutil.which("valgrind"):
        raise MeasuringError("valgrind counts the instructions and is not installed: try `apt-get install valgrind`")
    asked = [name for name in workloads if framework in ALIKE or not BY_NAME[name].is_fastapi_s]
    with TemporaryDirectory() as folder:
        words = ["valgrind", "--tool=callgrind", f"--dump-before={MARK}", f"--callgrind-out-file={folder}/counts"]
        words += [sys.executable, "-m", "bench.canned", framework, ",".join(asked)]
        environ = {
            **os.environ,
            "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{REPOSITORY / 'src'}",
            "PYTHONHASHSEED": "0",
            # Python's own allocator, and nothing random: the same counts from run to run.
            "PYTHONMALLOC": "pymalloc",
        }
        done = subprocess.run(words, check=False, env=environ, cwd=REPOSITORY, capture_output=True, text=True)
        if done.returncode:
            raise MeasuringError(f"{framework} failed under valgrind:\n{done.stderr[-3000:]}")
        dumps = sorted(Path(folder).glob("counts.*"), key=lambda dump: int(dump.suffix[1:]))
        return dict(zip(asked, requests([total(dump.read_text()) for dump in dumps]), strict=True))


def total(dump: str) -> int:
    """Read how many instructions a dump of callgrind counts.

    Raises:
        MeasuringError: the dump has no sum.
    """
    match = re.search(r"^(?:totals|summary): (\d+)", dump, flags=re.MULTILINE)
    if match is None:
        raise MeasuringError("callgrind wrote a dump without a sum")
    return int(match[1])


def requests(dumps: Sequence[int]) -> list[float]:
    """Turn the counts between marks into instructions a request, one figure a workload.

    Each workload leaves three dumps: up to its first mark, the small batch, the large one. What follows the last
    mark is the end of the program, which callgrind writes to a file without a number.
    """
    small, large = BATCHES
    return [(dumps[at + 2] - dumps[at + 1]) / (large - small) for at in range(0, len(dumps) - 2, 3)]


if __name__ == "__main__":
    sys.exit(main())
