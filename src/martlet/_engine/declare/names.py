"""The names that routes have in the document: operation ids, and the ids from which they are made."""

import re
from typing import Protocol


class Identified(Protocol):
    """What an operation id is made from; APIRoute has it."""

    @property
    def name(self) -> str:
        """The route's name."""
        ...

    @property
    def path_format(self) -> str:
        """The full path template without converters."""
        ...

    @property
    def methods(self) -> set[str] | None:
        """The HTTP methods."""
        ...


def generate_unique_id(route: Identified) -> str:
    """Return the operation id that a route has unless someone says otherwise: name, path and method in one word.

    Of several methods the alphabetically first counts. (FastAPI takes any: its ids of such routes differ from one
    process to the next.)
    """
    words = re.sub(r"\W", "_", f"{route.name}{route.path_format}")
    return f"{words}_{min(route.methods or ['']).lower()}"
