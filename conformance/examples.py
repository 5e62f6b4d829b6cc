"""The apps of FastAPI's documentation: `python -m conformance.examples [--served N] [--seed S]`.

All of them are loaded in one process, once with Martlet under the name `fastapi` and once with genuine FastAPI, in the
environment of FastAPI's suite. The documents must be equal, and so must the answers to a GET on each path without
parameters. What genuine FastAPI refuses to load (some examples show what does not work), Martlet has to refuse too.
`--served` draws so many of them and starts each with `martlet dev --as-fastapi`, to be asked over a socket.

Exit codes: 0 all agree, 1 something differs, 2 the examples cannot be had.
"""

import argparse
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance import sources, suite
from conformance.inside.example_answers import VARIABLES, furnish
from conformance.published import FASTAPI, HERE
from conformance.sources import Sources, SourcesError

PROGRAM = HERE / "inside" / "example_answers.py"
SAYS_APP = "FastAPI("
PATIENCE = 30.0
# What an app answers by chance: only in one process can both be given the same chance.
DRAWN = {"docs_src/query_params_str_validations/tutorial015.py": {"/items/"}}

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a comparison.

    Args:
        apps: how many apps there are.
        loaded: how many genuine FastAPI and Martlet both load.
        answers: how many answers were compared.
        differences: a line for each, with the app's file.
    """

    apps: int
    loaded: int
    answers: int
    differences: tuple[str, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    command = argparse.ArgumentParser(prog="python -m conformance.examples", description="Load FastAPI's examples.")
    command.add_argument("--served", type=int, default=0, help="serve so many with `martlet dev` (default: none)")
    command.add_argument("--seed", type=int, default=0, help="which ones are drawn (default: 0)")
    command.add_argument("--root", type=Path, help="the cache (default: by the XDG rules)")
    given = command.parse_args(arguments)
    try:
        places = sources.prepare(FASTAPI, given.root)
    except SourcesError as error:
        print(f"conformance: {error}", file=sys.stderr)
        return 2
    files = list(apps_of(places.tree))
    genuine, ours = (ask(places, files, genuine=genuine) for genuine in (True, False))
    compared = compare(genuine, ours)
    differences = list(compared.differences)
    print(f"{compared.loaded} of {compared.apps} apps load; {compared.answers} answers compared")
    print(
        *(f"  not loaded: {file}: {_first_line(facts)}" for file, facts in genuine.items() if "error" in facts),
        sep="\n",
    )
    drawn = draw(genuine, given.served, given.seed)
    for file in drawn:
        differences += serve(places, file, genuine[file])
    if drawn:
        print(f"{len(drawn)} served with `martlet dev --as-fastapi`")
    print(*differences, sep="\n") if differences else print("no differences")
    return 1 if differences else 0


def apps_of(tree: Path) -> Iterator[str]:
    """Yield the files of the documentation that make an app, in order."""
    for file in sorted((tree / "docs_src").rglob("*.py")):
        if SAYS_APP in file.read_text():
            yield file.relative_to(tree).as_posix()


def ask(places: Sources, files: Sequence[str], *, genuine: bool) -> dict[str, Facts]:
    """Load the files in an interpreter of the suite's, and return what each says and answers."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "facts.json"
        words = [str(places.python), str(PROGRAM), str(places.tree), str(target), *files]
        environ = suite.environment(os.environ, places, suite.Selection(genuine=genuine), target)
        done = subprocess.run(words, check=False, env=environ, capture_output=True, text=True)
        if not target.exists():
            raise SourcesError(f"{PROGRAM.name} ended with {done.returncode}:\n{done.stderr}")
        found: dict[str, Facts] = json.loads(target.read_text())
    return found


def compare(genuine: Mapping[str, Facts], ours: Mapping[str, Facts]) -> Compared:
    """Compare what two frameworks made of the same files."""
    loaded = answers = 0
    differences: list[str] = []
    for file, theirs in genuine.items():
        mine = ours[file]
        if "error" in theirs or "error" in mine:
            if ("error" in theirs) != ("error" in mine):
                differences.append(f"{file}: FastAPI {_first_line(theirs)}; Martlet {_first_line(mine)}")
            continue
        loaded += 1
        answers += len(theirs["answers"])
        if mine["openapi"] != theirs["openapi"]:
            differences.append(f"{file}: the documents differ")
        for path in {**theirs["answers"], **mine["answers"]}:
            expected, found = theirs["answers"].get(path), mine["answers"].get(path)
            if found != expected:
                differences.append(f"{file}: GET {path}: FastAPI {_short(expected)}; Martlet {_short(found)}")
    return Compared(len(genuine), loaded, answers, tuple(differences))


def _first_line(facts: Facts) -> str:
    return _short(str(facts.get("error", "loads")).partition("\n")[0])


def _short(value: object) -> str:
    return textwrap.shorten(str(value), 160)


def draw(genuine: Mapping[str, Facts], count: int, seed: int) -> list[str]:
    """Return some of the files that load, the same ones for the same seed."""
    able = sorted(file for file, facts in genuine.items() if "error" not in facts)
    return random.Random(seed).sample(able, min(count, len(able)))  # noqa: S311 - no secret


def serve(places: Sources, file: str, expected: Facts) -> Iterator[str]:
    """Start an app with `martlet dev --as-fastapi` and yield what differs over a socket."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        furnish(Path(folder))
        path = os.pathsep.join(map(str, [suite.SOURCES_OF_MARTLET, places.metadata, places.tree]))
        words = [str(places.python), "-m", "martlet", "dev", "--as-fastapi", str(places.tree / file)]
        log = Path(folder) / "served.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*words, "--app", expected["app"], "--port", str(port)],
                cwd=folder,
                env={**os.environ, **VARIABLES, "PYTHONPATH": path},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield from _asked(f"http://127.0.0.1:{port}", file, expected, process, log)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _asked(url: str, file: str, expected: Facts, process: "subprocess.Popen[bytes]", log: Path) -> Iterator[str]:
    until = time.monotonic() + PATIENCE
    while (answer := _get(f"{url}/openapi.json")) is None:
        if process.poll() is not None or time.monotonic() > until:
            yield f"{file}: not served:\n{log.read_text()}"
            return
        time.sleep(0.05)
    if answer[0] == 200 and json.loads(answer[1]) != expected["openapi"]:
        yield f"{file}: the document differs over the socket"
    for path, (status, _, body) in expected["answers"].items():
        if path in DRAWN.get(file, ()):
            continue
        got = _get(url + path)
        if got is None or got[0] != status or (status < 500 and got[1].decode() != body):
            yield f"{file}: GET {path} over the socket: FastAPI {_short((status, body))}; Martlet {_short(got)}"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Shows a redirect instead of following it."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _get(url: str) -> tuple[int, bytes] | None:
    """Return status and body; None where nobody answers."""
    try:
        with urllib.request.build_opener(_Stay).open(url, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(main())
