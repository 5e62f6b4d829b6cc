"""`import fastapi` meaning Martlet, tried in interpreters of their own against a small package named `martlet`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.inside.sitecustomize import VERSION_VARIABLE
from conformance.published import HERE

PACKAGE = {
    "__init__.py": '__version__ = "0.1.0"\n',
    "__main__.py": "from .routing import name\nprint('main', name, __package__, __spec__.name)\n",
    "routing.py": "import martlet.openapi.utils\nname = 'routing'\n",
    "openapi/__init__.py": "",
    "openapi/utils.py": "import fastapi.routing as same\n",
}


@pytest.fixture
def framework(tmp_path: Path) -> Path:
    for name, text in PACKAGE.items():
        module = tmp_path / "martlet" / name
        module.parent.mkdir(exist_ok=True)
        module.write_text(text)
    return tmp_path


def python(framework: Path, *arguments: str, version: str = "0.165.0") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(HERE / "inside"), str(framework)])
    environ = {**os.environ, "PYTHONPATH": path, VERSION_VARIABLE: version}
    return subprocess.run([sys.executable, *arguments], check=False, env=environ, capture_output=True, text=True)


def evaluate(framework: Path, code: str, version: str = "0.165.0") -> str:
    done = python(framework, "-c", code, version=version)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_every_module_is_the_very_same_object(framework: Path) -> None:
    code = (
        "import fastapi.routing, fastapi.openapi.utils, martlet.routing, martlet.openapi.utils as ours\n"
        "import sys; from fastapi import routing\n"
        "print(fastapi is martlet, routing is martlet.routing, fastapi.openapi.utils is ours, ours.same is routing)\n"
    )
    assert evaluate(framework, code) == "True True True True"


def test_modules_keep_their_own_spec(framework: Path) -> None:
    code = "import fastapi.routing as r\nprint(r.__spec__.name, r.__name__, r.__spec__.loader.name)"
    assert evaluate(framework, code) == "martlet.routing martlet.routing martlet.routing"


def test_patching_through_one_name_patches_the_other(framework: Path) -> None:
    code = (
        "from unittest.mock import patch\nimport martlet.routing\n"
        "with patch('fastapi.routing.name', 'patched'):\n    print(martlet.routing.name)"
    )
    assert evaluate(framework, code) == "patched"


def test_the_version_is_the_release_under_test(framework: Path) -> None:
    assert evaluate(framework, "import fastapi; print(fastapi.__version__)") == "0.165.0"


def test_genuine_fastapi_is_out_of_reach(framework: Path) -> None:
    # The package exists in the environment that runs this test, and has `applications`; the small one has not.
    code = (
        "import importlib.util as u\ntry:\n    import fastapi.applications\nexcept ModuleNotFoundError as e:\n"
        "    print(e.name, u.find_spec('fastapi.params'))"
    )
    assert evaluate(framework, code) == "fastapi.applications None"


def test_it_can_be_run_as_a_program(framework: Path) -> None:
    assert python(framework, "-m", "fastapi").stdout.strip() == "main routing fastapi fastapi.__main__"
    covered = python(framework, "-m", "coverage", "run", "--data-file", str(framework / "data"), "-m", "fastapi")
    assert covered.stdout.startswith("main routing")


def test_interpreters_started_by_a_test_inherit_it(framework: Path) -> None:
    inner = "import fastapi; print(fastapi.__name__)"
    code = (
        f"import subprocess, sys; print(subprocess.run([sys.executable, '-c', {inner!r}], capture_output=True).stdout)"
    )
    assert "martlet" in evaluate(framework, code)


def test_nothing_happens_without_a_version(framework: Path) -> None:
    code = "import fastapi; print(fastapi.__name__)"
    assert evaluate(framework, code, version="") == "fastapi"
