"""Source: the text of a generated function, the objects it names, and the function made of both.

Only identifiers of ours are written as text. A value of the user's (a callable, a default, a key) is bound to a name,
so that nothing a user declares can break the quoting. The text is put into `linecache`, where tracebacks, debuggers and
profilers find it.
"""

import linecache
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from keyword import iskeyword
from typing import Any

_SERIAL = count(1)
_INDENT = "    "


class Source:
    """A function in the making.

    Args:
        title: what the function is for, shown as its file name: `GET /items/{item_id}`.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.bound: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str) -> None:
        """Write one line."""
        self._lines.append(_INDENT * self._depth + text)

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Write `opening`, and indent what is written within."""
        self.line(opening)
        self._depth += 1
        yield
        self._depth -= 1

    def bind(self, name: str, value: Any) -> str:
        """Return the name under which the function finds `value`: `name`, numbered if that means something else."""
        stem = identifier(name)
        candidates = (f"{stem}_{number}" if number else stem for number in count())
        return next(each for each in candidates if self.bound.setdefault(each, value) is value)

    @property
    def text(self) -> str:
        """The text so far."""
        return "\n".join(self._lines) + "\n"

    def function(self, name: str) -> Any:
        """Compile the text and return the function called `name` in it."""
        # The serial number keeps apart functions of one path, in other apps or under other overrides.
        filename = f"<martlet {self.title} #{next(_SERIAL)}>"
        text = self.text
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        namespace = dict(self.bound)
        exec(compile(text, filename, "exec"), namespace)  # noqa: S102 - the text is ours alone, see above
        return namespace[name]


def identifier(name: str) -> str:
    """Return `name` if it can be written as an identifier, a plain one otherwise."""
    return name if name.isidentifier() and not iskeyword(name) and name.isascii() else "value"
