"""The apps of `apps/`, made by Martlet and by genuine FastAPI from one source text."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import fastapi

import martlet

APPS = Path(__file__).parent / "apps"
NAMES = sorted(path.stem for path in APPS.glob("*.py") if path.stem not in {"models", "__init__"})


def martlet_apps(name: str) -> dict[str, martlet.FastAPI]:
    """Return the apps of one module by the names of its variables, made anew."""
    return {key: app for key, app in _executed(name, "martlet").items() if isinstance(app, martlet.FastAPI)}


def fastapi_apps(name: str) -> dict[str, fastapi.FastAPI]:
    """Return the same apps as genuine FastAPI makes them."""
    return {key: app for key, app in _executed(name, "fastapi").items() if isinstance(app, fastapi.FastAPI)}


def _executed(name: str, framework: str) -> dict[str, Any]:
    """Return the variables of a module that imports `framework` where its text says `martlet`.

    It stands in `sys.modules` while it is executed, for pydantic looks annotations up there.
    """
    path = APPS / f"{name}.py"
    module = ModuleType(f"tests.engine.describe.apps.{name}")
    module.__file__ = str(path)
    text = path.read_text().replace("from martlet", f"from {framework}")
    before = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        exec(compile(text, path, "exec"), vars(module))
    finally:
        if before is None:
            del sys.modules[module.__name__]
        else:
            sys.modules[module.__name__] = before
    return vars(module)


def differences(expected: Any, found: Any, where: str = "") -> Iterator[str]:
    """Yield what differs between two documents, the order of keys and the types of values included."""
    if type(expected) is not type(found):
        yield f"{where}: {expected!r} became {found!r}"
    elif isinstance(expected, dict):
        if list(expected) != list(found):
            yield f"{where}: keys {list(expected)} became {list(found)}"
        for key in expected.keys() & found.keys():
            yield from differences(expected[key], found[key], f"{where}/{key}")
    elif isinstance(expected, list):
        if len(expected) != len(found):
            yield f"{where}: {expected!r} became {found!r}"
        for index, (one, other) in enumerate(zip(expected, found, strict=False)):
            yield from differences(one, other, f"{where}/{index}")
    elif expected != found:
        yield f"{where}: {expected!r} became {found!r}"
