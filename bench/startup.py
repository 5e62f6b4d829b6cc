"""What it costs to start: CPU milliseconds and MiB to import, and to declare and first use an app of typed routes.

Run as `python -m bench.startup [--rounds N] [--frameworks X,Y]`; it prints a table. Each figure is the lowest of the
rounds, since nothing makes a program need less; frameworks take turns, each time in a process of its own. The import is
compared with what both frameworks are made of, Pydantic (with one model) and Starlette.
"""

import argparse
import importlib
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

# Nothing of Pydantic's may be here before it is measured, and most of the bench has models.
REPOSITORY = Path(__file__).parents[1]
FRAMEWORKS = ("parts", "martlet", "fastapi")
COUNTS = (100, 1000)
COLUMNS = ("import ms", *(f"{what} of {count}" for count in COUNTS for what in ("start ms", "openapi ms", "MiB")))


def resident() -> float:
    """Return how much memory this process holds, in MiB; see proc(5), statm."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20


def spent(since: float) -> float:
    """Return the CPU milliseconds of this process after a moment of it."""
    return (time.process_time() - since) * 1000


def parts() -> None:
    """Import what both frameworks are made of."""
    from pydantic import BaseModel

    type("Model", (BaseModel,), {"__annotations__": {"field": int}})
    for name in ("applications", "routing", "requests", "responses", "websockets", "middleware", "exceptions"):
        importlib.import_module(f"starlette.{name}")


def declare(framework: Any, count: int) -> Any:
    """Return an app with so many routes, half of them with parameters and a dependency, half with a body."""
    from bench.apps.shared import Item

    app = framework.FastAPI()

    async def paged(limit: int = 10) -> int:
        return limit

    def add(number: int) -> None:
        async def read(
            item_id: int,
            q: str | None = None,
            size: Annotated[int, framework.Query(ge=1)] = 10,
            page: Annotated[int, framework.Depends(paged)] = 0,
        ) -> Item:
            return Item(id=item_id, name=q or "", price=size + page)

        async def create(item: Item) -> Item:
            return item

        if number % 2:
            app.get(f"/items{number}/{{item_id}}")(read)
        else:
            app.post(f"/items{number}")(create)

    for number in range(count):
        add(number)
    return app


def measure(name: str, count: int) -> list[float]:
    """Return what this process needs: to import, to declare and answer once, for the document; and MiB of all that."""
    began = time.process_time()
    parts()
    if name == "parts":
        return [spent(began)]
    framework = importlib.import_module(name)
    application = framework.FastAPI
    imported, before = spent(began), resident()
    import asyncio

    from bench.canned import batch, scope_of
    from bench.workloads import Workload

    application()
    began = time.process_time()
    app = declare(framework, count)
    sent = asyncio.run(batch(app, scope_of(Workload("first", "", "/items1/3", None)), b"", 1))
    if sent[0]["status"] != 200:
        raise ValueError(f"{name} answered {sent[0]}")
    started, held = spent(began), resident() - before
    began = time.process_time()
    app.openapi()
    return [imported, started, spent(began), held]


def apart(name: str, count: int) -> list[float]:
    """Measure in a process of its own, one that may keep what it has compiled, as a program that is started twice."""
    words = [sys.executable, "-m", "bench.startup", "--one", name, str(count)]
    environ = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(words, check=True, capture_output=True, text=True, cwd=REPOSITORY, env=environ)
    return [float(word) for word in done.stdout.split()]


def row(name: str, rounds: Sequence[Sequence[Sequence[float]]]) -> dict[str, str]:
    """Return the cells of one framework.

    Args:
        name: the framework.
        rounds: for each count of routes, what each round measured.
    """
    figures = [min(round_[0] for rounds_of_count in rounds for round_ in rounds_of_count)]
    if name != "parts":
        figures += [min(round_[each] for round_ in of_count) for of_count in rounds for each in (1, 2, 3)]
    return dict(zip(COLUMNS, (f"{figure:,.0f}" for figure in figures), strict=False))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    command = argparse.ArgumentParser(prog="python -m bench.startup", description="Measure what it costs to start.")
    command.add_argument("--rounds", type=int, default=5)
    command.add_argument("--frameworks", default=",".join(FRAMEWORKS), help="comma-separated (default: all)")
    command.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    given = command.parse_args(arguments)
    if given.one:
        print(*measure(given.one[0], int(given.one[1])))
        return 0
    frameworks = given.frameworks.split(",")
    seen: dict[str, list[list[list[float]]]] = {name: [[] for _ in COUNTS] for name in frameworks}
    for _ in range(given.rounds):
        for place, count in enumerate(COUNTS):
            for name in frameworks:
                seen[name][place].append(apart(name, count))
    from bench.results import table

    print(*table(COLUMNS, {name: row(name, rounds) for name, rounds in seen.items()}), sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
