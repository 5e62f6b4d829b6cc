"""Names that a module has without importing them.

FastAPI's modules hold what they import, and packages take it from there. Where that costs an import, the window lends
the name: it is looked up when it is first asked for, and is the module's own from then on.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def lend(module: str, names: Mapping[str, str]) -> None:
    """Let a module answer for names.

    Args:
        module: its name; it is being imported.
        names: from a name to where it is found: `package.module:attribute`, `package.module:` if it is called the same
            there, or a module.
    """
    lender = sys.modules[module]

    def look_up(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        place, colon, attribute = names[name].partition(":")
        found: Any = import_module(place)
        if colon:
            found = getattr(found, attribute or name)
        setattr(lender, name, found)
        return found

    # Not as a function in the module's text: type checkers would take it to have any name.
    vars(lender)["__getattr__"] = look_up
