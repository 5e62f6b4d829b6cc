"""What the user's code raised while it was imported or started, said in a few lines: where, what, what was meant.

Python's own message comes first; what it does not say is guessed from what there is: names of a module for an import
that fails, modules that are installed for one that is missing.
"""

import sys
from collections.abc import Iterable
from difflib import get_close_matches
from pkgutil import iter_modules
from typing import Final

from martlet.cli.discover import Target
from martlet.cli.failures import FactoryFailure, ImportFailure, LifespanFailure
from martlet.cli.frames import interpreter, last_place

# Modules whose package is called otherwise.
_PACKAGES: Final = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "dotenv": "python-dotenv",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "multipart": "python-multipart",
    "pydantic_settings": "pydantic-settings",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
}


# What Python says where a lifespan returns something that `async with` does not take.
_NO_CONTEXT: Final = "asynchronous context manager protocol"
_LIFESPAN: Final = (
    "A lifespan takes the app and yields once: write @asynccontextmanager above `async def`, and a yield in it."
)


def of_import(error: BaseException, target: Target) -> ImportFailure:
    """Return the failure for what was raised while the module of the target was imported."""
    return ImportFailure(f"Cannot import {target.module}", details=_lines(error), advice=_advice(error))


def of_factory(error: BaseException, target: Target) -> FactoryFailure:
    """Return the failure for what was raised by the function that makes the app."""
    return FactoryFailure(f"{target}() fails", details=_lines(error), advice=_advice(error))


def of_lifespan(error: BaseException, target: Target) -> LifespanFailure:
    """Return the failure for what was raised while the app was started."""
    advice = _LIFESPAN if isinstance(error, TypeError) and _NO_CONTEXT in str(error) else ()
    return LifespanFailure(f"{target} does not start: its lifespan fails", details=_lines(error), advice=advice)


def _lines(error: BaseException) -> list[str]:
    place = last_place(error)
    # (where the module that was named is none, no line of a file asked for it: Python's own import did)
    lines = [] if place is None or place.filename.startswith("<frozen ") else [f"{place}   {place.text}".rstrip()]
    return lines + _said(error)


def _said(error: BaseException) -> list[str]:
    """Return what the exception says: its message alone where it speaks for itself, else with its class."""
    if isinstance(error, ImportError):
        message = str(error)
        meant = _meant(error)
        return [f"{message}: did you mean {meant!r}?" if meant else message]
    if isinstance(error, SystemExit):
        return [f"The module ends the process: SystemExit({error.code!r})"]
    if isinstance(error, SyntaxError):
        return [f"{type(error).__name__}: {error.msg}"]
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    first, *others = f"{name}: {error}".rstrip(": ").splitlines()
    meant = _meant_name(error)
    return [f"{first}: did you mean {meant!r}?" if meant else first, *others, *getattr(error, "__notes__", ())]


def _meant_name(error: BaseException) -> str | None:
    """Return the name that was probably meant where a variable or an attribute is not there."""
    if isinstance(error, NameError) and error.name:
        place = last_place(error)
        frame = place.frame if place else None
        known = {**frame.f_builtins, **frame.f_globals, **frame.f_locals} if frame else {}
        return _closest(error.name, known)
    if isinstance(error, AttributeError) and error.name and error.obj is not None:
        return _closest(error.name, dir(error.obj))
    return None


def _meant(error: ImportError) -> str | None:
    """Return the name that was probably meant by an import that fails."""
    if isinstance(error, ModuleNotFoundError):
        parent, _, last = (error.name or "").rpartition(".")
        found = _closest(last, _submodules(parent) if parent else _modules())
        return f"{parent}.{found}" if found and parent else found
    wanted = getattr(error, "name_from", None) or _quoted(error)
    module = sys.modules.get(error.name or "")
    names = [] if module is None else [*dir(module), *getattr(module, "__all__", ())]
    return _closest(wanted, names)


def _quoted(error: ImportError) -> str:
    """Return the name that could not be imported; Python 3.11 says it in the message only."""
    parts = str(error).split("'")
    return parts[1] if len(parts) > 1 else ""


def _closest(name: str, names: Iterable[str]) -> str | None:
    return next(iter(get_close_matches(name, [other for other in names if other != name], n=1, cutoff=0.7)), None)


def _modules() -> set[str]:
    return {module.name for module in iter_modules()} | sys.stdlib_module_names


def _submodules(package: str) -> set[str]:
    module = sys.modules.get(package)
    return {found.name for found in iter_modules(getattr(module, "__path__", ()))}


def _advice(error: BaseException) -> list[str]:
    name = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if not name or name in sys.modules or _meant_module(error):
        return []
    if name == "fastapi":
        return ["FastAPI is not installed. Martlet can take its place: add --as-fastapi"]
    return [f"If it is a package: {interpreter()} -m pip install {_PACKAGES.get(name, name)}"]


def _meant_module(error: BaseException) -> bool:
    return isinstance(error, ModuleNotFoundError) and _meant(error) is not None
