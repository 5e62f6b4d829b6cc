"""The command `python -m bench.instrumented`: what is left of the speed where others look on.

Sentry, OpenTelemetry and Logfire know FastAPI by its name, so one program is run twice: as it is, and in a process in
which `fastapi` means Martlet. Canned requests go straight into the app; figures are requests per CPU-second, rounds of
both interleaved. Needs the environment of the guests: `make instrumented` runs it there.

What an observer costs by itself is the same under both frameworks and bounds the ratio; the row `bare` under each
observer is a hand-written Starlette route, the least that can be had there.
"""

import argparse
import asyncio
import importlib
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

from bench.canned import WARM_UP, batch, scope_of
from bench.contenders import REPOSITORY
from bench.results import ratios, table
from bench.server import MeasuringError
from bench.workloads import BY_NAME, Workload

FRAMEWORKS = ("martlet", "fastapi", "bare")
WORKLOADS = ("json", "items", "orders", "deps", "many", "sync")
FEW = 50


def imported(name: str) -> Any:
    """Import an observer only where it is measured; mypy, which runs in the other environment, does not know it."""
    return importlib.import_module(name)


def nobody(app: Any) -> None:
    """Leave the app alone."""


def drop(transport: Any, envelope: Any) -> None:
    """Send nothing."""


def sentry(**options: Any) -> Callable[[Any], None]:
    """Have Sentry watch every app that is made from here on; what it would send goes nowhere."""
    sdk, transport = imported("sentry_sdk"), imported("sentry_sdk.transport").Transport
    nowhere = type("Nowhere", (transport,), {"capture_envelope": drop})
    sdk.init(dsn="http://key@127.0.0.1:9/1", transport=nowhere, **options)
    return nobody


def opentelemetry() -> Callable[[Any], None]:
    """Return what instruments an app; spans are made in full and dropped where they would be exported."""
    instrumentor = imported("opentelemetry.instrumentation.fastapi").FastAPIInstrumentor
    provider = imported("opentelemetry.sdk.trace").TracerProvider()
    return lambda app: instrumentor.instrument_app(app, tracer_provider=provider)


def logfire() -> Callable[[Any], None]:
    """Return what instruments an app for Logfire; nothing is sent or printed."""
    watcher = imported("logfire")
    watcher.configure(send_to_logfire=False, console=False, inspect_arguments=False)

    def watch(app: Any) -> None:
        watcher.instrument_fastapi(app)

    return watch


OBSERVERS: dict[str, Callable[[], Callable[[Any], None]]] = {
    "nobody": lambda: nobody,
    "sentry": sentry,
    "sentry, tracing": lambda: sentry(traces_sample_rate=1.0),
    "opentelemetry": opentelemetry,
    "logfire": logfire,
}


def bare(workload: Workload) -> Any:
    """Return a FastAPI app whose one route is Starlette's and sends fixed bytes."""
    import fastapi
    from starlette.responses import Response
    from starlette.routing import Route

    async def answer(request: Any) -> Response:
        return Response(b"{}", media_type="application/json")

    path = workload.target.partition("?")[0]
    return fastapi.FastAPI(routes=[Route(path, answer, methods=[workload.method])])


def measured(framework: str, observer: str, name: str, seconds: float) -> float:
    """Return the requests per CPU-second, in this process.

    Raises:
        ValueError: the app answers something else than it should.
    """
    if framework == "martlet":
        from martlet.dropin import install

        install()
    observe, workload = OBSERVERS[observer](), BY_NAME[name]
    if framework == "bare":
        app = bare(workload)
    else:
        app = getattr(importlib.import_module("bench.apps.fastapi"), workload.factory)()
    observe(app)
    scope, content = scope_of(workload), workload.content
    sent = asyncio.run(batch(app, scope, content, WARM_UP))
    wrong = workload.check(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))
    if wrong and framework != "bare":
        raise ValueError(f"{framework} with {observer} on {name}: {wrong}")

    async def run() -> float:
        done, began = 0, time.process_time()
        while (used := time.process_time() - began) < seconds:
            await batch(app, scope, content, FEW)
            done += FEW
        return done / used

    return asyncio.run(run())


def apart(framework: str, observer: str, name: str, seconds: float) -> float:
    """Measure in a process of its own."""
    words = [sys.executable, "-m", "bench.instrumented", "--one", framework, observer, name, "--seconds", str(seconds)]
    done = subprocess.run(words, cwd=REPOSITORY, check=False, capture_output=True, text=True)
    if done.returncode:
        raise MeasuringError(f"{framework} with {observer} on {name} failed:\n{done.stderr[-3000:]}")
    return float(done.stdout.split()[-1])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    command = argparse.ArgumentParser(prog="python -m bench.instrumented", description=(__doc__ or "").split("\n")[0])
    command.add_argument("--workloads", default=",".join(WORKLOADS), help="comma-separated")
    command.add_argument("--observers", default=";".join(OBSERVERS), help="separated by semicolons")
    command.add_argument("--rounds", type=int, default=3)
    command.add_argument("--seconds", type=float, default=1.0, help="of CPU each time")
    command.add_argument("--one", nargs=3, metavar=("FRAMEWORK", "OBSERVER", "WORKLOAD"), help=argparse.SUPPRESS)
    given = command.parse_args(arguments)
    if given.one:
        print(measured(given.one[0], given.one[1], given.one[2], given.seconds))
        return
    workloads = given.workloads.split(",")
    for observer in given.observers.split(";"):
        rounds: dict[str, dict[str, list[float]]] = {each: {name: [] for name in workloads} for each in FRAMEWORKS}
        for name in workloads:
            for _ in range(given.rounds):
                for framework in FRAMEWORKS:
                    rounds[framework][name].append(apart(framework, observer, name, given.seconds))
        middle = {each: {name: median(seen) for name, seen in found.items()} for each, found in rounds.items()}
        rows = {each: {name: f"{value:,.0f}" for name, value in found.items()} for each, found in middle.items()}
        rows["martlet / fastapi"] = ratios(middle["martlet"], middle["fastapi"])
        rows["bare / fastapi"] = ratios(middle["bare"], middle["fastapi"])
        print(f"\nRequests per CPU-second, observed by {observer}:\n", *table(workloads, rows), sep="\n", flush=True)


if __name__ == "__main__":
    main()
