"""What is checked: an app, the apps mounted in it, and the files of the user's modules that were imported with it."""

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from starlette.routing import BaseRoute

from martlet._engine.declare.flatten import flat_routes
from martlet.applications import FastAPI
from martlet.cli.frames import is_users
from martlet.cli.looks.listing import mounted
from martlet.cli.looks.places import NOWHERE, Place


@dataclass(frozen=True)
class Subject:
    """An app under check.

    Args:
        app: the app.
        module: the name of the module that it is in.
    """

    app: FastAPI
    module: str

    @cached_property
    def apps(self) -> tuple[Any, ...]:
        """The app, and what is mounted in it and has routes: other apps and routers, each once."""
        found: dict[int, Any] = {}
        waiting: list[Any] = [self.app]
        while waiting:
            app = waiting.pop(0)
            if id(app) not in found:
                found[id(app)] = app
                below = (mounted(route) for route in flat_routes(app.routes))
                waiting.extend(each for each in below if each is not None)
        return tuple(found.values())

    @property
    def fastapi_apps(self) -> tuple[FastAPI, ...]:
        """Those of them that are apps of ours, with settings."""
        return tuple(app for app in self.apps if isinstance(app, FastAPI))

    @property
    def routes(self) -> Iterator[BaseRoute]:
        """All routes of all of them."""
        for app in self.apps:
            yield from flat_routes(app.routes)

    @cached_property
    def files(self) -> tuple[str, ...]:
        """The files of the user's modules, below here or where the app is; that of the app's module comes first."""
        own = getattr(sys.modules.get(self.module), "__file__", None)
        files = (own, *(getattr(module, "__file__", None) for module in list(sys.modules.values())))
        roots = (Path.cwd(), *(Path(file).resolve().parent for file in (own,) if file))
        users = (file for file in files if file and file.endswith(".py") and is_users(file))
        return tuple(dict.fromkeys(file for file in users if any(map(Path(file).resolve().is_relative_to, roots))))

    def call_of(self, name: str, keyword: str | None = None) -> Place:
        """Return where something is called, or handed to a call, by a name; the app's module where that is not found.

        Args:
            name: the name, without what stands before its last dot.
            keyword: a keyword that the call must have.
        """
        return self._place(call for call in self._calls(name) if keyword is None or _keyword(call[1], keyword))

    def call_of_app(self, app: FastAPI) -> Place:
        """Return where an app is made: of several calls of its class, the one with its title."""
        name = type(app).__name__
        own = next((call for call in self._calls(name) if _title(call[1]) == app.title), None)
        return self._place(self._calls(name) if own is None else iter((own,)))

    def _calls(self, name: str) -> Iterator[tuple[str, ast.Call]]:
        for file in self.files:
            for node in ast.walk(parsed(file)):
                if isinstance(node, ast.Call) and name in map(_last, (node.func, *node.args)):
                    yield file, node

    def _place(self, calls: Iterator[tuple[str, ast.Call]]) -> Place:
        for file, call in calls:
            return Place(str(Path(file).resolve()), call.lineno)
        return Place(self.files[0]) if self.files else NOWHERE


@lru_cache(maxsize=1024)
def parsed(file: str) -> ast.Module:
    """Return a file as a tree; an empty one where it was changed or deleted since it was imported."""
    try:
        return ast.parse(Path(file).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return ast.Module([], [])


def _last(node: ast.expr) -> str | None:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else None


def _keyword(call: ast.Call, name: str) -> ast.keyword | None:
    return next((each for each in call.keywords if each.arg == name), None)


def _title(call: ast.Call) -> object:
    """Return the title that a call gives; the class's own name, which is the default, where it gives none."""
    said = _keyword(call, "title")
    if said is None:
        return _last(call.func)
    return said.value.value if isinstance(said.value, ast.Constant) else None
