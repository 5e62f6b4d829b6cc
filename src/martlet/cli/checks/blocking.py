"""Calls that block the event loop: in coroutines that a request runs, and in the user's functions that these call.

While such a call waits, no other request of the process goes on. What a plain `def` endpoint or dependency calls does
not matter, as it runs in a thread; nor does what is handed to `run_in_threadpool` and the like, as it is not called.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final

from starlette.routing import Route, WebSocketRoute

from martlet._engine.read.callables import Kind, kind_of, unwrap
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.graph import build_graph
from martlet._engine.serve.explain import callable_name
from martlet.cli.checks.blockers import Blocker, blocker_of, blocker_of_method
from martlet.cli.checks.findings import BLOCKING, Finding
from martlet.cli.checks.names import Names, Thing, function_of
from martlet.cli.checks.subject import Subject, parsed
from martlet.cli.frames import is_users
from martlet.cli.looks.places import Place

_ON_THE_LOOP: Final = (Kind.COROUTINE, Kind.ASYNC_GENERATOR)
_DEEPEST: Final = 8

_Function = ast.FunctionDef | ast.AsyncFunctionDef
_OWN_SCOPE: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


def blocking(subject: Subject) -> Iterator[Finding]:
    """Yield calls that block, each once, with the first way that leads to it."""
    seen: set[CodeType] = set()
    for call in _entrances(subject):
        if kind_of(call) in _ON_THE_LOOP:
            function, owner = _function(call)
            yield from _Walk(callable_name(call), seen).follow(function, (), owner)


def _entrances(subject: Subject) -> Iterator[Any]:
    """Yield what a request may run, in the order of the routes."""
    for route in subject.routes:
        dependant = getattr(route, "dependant", None)
        if isinstance(dependant, Dependant):
            yield from (node.call for node in build_graph(dependant).nodes)
        if isinstance(route, Route | WebSocketRoute):
            yield route.endpoint
    for app in subject.fastapi_apps:
        yield from (each.kwargs["dispatch"] for each in app.user_middleware if "dispatch" in each.kwargs)
        yield from app.exception_handlers.values()


def _function(call: Any) -> tuple[FunctionType | None, Any]:
    """Return the Python function behind a callable, and the instance that it is bound to."""
    target = unwrap(call)
    if not isinstance(target, FunctionType) and not hasattr(target, "__func__") and not isinstance(target, type):
        target = getattr(target, "__call__", None)  # noqa: B004 - the method itself is wanted
    function = getattr(target, "__func__", target)
    return (function if isinstance(function, FunctionType) else None), getattr(target, "__self__", None)


@dataclass(frozen=True, slots=True)
class _Walk:
    """The walk through what one callable calls.

    Args:
        entrance: its name.
        seen: whose bodies were looked at already, in this walk or another.
    """

    entrance: str
    seen: set[CodeType]

    def follow(self, function: FunctionType | None, way: tuple[str, ...], owner: Any = None) -> Iterator[Finding]:
        """Yield what blocks in the body of a function, and in those of the user's functions that it calls.

        Args:
            function: the function; None for what is not written in Python.
            way: the names of the functions through which one gets to it.
            owner: the instance that it is a method of, where that is known.
        """
        if function is None or len(way) > _DEEPEST or not is_users(function.__code__.co_filename):
            return
        code = function.__code__
        if code in self.seen:
            return
        self.seen.add(code)
        node = _definitions(code.co_filename).get((code.co_firstlineno, code.co_name))
        if node is None:
            return
        names = Names(function)
        if owner is not None:
            names.bind_self(owner, function)
        for call, is_awaited in _calls(node.body, names):
            called = names.resolve(call.func)
            if called is None:
                continue
            blocker = None if is_awaited else _blocker(called)
            if blocker is not None:
                place = Place(str(Path(code.co_filename).resolve()), call.lineno)
                yield self._finding(blocker, place, ast.unparse(call.func), way)
                continue
            target = function_of(called)
            if target is not None:
                yield from self.follow(target, (*way, target.__qualname__), _owner(called))

    def _finding(self, blocker: Blocker, place: Place, text: str, way: tuple[str, ...]) -> Finding:
        by_way = f", by way of {', '.join(way)}" if way else ""
        verb = "blocks" if blocker.rule is BLOCKING else "slows"
        return Finding(
            blocker.rule,
            place,
            f"{text}() {verb} the event loop in async {self.entrance}{by_way}: {blocker.what}, and so do all requests",
            f"Use {blocker.instead}; or a plain `def` for the endpoint or dependency, which then runs in a thread.",
        )


def _blocker(called: Thing) -> Blocker | None:
    if called.method and called.kind is not None:
        return blocker_of_method(called.kind, called.method)
    return blocker_of(called.value) if called.kind is None else None


def _owner(called: Thing) -> Any:
    return called.value if called.method else None


@lru_cache(maxsize=256)
def _definitions(file: str) -> dict[tuple[int, str], _Function]:
    """Return the functions of a file by the line that their code objects name, which is a decorator's, and name."""
    functions = (node for node in ast.walk(parsed(file)) if isinstance(node, _Function))
    return {(min((node.lineno, *(each.lineno for each in node.decorator_list))), node.name): node for node in functions}


def _calls(body: list[ast.stmt], names: Names) -> Iterator[tuple[ast.Call, bool]]:
    """Yield the calls of a body in the order of its text, and whether they are awaited; names are told on the way."""
    for statement in body:
        yield from _calls_of(statement, names)


def _calls_of(node: ast.AST, names: Names, *, is_awaited: bool = False) -> Iterator[tuple[ast.Call, bool]]:
    if isinstance(node, _OWN_SCOPE):
        return
    if isinstance(node, ast.Import | ast.ImportFrom):
        names.take_import(node)
        return
    for child in _in_order(node):
        yield from _calls_of(child, names, is_awaited=isinstance(node, ast.Await))
    if isinstance(node, ast.Call):
        yield node, is_awaited
    _assign(node, names)


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of a node as they run: what is assigned before what it is assigned to."""
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Assign | ast.AnnAssign):
        children.sort(key=lambda child: child is not node.value)
    yield from children


def _assign(node: ast.AST, names: Names) -> None:
    """Take in what a node gives a name to."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        names.set(node.targets[0].id, names.resolve(node.value))
    elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        kind = names.resolve(node.annotation)
        is_class = kind is not None and kind.kind is None and isinstance(kind.value, type)
        names.set(node.target.id, Thing(None, kind.value) if kind is not None and is_class else None)
    elif isinstance(node, ast.withitem) and isinstance(node.optional_vars, ast.Name):
        names.set(node.optional_vars.id, names.resolve(node.context_expr))
