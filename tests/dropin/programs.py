"""Programs that install the drop-in, each in an interpreter of its own, as it stays, and this one is the oracle's."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from martlet.dropin import VARIABLE

INSTALL = "import martlet.dropin\nmartlet.dropin.install()\n"


def python(
    *arguments: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python with warnings as errors and return how it ended."""
    given = {name: value for name, value in os.environ.items() if name != VARIABLE}
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        check=False,
        cwd=cwd,
        env={**given, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=50,
    )


def printed(code: str, cwd: Path | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return what a program prints."""
    done = python("-c", code, cwd=cwd, environ=environ)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def without_fastapi() -> str:
    """Return the beginning of a program that finds the packages of this environment, FastAPI apart."""
    return (
        "import importlib.metadata, importlib.machinery, sys\n"
        "class Without(importlib.machinery.PathFinder):\n"
        "    @classmethod\n"
        "    def find_spec(cls, name, path=None, target=None):\n"
        "        if name != 'fastapi':\n"
        "            return importlib.machinery.PathFinder.find_spec(name, path, target)\n"
        "    @classmethod\n"
        "    def find_distributions(cls, context=importlib.metadata.DistributionFinder.Context()):\n"
        "        found = importlib.metadata.MetadataPathFinder.find_distributions(context)\n"
        "        return (each for each in found if each.metadata['Name'] != 'fastapi')\n"
        "at = sys.meta_path.index(importlib.machinery.PathFinder)\n"
        "sys.meta_path[at] = Without\n"
    )
