"""What the names in a function's body mean, found out by looking the objects up rather than by how they are spelt.

A name is a local one (an import, an annotated parameter, something that a class or a function with an annotated result
was called for), one that the function closes over, or one of its module. What stays unknown is None: nothing is run to
find it out, and no attribute of an instance is read but what is in its `__dict__`.
"""

import ast
import builtins
import inspect
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from types import BuiltinFunctionType, BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import Annotated, Any, Final, get_args, get_origin

from martlet._engine.read.callables import parameters_of, return_annotation
from martlet.cli.checks.blockers import ROOTS

_NAMED: Final = (FunctionType, BuiltinFunctionType, BuiltinMethodType, MethodType)


@dataclass(frozen=True, slots=True)
class Thing:
    """What a name or an expression means: an object itself, or an instance of a class, or a method of one.

    Args:
        value: the object, where that is known.
        kind: the class of the instance.
        method: the name of its method; empty for the instance itself.
    """

    value: Any = None
    kind: type | None = None
    method: str = ""


Local = Thing | None
"""A local name; None for one of which nothing is known, which hides the module's of that name all the same."""


def thing_of(value: Any) -> Thing:
    """Return an object as a Thing: modules, classes and functions as themselves, others as instances."""
    if isinstance(value, (ModuleType, type, *_NAMED)):
        return Thing(value)
    return Thing(value, type(value))


class Names:
    """The names that a function's body can use.

    Args:
        function: the function.
    """

    def __init__(self, function: FunctionType) -> None:
        closed = inspect.getclosurevars(function)
        self._outer: Mapping[str, Any] = {**vars(builtins), **function.__globals__, **closed.nonlocals}
        self._locals: dict[str, Local] = dict.fromkeys(function.__code__.co_varnames)
        for parameter in _parameters(function):
            self._locals[parameter.name] = _instance(parameter.annotation)

    def set(self, name: str, thing: Local) -> None:
        """Say what a local name means from here on."""
        self._locals[name] = thing

    def bind_self(self, owner: Any, function: FunctionType) -> None:
        """Say what the first parameter of a method is."""
        self._locals.update(dict.fromkeys(function.__code__.co_varnames[:1], thing_of(owner)))

    def take_import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Take in an import inside the function."""
        for alias in node.names:
            if isinstance(node, ast.Import):
                whole, first = _module(alias.name), alias.name.partition(".")[0]
                module = whole if alias.asname else _module(first)
                self.set(alias.asname or first, None if module is None else Thing(module))
            else:
                module = None if node.level else _module(node.module or "")
                value = getattr(module, alias.name, None)
                self.set(alias.asname or alias.name, None if value is None else thing_of(value))

    def resolve(self, node: ast.expr) -> Thing | None:
        """Return what an expression means; None where that is not known."""
        handler = _EXPRESSIONS.get(type(node))
        return None if handler is None else handler(self, node)

    def _name(self, node: ast.Name) -> Thing | None:
        if node.id in self._locals:
            return self._locals[node.id]
        return thing_of(self._outer[node.id]) if node.id in self._outer else None

    def _attribute(self, node: ast.Attribute) -> Thing | None:
        base = self.resolve(node.value)
        if base is None:
            return None
        if base.kind is None:
            found = getattr(base.value, node.attr, None) if isinstance(base.value, ModuleType | type) else None
            return None if found is None else thing_of(found)
        if base.method:
            return None
        held = getattr(base.value, "__dict__", {}).get(node.attr)
        return thing_of(held) if held is not None else Thing(base.value, base.kind, node.attr)

    def _call(self, node: ast.Call) -> Thing | None:
        called = self.resolve(node.func)
        if called is None:
            return None
        if isinstance(called.value, type) and called.kind is None:
            return Thing(None, called.value)
        made = getattr(called.value, "class_", None) if called.kind is not None and not called.method else None
        if isinstance(made, type):  # SQLAlchemy's sessionmaker says so what it makes
            return Thing(None, made)
        function = function_of(called)
        return None if function is None else _instance(_returned(function))

    def _await(self, node: ast.Await) -> Thing | None:
        return self.resolve(node.value)


_EXPRESSIONS: Final[Mapping[type[ast.expr], Callable[[Names, Any], Thing | None]]] = {
    ast.Name: Names._name,
    ast.Attribute: Names._attribute,
    ast.Call: Names._call,
    ast.Await: Names._await,
}


def _module(name: str) -> ModuleType | None:
    """Return a module that the program has imported, or one of those whose functions block, which it would import."""
    if name not in sys.modules and name.partition(".")[0] in ROOTS:
        with suppress(ImportError):
            import_module(name)
    return sys.modules.get(name)


def function_of(called: Thing) -> FunctionType | None:
    """Return the Python function that a call of something runs; None where there is none."""
    value = called.value
    if called.method:
        value = inspect.getattr_static(called.kind, called.method, None)
    elif called.kind is None and isinstance(value, type):
        value = inspect.getattr_static(value, "__init__", None)
    elif called.kind is not None:
        value = inspect.getattr_static(called.kind, "__call__", None)
    value = getattr(value, "__func__", value)
    return value if isinstance(value, FunctionType) else None


def _parameters(function: FunctionType) -> list[inspect.Parameter]:
    try:
        return parameters_of(function)
    except (TypeError, ValueError, NameError, SyntaxError, AttributeError):  # annotations that cannot be evaluated
        return []


def _returned(function: FunctionType) -> Any:
    try:
        return return_annotation(function)
    except (TypeError, ValueError, NameError, SyntaxError, AttributeError):
        return None


def _instance(annotation: Any) -> Local:
    """Return an instance of what an annotation says, where that is a class."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    is_class = isinstance(annotation, type) and annotation is not inspect.Parameter.empty
    return Thing(None, annotation) if is_class else None
