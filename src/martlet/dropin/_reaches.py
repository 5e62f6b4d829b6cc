"""Which names below `fastapi` a Python file uses, found in its syntax tree: nothing is imported.

Followed are imports, and attributes of what was imported: `import fastapi.routing as r`, then `r.request_response`.
The text of a call such as `wrap("fastapi.routing", "serialize_response")` counts too, since that is how instrumentation
replaces functions. What is looked up on an instance, or by a computed name, cannot be seen here.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_DOTTED: Final = re.compile(r"fastapi(\.\w+)+")
_INSTALL: Final = "martlet.dropin.install"
_UNFAILING: Final = frozenset({"ImportError", "ModuleNotFoundError", "AttributeError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Use:
    """A name and how it is used.

    Args:
        name: the dotted name, from `fastapi` on.
        line: the first line that does.
        guarded: whether all its uses are inside a `try` that outlives its absence, or for type checkers only.
        replaced: whether it is assigned to.
    """

    name: str
    line: int
    guarded: bool
    replaced: bool


@dataclass(frozen=True, slots=True)
class Uses:
    """What a file uses.

    Args:
        names: each name once, in the order of their lines.
        installs: whether it calls `martlet.dropin.install`.
    """

    names: tuple[Use, ...]
    installs: bool


def uses(tree: ast.Module) -> Uses:
    """Return the names below `fastapi` that a file uses."""
    reader = _Reader()
    reader.visit(tree)
    names: dict[str, Use] = {}
    for use in sorted(reader.found, key=lambda each: each.line):
        known = names.get(use.name, use)
        names[use.name] = Use(
            use.name, known.line, known.guarded and use.guarded, replaced=known.replaced or use.replaced
        )
    return Uses(tuple(each for each in names.values() if each.name.startswith("fastapi")), _INSTALL in names)


class _Reader(ast.NodeVisitor):
    """Walks a file and notes what it finds, and under which names it was imported."""

    def __init__(self) -> None:
        self.found: list[Use] = []
        self.bound: dict[str, str] = {}
        self.guarded = False

    def note(self, name: str, node: ast.expr | ast.stmt, *, replaced: bool = False) -> None:
        """Keep a use of a name."""
        self.found.append(Use(name, node.lineno, self.guarded, replaced))

    def visit_Try(self, node: ast.Try) -> None:
        """Walk the part that may fail as guarded, if somebody catches that; an `except*` does not."""
        self.inside(node.body, guarded=any(_catches(handler) for handler in node.handlers))
        for part in (node.handlers, node.orelse, node.finalbody):
            self.inside(part, guarded=False)

    def visit_If(self, node: ast.If) -> None:
        """Walk what only type checkers see as guarded."""
        self.inside(node.body, guarded=ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"})
        self.inside(node.orelse, guarded=False)

    def inside(self, nodes: "list[ast.stmt] | list[ast.ExceptHandler]", *, guarded: bool) -> None:
        """Walk nodes, guarded if they are or if what they stand in is."""
        before, self.guarded = self.guarded, self.guarded or guarded
        for node in nodes:
            self.visit(node)
        self.guarded = before

    def visit_Import(self, node: ast.Import) -> None:
        """Note the modules, and what they are called here."""
        for alias in filter(_concerns, node.names):
            self.note(alias.name, node)
            top = alias.name.partition(".")[0]
            self.bound[alias.asname or top] = alias.name if alias.asname else top

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Note the names, and what they are called here."""
        if node.level or not node.module or node.module.partition(".")[0] not in {"fastapi", "martlet"}:
            return
        for alias in node.names:
            name = node.module if alias.name == "*" else f"{node.module}.{alias.name}"
            self.note(name, node)
            self.bound[alias.asname or alias.name] = name

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Note a chain of attributes that begins with something imported."""
        name = self.dotted(node)
        if name:
            self.note(name, node, replaced=isinstance(node.ctx, ast.Store))
        else:
            self.generic_visit(node)

    def dotted(self, node: ast.expr) -> str:
        """Return the dotted name that a chain of attributes means; nothing if it means none of FastAPI's."""
        if isinstance(node, ast.Name):
            return self.bound.get(node.id, "")
        if isinstance(node, ast.Attribute) and (owner := self.dotted(node.value)):
            return f"{owner}.{node.attr}"
        return ""

    def visit_Call(self, node: ast.Call) -> None:
        """Note what a call names in words: a module and a name in it, or a thing and the name of its attribute."""
        if self.dotted(node.func) == _INSTALL:
            self.note(_INSTALL, node)
        for first, second in zip(node.args, node.args[1:], strict=False):
            if not (isinstance(second, ast.Constant) and isinstance(second.value, str) and _is_path(second.value)):
                continue
            owner = _text(first) or self.dotted(first)
            if owner.startswith("fastapi"):
                callee = ast.unparse(node.func)
                self.note(f"{owner}.{second.value}", node, replaced=re.search("wrap|patch|setattr", callee) is not None)
        self.generic_visit(node)


def _concerns(alias: ast.alias) -> bool:
    return alias.name.partition(".")[0] in {"fastapi", "martlet"}


def _is_path(text: str) -> bool:
    return all(part.isidentifier() for part in text.split("."))


def _text(node: ast.expr) -> str:
    """Return the dotted name that a string literal holds."""
    value = node.value if isinstance(node, ast.Constant) else None
    return value if isinstance(value, str) and _DOTTED.fullmatch(value) else ""


def _catches(handler: ast.ExceptHandler) -> bool:
    """Return whether a handler outlives that a name is not there."""
    return handler.type is None or any(name in _UNFAILING for name in _names(handler.type))


def _names(node: ast.expr) -> Iterator[str]:
    for each in node.elts if isinstance(node, ast.Tuple) else [node]:
        yield ast.unparse(each).rpartition(".")[2]
