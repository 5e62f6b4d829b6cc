"""Where a suite comes from: its source distribution and an environment to run it in.

Both live in a cache outside the repository (`$XDG_CACHE_HOME/martlet-conformance`, else under `~/.cache`) and are
made once. The archive comes through pip, so pip's own configuration says from which index; its SHA-256 is
checked before anything is unpacked. The environment gets what the suite's own CI installs for its tests, and what
FastAPI needs, except FastAPI itself: in there, `fastapi` is either Martlet or the unpacked genuine package, never an
installed one.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.published import FASTAPI, Published


class SourcesError(RuntimeError):
    """The suite or its environment could not be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The places a run needs.

    Args:
        suite: whose they are.
        tree: the unpacked distribution without its package; the suite runs in this directory.
        genuine: the directory that holds the genuine `fastapi` package.
        metadata: the directory that holds FastAPI's installed metadata.
        python: the interpreter of the environment.
    """

    suite: Published
    tree: Path
    genuine: Path
    metadata: Path
    python: Path


def cache_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Say where the cache is, by the XDG base directory rules."""
    base = environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "martlet-conformance"


def prepare(suite: Published, root: Path | None = None) -> Sources:
    """Make whatever of the cache is missing and return its places."""
    root = cache_root() if root is None else root
    root.mkdir(parents=True, exist_ok=True)
    python = _environment(root / f"{suite.venv}-{sys.version_info.major}.{sys.version_info.minor}")
    framework, genuine = _distribution(FASTAPI, root, python)
    tree = framework if suite is FASTAPI else _distribution(suite, root, python)[0]
    _install(root, python, suite, _requirements(suite, tree, framework))
    return Sources(suite=suite, tree=tree, genuine=genuine, metadata=framework / "metadata", python=python)


def freeze(sources: Sources) -> None:
    """Record the environment's versions: those that genuine FastAPI was seen to pass with."""
    listed = _run([str(sources.python), "-m", "pip", "freeze"], sources.tree)
    note = f"# What genuine FastAPI {FASTAPI.release} was tried with. Written by --genuine --update."
    sources.suite.books.constraints.write_text(f"{note}\n{listed}")


def check_digest(archive: Path, expected: str) -> None:
    """Refuse an archive that is not the published one.

    Raises:
        SourcesError: the file's SHA-256 is another one.
    """
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != expected:
        raise SourcesError(f"{archive} has SHA-256 {found}, not {expected}: delete it and run again")


def group_requirements(project: Mapping[str, Any], group: str) -> Iterator[str]:
    """Yield the requirements of a dependency group, its included groups resolved (PEP 735)."""
    for entry in project["dependency-groups"][group]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from group_requirements(project, entry["include-group"])


def suite_requirements(suite: Published, project: Mapping[str, Any], framework: Mapping[str, Any]) -> list[str]:
    """Return what is to be installed for a suite.

    Args:
        suite: which.
        project: the suite's own `pyproject.toml`.
        framework: FastAPI's: whatever runs in there, FastAPI runs on it.
    """
    of_project = project["project"]
    wanted = [*of_project["dependencies"], *of_project["optional-dependencies"][suite.extra]]
    wanted += group_requirements(project, suite.group)
    wanted += framework["project"]["dependencies"]
    return list(dict.fromkeys([*(each for each in wanted if _name(each) not in suite.unneeded), *suite.added]))


def _name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower()


def _requirements(suite: Published, tree: Path, framework: Path) -> list[str]:
    projects = [tomllib.loads((place / "pyproject.toml").read_text()) for place in (tree, framework)]
    return suite_requirements(suite, *projects)


def _environment(place: Path) -> Path:
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True, clear=True)
    return python


def _distribution(suite: Published, root: Path, python: Path) -> tuple[Path, Path]:
    tree, genuine = root / f"{suite.name}-{suite.release}", root / f"genuine-{suite.name}-{suite.release}"
    if not (tree.is_dir() and genuine.is_dir()):
        _unpack(suite, _archive(suite, root, python), tree, genuine)
    return tree, genuine


def _archive(suite: Published, root: Path, python: Path) -> Path:
    archive = root / f"{suite.name}-{suite.release}.tar.gz"
    if not archive.exists():
        wanted = ["--no-deps", "--no-binary", suite.name, f"{suite.name}=={suite.release}"]
        _run([str(python), "-m", "pip", "download", *wanted], root)
    check_digest(archive, suite.sha256)
    return archive


def _unpack(suite: Published, archive: Path, tree: Path, genuine: Path) -> None:
    staging = archive.with_suffix(".unpacking")
    for leftover in (staging, tree, genuine):
        shutil.rmtree(leftover, ignore_errors=True)
    with tarfile.open(archive) as packed:
        packed.extractall(staging, filter="data")
    unpacked = staging / f"{suite.name}-{suite.release}"
    # The package leaves the tree: tests run in the tree's root, where a plain `import fastapi` would find it.
    genuine.mkdir()
    (unpacked / suite.name).rename(genuine / suite.name)
    # Packages that ask for FastAPI's version read installed metadata: this directory is on the path in every run.
    metadata = unpacked / "metadata" / f"{suite.name}-{suite.release}.dist-info"
    metadata.mkdir(parents=True)
    shutil.copy(unpacked / "PKG-INFO", metadata / "METADATA")
    unpacked.rename(tree)
    shutil.rmtree(staging)


def _install(root: Path, python: Path, suite: Published, requirements: Sequence[str]) -> None:
    book = suite.books.constraints
    constraints = book.read_text() if book.exists() else ""
    stamp = python.parents[1] / "installed"
    wanted = "\n".join([*requirements, constraints])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    listed = root / "requirements.txt"
    listed.write_text("\n".join(requirements) + "\n")
    uv = shutil.which("uv")
    tool = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    limits = ["--constraint", str(book)] if constraints else []
    _run([*tool, *limits, "--requirement", str(listed)], root)
    # A requirement of a requirement may have brought FastAPI along.
    _run([str(python), "-m", "pip", "uninstall", "--yes", "fastapi"], root)
    stamp.write_text(wanted)


def _run(command: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SourcesError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout
