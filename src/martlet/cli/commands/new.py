"""`martlet new NAME`: a small project that runs, is tested, and can be put into a container as it is."""

import os
import re
import sys
from argparse import Namespace
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from keyword import iskeyword
from pathlib import Path
from string import Template
from typing import Final

from martlet.cli.arguments import Parser
from martlet.cli.console import Console
from martlet.cli.failures import ExitCode, ProjectFailure

_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*([._-][A-Za-z0-9]+)*")

# What a package of the project must not hide from itself.
_TAKEN: Final = frozenset(
    {"anyio", "fastapi", "httpx2", "martlet", "pydantic", "pytest", "src", "starlette", "tests", "uvicorn"}
)

_FILES: Final[Mapping[str, str]] = {
    ".dockerignore": "dockerignore.txt",
    ".gitignore": "gitignore.txt",
    "Dockerfile": "Dockerfile.txt",
    "README.md": "README.md.txt",
    "pyproject.toml": "pyproject.toml.txt",
    "src/$package/__init__.py": "init.py.txt",
    "src/$package/main.py": "main.py.txt",
    "tests/test_main.py": "test_main.py.txt",
}


def configure(parser: Parser) -> None:
    """Declare the arguments."""
    parser.add_argument("name", metavar="NAME", help="The name, or the path of a folder that does not exist yet.")


def run(arguments: Namespace) -> int:
    """Make the project and say what to do next.

    Raises:
        ProjectFailure: the name is none, the folder is not empty, or nothing can be written there.
    """
    folder = Path(arguments.name)
    words = _words(folder.resolve().name)
    _check_empty(folder)
    try:
        _write(folder, words)
    except OSError as error:
        raise ProjectFailure(
            f"Cannot write {error.filename or folder}", details=(error.strerror or str(error),)
        ) from None
    console = Console()
    console.line(f"Made {words['name']} in {folder}: an app, its tests, a Dockerfile.")
    console.line("Next:")
    if folder.resolve() != Path.cwd():
        console.line(f"  cd {_quoted(str(folder))}")
    console.line("  martlet dev")
    if find_spec("pytest") is None:
        console.line("  pip install pytest")
    console.line("  python -m pytest")
    return ExitCode.OK


def _words(name: str) -> dict[str, str]:
    """Return what is filled into the templates."""
    if not _NAME.fullmatch(name):
        meant = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-0123456789").lower()
        raise ProjectFailure(
            f"{name!r} cannot be the name of a project",
            details=("A name has letters and digits, begins with a letter, and may have - . _ in between.",),
            advice=f"Try: martlet new {meant}" if meant else "Try: martlet new bookshop",
        )
    package = re.sub(r"[.-]", "_", name).lower()
    if iskeyword(package) or package in _TAKEN or package in sys.stdlib_module_names:
        why = (
            f"{package} is a word of Python's own, and cannot be imported."
            if iskeyword(package)
            else f"Its package {package} would hide the one of Python, or of a library, that has this name."
        )
        raise ProjectFailure(
            f"A project cannot be called {name!r}",
            details=(why,),
            advice=f"Try: martlet new {name}-api",
        )
    title = re.sub(r"[._-]", " ", name)
    title = title[0].upper() + title[1:]
    return {"name": name, "package": package, "title": title, "version": import_module("martlet").__version__}


def _check_empty(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise ProjectFailure(f"The folder {folder} is not empty", advice="Take another name.")
    if folder.exists() and not folder.is_dir():
        raise ProjectFailure(f"{folder} is a file", advice="Take another name.")


def _write(folder: Path, words: Mapping[str, str]) -> None:
    templates = files("martlet.cli.starter")
    for path, template in _FILES.items():
        file = folder / Template(path).substitute(words)
        file.parent.mkdir(parents=True, exist_ok=True)
        text = templates.joinpath(template).read_text(encoding="utf-8")
        file.write_text(Template(text).substitute(words), encoding="utf-8")


def _quoted(path: str) -> str:
    """Return a path as shells want it."""
    if os.name == "nt":
        return f'"{path}"' if " " in path else path
    from shlex import quote  # noqa: PLC0415 - for paths with spaces and the like

    return quote(path)
