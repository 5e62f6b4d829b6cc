"""Which app is meant: from the arguments, from `pyproject.toml`, or from where apps usually are.

Nothing is imported here; `load` does that. The rules are those of FastAPI's command line (0.0.34), and more: folders
below `src`, a module's name in the place of its path, a folder to look in. What is said on the command line wins over
`[tool.martlet]`, that over `[tool.fastapi]`, that over the usual places.
"""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, Final, Literal

from martlet.cli.failures import NothingFoundFailure, PathFailure, SettingsFailure, UsageFailure

USUAL_NAMES: Final = ("main.py", "app.py", "api.py")

Origin = Literal["the command line", "--entrypoint", "pyproject.toml", "the usual places"]

_SETTINGS: Final[Mapping[str, type]] = {"entrypoint": str}


@dataclass(frozen=True, slots=True)
class Target:
    """An app that has not been imported yet.

    Args:
        module: the module's full name.
        folder: what has to be in `sys.path` for it.
        name: the app's name in the module; None to look for it.
        factory: the name is that of a function that makes the app.
        origin: what said so.
    """

    module: str
    folder: Path
    name: str | None = None
    factory: bool = False
    origin: Origin = "the command line"

    def __str__(self) -> str:
        return self.module if self.name is None else f"{self.module}:{self.name}"


def find(arguments: Namespace, *, here: Path | None = None) -> Target:
    """Return the app that is meant.

    Args:
        arguments: what was said on the command line, where `arguments.add_app` declared it.
        here: where to look; the current folder unless given.

    Raises:
        UsageFailure: two things are said that contradict each other, or an import string is none.
        PathFailure: there is no such file, folder or module.
        SettingsFailure: `pyproject.toml` cannot be read.
        NothingFoundFailure: nothing is said, and there is nothing to be found.
    """
    here = Path.cwd() if here is None else here
    name: str | None = arguments.app
    if arguments.entrypoint and (arguments.path or name):
        raise UsageFailure("Cannot use --entrypoint together with path or --app arguments")
    if arguments.entrypoint:
        return _imported(arguments.entrypoint, here, arguments.factory, "--entrypoint")
    if arguments.path:
        return _named(arguments.path, here, name, factory=arguments.factory)
    entrypoint = None if name else settings(here).get("entrypoint")
    if entrypoint:
        return _imported(entrypoint, here, arguments.factory, "pyproject.toml")
    for path in _usual_places(here):
        return _of_file(path, name, factory=arguments.factory, origin="the usual places")
    raise NothingFoundFailure(
        "Could not find a default file to run, please provide an explicit path",
        details=(f"looked in {here}", "for main.py, app.py, api.py, the same in app/, src/ and src/*/"),
        advice=("Name the file as the last argument: path/to/file.py", "Or make a project: martlet new bookshop"),
    )


def settings(here: Path) -> dict[str, Any]:
    """Return what the `pyproject.toml` of a folder says about the command line.

    `[tool.fastapi]` is read for what `[tool.martlet]` does not say; what it says beyond that is not ours to judge.

    Raises:
        SettingsFailure: it is no TOML, or a setting is unknown or of a wrong type.
    """
    path = here / "pyproject.toml"
    if not path.is_file():
        return {}
    import tomllib  # noqa: PLC0415 - most folders have one, but not all

    try:
        tools: dict[str, Any] = tomllib.loads(path.read_text("utf-8")).get("tool", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsFailure("Cannot read pyproject.toml", details=(f"{path}: {error}",)) from None
    ours: dict[str, Any] = tools.get("martlet", {})
    for key in ours:
        if key not in _SETTINGS:
            meant = get_close_matches(key, list(_SETTINGS), n=1)
            hint = f" Did you mean {meant[0]!r}?" if meant else ""
            raise SettingsFailure(
                f"[tool.martlet] in pyproject.toml has no setting {key!r}.{hint}", details=(str(path),)
            )
    theirs = {key: value for key, value in tools.get("fastapi", {}).items() if key in _SETTINGS}
    said = {**theirs, **ours}
    for key, value in said.items():
        if not isinstance(value, _SETTINGS[key]):
            raise SettingsFailure(
                "Invalid configuration in pyproject.toml:",
                details=(f"{key}: Input should be a valid string, not {value!r}", str(path)),
                advice=f'Write for example: {key} = "bookshop.main:app"',
            )
    return said


def _usual_places(here: Path) -> Iterator[Path]:
    source = here / "src"
    packages = sorted(path for path in source.iterdir() if path.is_dir()) if source.is_dir() else []
    for folder in (here, here / "app", source, *packages):
        yield from (path for name in USUAL_NAMES if (path := folder / name).is_file())


def _imported(text: str, here: Path, factory: bool, origin: Origin) -> Target:
    module, _, name = text.partition(":")
    if not module or not name:
        raise UsageFailure(
            "Import string must be in the format module.submodule:app_name",
            details=(f"{origin} says {text!r}",),
            advice="Write for example: bookshop.main:app",
        )
    return Target(module, _folder_of(module, here), name, factory, origin)


def _named(text: str, here: Path, name: str | None, *, factory: bool) -> Target:
    """Return the target for a path, a module, or either with a name behind it."""
    path = here / text
    left, colon, right = text.rpartition(":")
    if colon and right.isidentifier() and not path.exists():
        if name is not None:
            raise UsageFailure(f"The app is named twice: {right!r} in {text!r}, and {name!r} by --app")
        text, path, name = left, here / left, right
    if path.is_dir():
        return _of_folder(path, name, factory=factory)
    if path.exists():
        return _of_file(path, name, factory=factory)
    is_module = all(part.isidentifier() for part in text.split(".")) and not text.endswith(".py")
    if is_module and _exists(text, folder := _folder_of(text, here)):
        return Target(text, folder, name, factory)
    raise PathFailure(
        f"Path does not exist {text}",
        details=_similar(path, here),
        advice="Name a file, a folder, or a module, as they are seen from the current folder.",
    )


def _of_folder(path: Path, name: str | None, *, factory: bool) -> Target:
    if (path / "__init__.py").is_file():
        return _of_file(path / "__init__.py", name, factory=factory)
    for usual in _usual_places(path):
        return _of_file(usual, name, factory=factory)
    raise NothingFoundFailure(
        f"There is no app in the folder {path.name}",
        details=(f"looked in {path}", "for __init__.py, main.py, app.py, api.py, the same in app/, src/ and src/*/"),
        advice="Name the file: path/to/file.py",
    )


def _of_file(path: Path, name: str | None, *, factory: bool, origin: Origin = "the command line") -> Target:
    """Return the target for a file: its module's name begins at the outermost folder that is a package."""
    path = path.resolve()
    if path.suffix != ".py" or "." in path.stem:
        raise PathFailure(
            f"{path.name} cannot be imported: it is no Python file with a plain name", details=(str(path),)
        )
    parts = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return Target(".".join(parts), folder, name, factory, origin)


def _folder_of(module: str, here: Path) -> Path:
    top = module.partition(".")[0]
    return here / "src" if _exists(top, here / "src") and PathFinder.find_spec(top, [str(here)]) is None else here


def _exists(module: str, folder: Path) -> bool:
    """Return whether the outermost package of a module is in a folder, or installed."""
    top = module.partition(".")[0]
    return PathFinder.find_spec(top, [str(folder)]) is not None or (
        folder.name != "src" and PathFinder.find_spec(top) is not None
    )


def _similar(path: Path, here: Path) -> tuple[str, ...]:
    """Return a guess at the path that was meant, among the neighbours of one that is not there."""
    if not path.parent.is_dir():
        return (f"there is no folder {path.parent}",)
    names = [other.name for other in path.parent.iterdir() if other.suffix == ".py" or other.is_dir()]
    meant = get_close_matches(path.name, names, n=1)
    return (f"did you mean {_shown(path.parent / meant[0], here)}?",) if meant else ()


def _shown(path: Path, here: Path) -> str:
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)
