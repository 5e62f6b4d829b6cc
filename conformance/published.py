"""The suites: which release of what, what its tests need, which books are kept of them.

Two are run: FastAPI's own, with `fastapi` resolved to `martlet`; and Starlette's own, with the class `Starlette`
that its tests make their apps of replaced by `FastAPI` without docs routes. The second holds Martlet to what an app
of FastAPI's is by inheritance, so its books are measured the same way: by genuine FastAPI in the same place. It has no
`passing` book: whatever genuine FastAPI passes has to pass, deviations apart.
"""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Books:
    """The files of one suite's books, which `ledger` reads and writes.

    Args:
        expected: the tests that genuine FastAPI passes.
        deviations: the tests that Martlet answers differently on purpose.
        constraints: the versions that genuine FastAPI was tried with.
        passing: the tests that Martlet passes; without this book, all that are expected and no deviations.
    """

    expected: Path
    deviations: Path
    constraints: Path
    passing: Path | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """One published suite.

    Args:
        name: the distribution's name, and its package's.
        title: how a run speaks of it.
        release: the version whose tests these are.
        sha256: the digest of its source distribution.
        extra: the optional dependencies that its tests need.
        group: the dependency group that its own CI installs.
        books: what is kept of it here.
        unneeded: distributions of that group that no test uses.
        added: distributions that this harness needs besides.
        plugins: pytest plugins of `inside/` that its runs load.
        options: further words for pytest.
        left_out: folders that are not run.
        venv: the first word of the environment's name.
    """

    name: str
    title: str
    release: str
    sha256: str
    extra: str
    group: str
    books: Books
    unneeded: frozenset[str] = frozenset()
    added: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ("suite_outcomes",)
    options: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    venv: str = "venv"


FASTAPI = Published(
    name="fastapi",
    title="FastAPI",
    release="0.165.0",
    sha256="dd94d4128319c1e1d50535ab023ab698f850a4d2822f0e181747b46f4ff3c0ab",
    extra="all",
    group="tests",
    books=Books(
        expected=HERE / "expected.txt",
        deviations=HERE / "deviations.toml",
        constraints=HERE / "constraints.txt",
        passing=HERE / "passing.txt",
    ),
    options=("--inline-snapshot=disable", "-p", "no:sugar"),
    # Measurements, not tests of behaviour: they need CodSpeed's runner.
    left_out=("tests/benchmarks", "tests/memory_benchmarks"),
)

STARLETTE = Published(
    name="starlette",
    title="Starlette",
    release="1.10.0",
    sha256="b8399098d4c1e3522734f7235dc79b1fc967f96cf139c81e0fa30479e0685f9b",
    extra="full",
    group="dev",
    books=Books(
        expected=HERE / "starlette_expected.txt",
        deviations=HERE / "starlette_deviations.toml",
        constraints=HERE / "starlette_constraints.txt",
    ),
    unneeded=frozenset({"starlette", "mypy", "ruff", "twine", "types-pyyaml", "pytest-codspeed", "coverage"}),
    added=("pytest-xdist", "starlette==1.10.0"),
    plugins=("starlette_swap", "suite_outcomes"),
    # What is expected to fail on Starlette may work here: the plugin counts both outcomes as success.
    options=("-o", "xfail_strict=false"),
    venv="venv-starlette",
)

SUITES = {suite.name: suite for suite in (FASTAPI, STARLETTE)}
