"""What it costs to find a path's entry, and to build the Table: `python -m bench.micro.match`.

Each figure is the best of many short runs, for 1, 200 and 5,000 routes of five shapes; the columns of a line should be
alike. `str.split` on the same machine at the same time is the yardstick.
"""

import time
import tracemalloc
from collections.abc import Callable

from martlet._engine.match.route_map import Foreign, RouteMap
from martlet._engine.match.table import Entry
from martlet._engine.match.template import Template

COUNTS = (1, 200, 5_000)
METHODS = frozenset({"GET", "HEAD"})
SHAPES = ("/static{}/x", "/text{}/{{id}}", "/number{}/{{id:int}}", "/text{}/{{id}}/sub/{{x}}", "/rest{}/{{x:path}}")
PATHS = ("/static{}/x", "/text{}/abc", "/number{}/12", "/text{}/abc/sub/def", "/rest{}/a/b/c", "/none{}/x", "/text{}")
RUNS, CALLS = 40, 5_000


def best(function: Callable[..., object], *arguments: object, calls: int = CALLS) -> float:
    """Return the nanoseconds of a call, in the least disturbed of all runs."""
    fastest = float("inf")
    for _ in range(RUNS):
        start = time.perf_counter()
        for _ in range(calls):
            function(*arguments)
        fastest = min(fastest, time.perf_counter() - start)
    return fastest / calls * 1e9


def entries(count: int) -> list[Entry[int]]:
    """Return routes of every shape, `count` in all."""
    paths = [shape.format(number) for number in range(-(-count // len(SHAPES))) for shape in SHAPES]
    return [Entry(Template.parse(path), METHODS, order) for order, path in enumerate(paths)]


def main() -> None:
    """Print the figures."""
    maps = {count: RouteMap[int, str](entries(count)) for count in COUNTS}
    behind = RouteMap[int, str]([Foreign("static files", "/files"), *entries(200)])
    print(f"str.split: {best('/text1/abc'.split, '/'):.0f} ns")
    print(f"{'ns a look-up':24}" + "".join(f"{count:>8}" for count in COUNTS) + "  200 behind a Mount")
    for path in PATHS:
        figures = [best(maps[count].find, path.format(0), "GET") for count in COUNTS]
        figures.append(best(behind.find, path.format(0), "GET"))
        print(f"{path.format(0):24}" + "".join(f"{figure:8.0f}" for figure in figures))
    declared = entries(1_000)
    print(f"building 1,000 entries: {best(RouteMap, declared, calls=2) / 1e6:.1f} ms")
    declared = entries(5_000)
    tracemalloc.start()
    maps[0] = RouteMap(declared)
    print(f"memory of 5,000 entries: {tracemalloc.get_traced_memory()[0] / 2**20:.1f} MiB")


if __name__ == "__main__":
    main()
