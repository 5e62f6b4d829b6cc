"""Who imported `fastapi` before the drop-in was asked for: the text of the refusal.

Python keeps no record of it, so the source of each loaded module is read for the line that imports it; and where such
a module was imported by the program itself, for that line of the program. Modules are told in the order in which they
were done, those that still run first: whoever is named first was most likely the first.
"""

import ast
import sys
from collections.abc import Iterator
from importlib.abc import InspectLoader
from types import FrameType, ModuleType
from typing import Final

_SHOWN: Final = 3
_OURS: Final = ("fastapi", "martlet", "_frozen_importlib")


def told() -> str:
    """Return the message: that it is too late, who was there first, what to do."""
    running = list(dict.fromkeys(_running()))
    asked = [*running, *((name, None) for name in _done(running))]
    found = list(filter(None, (_site(name, line) for name, line in asked)))
    lines = ["martlet.dropin.install() was called too late: fastapi was imported already"]
    lines += [f"  by {site}" for site in found[:_SHOWN]] or ["  by something that has no source"]
    lines += [f"  and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    lines.append("Call it in the first line of the program, before these imports; or start the app with --as-fastapi.")
    return "\n".join(lines)


def _running() -> Iterator[tuple[str, int]]:
    """Yield the modules whose top level is being executed, and the line that each is at, the innermost first."""
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if frame.f_code.co_name == "<module>" and _is_foreign(name):
            yield name, frame.f_lineno
        frame = frame.f_back


def _done(running: list[tuple[str, int]]) -> list[str]:
    # Python puts a module to the end when it is done: behind `fastapi`, if it is what that one was imported for.
    names = list(sys.modules)
    after = names[names.index("fastapi") :]
    still = {name for name, _ in running}
    return [name for name in after if _is_foreign(name) and name not in still]


def _is_foreign(name: str) -> bool:
    return name.partition(".")[0] not in _OURS


def _site(name: str, before: int | None) -> str:
    """Return `module (file.py:3)` for a module that imports `fastapi`, and nothing for others.

    Args:
        name: the module.
        before: a line that the import has to stand above.
    """
    module = sys.modules.get(name)
    text = _source(module) if module is not None else ""
    if module is None or "fastapi" not in text:
        return ""
    for line in _import_lines(text):
        if before is None or line < before:
            return f"{name} ({getattr(module, '__file__', '?')}:{line})"
    return ""


def _source(module: ModuleType) -> str:
    """Return a module's text; nothing where there is none, or none that can be read."""
    loader = getattr(module, "__loader__", None)
    if not isinstance(loader, InspectLoader):
        return ""
    # A module that is run by `python -m` has another name than the one it was found by.
    name = module.__spec__.name if module.__spec__ else module.__name__
    try:
        return loader.get_source(name) or ""
    except (OSError, ImportError):
        return ""


def _import_lines(text: str) -> Iterator[int]:
    """Yield the lines that import `fastapi` or something below it, in order."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        if any(name.partition(".")[0] == "fastapi" for name in names):
            lines.append(node.lineno)
    yield from sorted(lines)
