"""Where the suite comes from: FastAPI's source distribution and an environment to run it in.

Both live in a cache outside the repository (`$XDG_CACHE_HOME/martlet-conformance`, else under `~/.cache`) and are
made once. The archive comes through pip, so pip's own configuration says from which index; its SHA-256 is
checked before anything is unpacked. The environment gets what FastAPI's own CI installs for its tests, except
FastAPI itself: in there, `fastapi` is either Martlet or the unpacked genuine package, never an installed one.
"""

import hashlib
import os
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

RELEASE = "0.165.0"
SHA256 = "dd94d4128319c1e1d50535ab023ab698f850a4d2822f0e181747b46f4ff3c0ab"
GROUP = "tests"
EXTRA = "all"
HERE = Path(__file__).parent
CONSTRAINTS = HERE / "constraints.txt"


class SourcesError(RuntimeError):
    """The suite or its environment could not be had; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The places a run needs.

    Args:
        tree: the unpacked distribution without its `fastapi` package; the suite runs in this directory.
        genuine: the directory that holds the distribution's own `fastapi` package.
        python: the interpreter of the environment.
    """

    tree: Path
    genuine: Path
    python: Path


def cache_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Say where the cache is, by the XDG base directory rules."""
    base = environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "martlet-conformance"


def prepare(root: Path | None = None) -> Sources:
    """Make whatever of the cache is missing and return its places."""
    root = cache_root() if root is None else root
    root.mkdir(parents=True, exist_ok=True)
    python = _environment(root / f"venv-{sys.version_info.major}.{sys.version_info.minor}")
    tree, genuine = root / f"fastapi-{RELEASE}", root / f"genuine-{RELEASE}"
    if not (tree.is_dir() and genuine.is_dir()):
        _unpack(_archive(root, python), tree, genuine)
    _install(root, python, _requirements(tree / "pyproject.toml"))
    return Sources(tree=tree, genuine=genuine, python=python)


def freeze(sources: Sources) -> None:
    """Record the environment's versions in `constraints.txt`: those that genuine FastAPI was seen to pass with."""
    listed = _run([str(sources.python), "-m", "pip", "freeze"], sources.tree)
    CONSTRAINTS.write_text(f"# What genuine FastAPI {RELEASE} was tried with. Written by --genuine --update.\n{listed}")


def check_digest(archive: Path, expected: str = SHA256) -> None:
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


def _requirements(pyproject: Path) -> list[str]:
    project = tomllib.loads(pyproject.read_text())
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"][EXTRA]]
    return list(dict.fromkeys([*wanted, *group_requirements(project, GROUP)]))


def _environment(place: Path) -> Path:
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True, clear=True)
    return python


def _archive(root: Path, python: Path) -> Path:
    archive = root / f"fastapi-{RELEASE}.tar.gz"
    if not archive.exists():
        wanted = ["--no-deps", "--no-binary", "fastapi", f"fastapi=={RELEASE}"]
        _run([str(python), "-m", "pip", "download", *wanted], root)
    check_digest(archive)
    return archive


def _unpack(archive: Path, tree: Path, genuine: Path) -> None:
    staging = archive.with_suffix(".unpacking")
    for leftover in (staging, tree, genuine):
        shutil.rmtree(leftover, ignore_errors=True)
    with tarfile.open(archive) as packed:
        packed.extractall(staging, filter="data")
    unpacked = staging / f"fastapi-{RELEASE}"
    # The package leaves the tree: tests run in the tree's root, where a plain `import fastapi` would find it.
    genuine.mkdir()
    (unpacked / "fastapi").rename(genuine / "fastapi")
    # Packages that ask for FastAPI's version read installed metadata: this directory is on the path in every run.
    metadata = unpacked / "metadata" / f"fastapi-{RELEASE}.dist-info"
    metadata.mkdir(parents=True)
    shutil.copy(unpacked / "PKG-INFO", metadata / "METADATA")
    unpacked.rename(tree)
    shutil.rmtree(staging)


def _install(root: Path, python: Path, requirements: Sequence[str]) -> None:
    constraints = CONSTRAINTS.read_text() if CONSTRAINTS.exists() else ""
    stamp = python.parents[1] / "installed"
    wanted = "\n".join([*requirements, constraints])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    listed = root / "requirements.txt"
    listed.write_text("\n".join(requirements) + "\n")
    uv = shutil.which("uv")
    tool = [uv, "pip", "install", "--python", str(python)] if uv else [str(python), "-m", "pip", "install"]
    limits = ["--constraint", str(CONSTRAINTS)] if constraints else []
    _run([*tool, *limits, "--requirement", str(listed)], root)
    # A requirement of a requirement may have brought FastAPI along.
    _run([str(python), "-m", "pip", "uninstall", "--yes", "fastapi"], root)
    stamp.write_text(wanted)


def _run(command: Sequence[str], cwd: Path) -> str:
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        raise SourcesError(f"`{' '.join(command)}` failed:\n{done.stdout}{done.stderr}")
    return done.stdout
