"""Which branches of generated handlers have run.

Their text is compiled with a note in front of every statement, and in an `else` for every `if` that has none. What was
never noted is a branch that no request took.
"""

import ast
import builtins
from collections.abc import Iterator
from types import CodeType

import pytest

from martlet._engine.compile import source


class Branches:
    """The branches of all handlers that are compiled while it is in force."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._places: list[str] = []
        self._taken: set[int] = set()
        monkeypatch.setattr(source, "compile", self._compile, raising=False)
        monkeypatch.setattr(builtins, "_note_branch", self._taken.add, raising=False)

    def not_taken(self) -> list[str]:
        """Return the places that no request has come to."""
        return [place for number, place in enumerate(self._places) if number not in self._taken]

    def _compile(self, text: str, filename: str, mode: str) -> CodeType:
        tree = ast.parse(text)
        lines = text.splitlines()
        for node in list(ast.walk(tree)):
            if isinstance(node, ast.If) and not node.orelse:
                node.orelse = [self._note(node, f"{filename}: not {lines[node.lineno - 1].strip()}")]
            for field in ("body", "orelse", "finalbody"):
                statements = getattr(node, field, None)
                if isinstance(statements, list) and not isinstance(node, ast.Module):
                    setattr(node, field, list(self._noted(statements, filename, lines)))
        code: CodeType = builtins.compile(ast.fix_missing_locations(tree), filename, mode)
        return code

    def _noted(self, statements: list[ast.stmt], filename: str, lines: list[str]) -> Iterator[ast.stmt]:
        for statement in statements:
            yield self._note(statement, f"{filename}: {lines[statement.lineno - 1].strip()}")
            yield statement

    def _note(self, place: ast.stmt, text: str) -> ast.stmt:
        call = ast.parse(f"_note_branch({len(self._places)})").body[0]
        self._places.append(text)
        return ast.copy_location(call, place)
