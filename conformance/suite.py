"""Run a suite once, in its own environment, and hand back the file that its plugin wrote.

Which `fastapi` the tests meet is decided by the interpreter's path alone, so the interpreters that tests start meet
the same: for Martlet, `inside/` and the repository's sources; for the genuine package, the directory it was
unpacked in. The suite's own configuration (warnings are errors, so many seconds a test) stays in force. A test may hang
in spite of it, in the cleaning up after it was stopped: then its threads are shown, and in the end the run is stopped.
"""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from conformance.inside.suite_outcomes import FILE_VARIABLE
from conformance.published import HERE
from conformance.sources import Sources, SourcesError
from martlet.dropin import VARIABLE

SOURCES_OF_MARTLET = HERE.parent / "src"
LONGEST = 1800.0
"""How many seconds a run may take: some ten times what it takes on two cores."""
SHOWN_AFTER = 120
"""After how many seconds in one test pytest shows what its threads are doing."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which tests to run.

    Args:
        paths: files, folders or node ids below the distribution's root; empty for the whole suite.
        expression: pytest's `-k`, or nothing.
        workers: processes to spread the tests over; 0 runs them in one.
        genuine: run against genuine FastAPI instead of Martlet.
        martlet: the directory that holds the `martlet` package.
    """

    paths: Sequence[str] = field(default_factory=tuple)
    expression: str = ""
    workers: int = 2
    genuine: bool = False
    martlet: Path = SOURCES_OF_MARTLET


def run(sources: Sources, selection: Selection, outcomes: Path) -> int:
    """Run the selected tests and return pytest's exit code; `outcomes` is the file the plugin writes.

    Raises:
        SourcesError: the run took too long, and was stopped.
    """
    outcomes.unlink(missing_ok=True)
    environ = environment(os.environ, sources, selection, outcomes)
    return until_ended(command(sources, selection), sources.tree, environ, LONGEST)


def until_ended(words: Sequence[str], directory: Path, environ: Mapping[str, str], longest: float) -> int:
    """Run a command with all the processes that it starts, and return its exit code.

    Raises:
        SourcesError: it took longer than `longest` seconds.
    """
    with subprocess.Popen(words, cwd=directory, env=environ, start_new_session=True) as process:
        try:
            return process.wait(longest)
        except subprocess.TimeoutExpired:
            raise SourcesError(f"the run was stopped after {longest:.0f} s: a test hangs, see above") from None
        finally:
            # Workers that hang would outlive what started them.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def command(sources: Sources, selection: Selection) -> list[str]:
    """Spell the pytest command."""
    words = [str(sources.python), "-m", "pytest", "-p", "no:cacheprovider"]
    for plugin in sources.suite.plugins:
        words += ["-p", plugin]
    words += ["-o", f"faulthandler_timeout={SHOWN_AFTER}"]
    words += ["-q", "--tb=short", "--no-summary", "--disable-warnings", "--continue-on-collection-errors"]
    words += [*sources.suite.options, *(f"--ignore={folder}" for folder in sources.suite.left_out)]
    if selection.workers:
        words += ["-n", str(selection.workers), "--dist", "loadgroup"]
    if selection.expression:
        words += ["-k", selection.expression]
    return [*words, *(selection.paths or ["tests"])]


def environment(given: Mapping[str, str], sources: Sources, selection: Selection, outcomes: Path) -> dict[str, str]:
    """Say what the suite's interpreters find in their environment."""
    framework = sources.genuine if selection.genuine else selection.martlet
    path = [HERE / "inside", framework, sources.metadata, sources.tree / "docs_src"]
    environ = {**given, "PYTHONPATH": os.pathsep.join(map(str, path)), FILE_VARIABLE: str(outcomes)}
    environ.pop(VARIABLE, None)
    if not selection.genuine:
        environ[VARIABLE] = "1"
    return environ
