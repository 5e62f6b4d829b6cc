"""Source: the text of a generated function, the objects it names, and the function made of both.

Only identifiers are written as text. A value of the user's (a callable, a default, a key) is bound to a name, so that
nothing a user declares can break the quoting, and to a name that the text does not use for a variable. The text is put
into `linecache`, where tracebacks, debuggers and profilers find it.
"""

import builtins
import linecache
import weakref
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import count
from keyword import iskeyword
from typing import Any

_SERIAL = count(1)
_INDENT = "    "
_WIDTH = 120
_BUILTINS = frozenset(dir(builtins))


class Source:
    """A function in the making.

    Args:
        title: what the function is for, shown as its file name: `GET /items/{item_id}`.
        variables: the variables of its text; numbered ones (`d0`, `d1`) by the name that they share.
    """

    def __init__(self, title: str, variables: Collection[str] = ()) -> None:
        self.title = title
        self._variables = variables
        self.bound: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str) -> None:
        """Write one line."""
        self._lines.append(_INDENT * self._depth + text)

    def gap(self) -> None:
        """Write an empty line, unless a block has just begun."""
        if not self._lines[-1].endswith(":"):
            self._lines.append("")

    def listing(self, opening: str, parts: Collection[str], closing: str) -> None:
        """Write `opening`, the parts and `closing`: on one line if they fit there, otherwise each part on its own."""
        text = f"{opening}{', '.join(parts)}{closing}"
        if len(_INDENT) * self._depth + len(text) <= _WIDTH:
            self.line(text)
            return
        with self.block(opening):
            for part in parts:
                self.line(f"{part},")
        self.line(closing)

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Write `opening`, and indent what is written within."""
        self.line(opening)
        self._depth += 1
        yield
        self._depth -= 1

    def bind(self, name: str, value: Any) -> str:
        """Return the name under which the function finds `value`: `name`, numbered if that means something else."""
        candidates = (f"{name}_{number}" if number else name for number in count())
        free = (each for each in candidates if not self._is_taken(each))
        return next(each for each in free if self.bound.setdefault(each, value) is value)

    def bind_callable(self, call: Any, value: Any, fallback: str) -> str:
        """Return the name under which the function finds `value`, which stands for a callable of the user's.

        Args:
            call: the callable; its own name is taken where that can be written.
            fallback: the name for a callable that has none.
        """
        name = getattr(call, "__name__", "")
        is_plain = name.isidentifier() and name.isascii() and not iskeyword(name) and not name.startswith("__")
        return self.bind(name if is_plain else fallback, value)

    def _is_taken(self, name: str) -> bool:
        return name in _BUILTINS or name in self._variables or name.rstrip("0123456789") in self._variables

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
        function = namespace[name]
        # Tests set overrides over and over, and each time handlers are made anew.
        weakref.finalize(function, linecache.cache.pop, filename, None).atexit = False
        return function
