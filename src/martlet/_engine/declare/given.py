"""What users hand over when they declare, looked at before it is kept: mistakes that a request would find otherwise.

Each is refused on the line that made it, which the error names where no endpoint can be named.
"""

from typing import Any

from martlet._engine.read.signature import called_by
from martlet._engine.words.errors import InvalidParameterError, InvalidPathError, calling_line
from martlet._engine.words.markers import Depends


def given_dependencies(given: Any) -> list[Depends]:
    """Return `dependencies`, of a route, a router, an app or an include, as a list of their own.

    Raises:
        InvalidParameterError: they are no list, or not each of them is a `Depends()` with something to call.
    """
    if not given:
        return []
    if hasattr(given, "dependency") or callable(given):
        raise InvalidParameterError(
            f"`dependencies` has to be a list, and {given!r} is none",
            advice="Write dependencies=[Depends(...)].",
            location=calling_line(),
        )
    found = list(given)
    for each in found:
        called_by(each, where=calling_line)
    return found


def check_path(path: Any, decorator: str) -> None:
    """Refuse the function under a decorator that was not called: nothing would be declared.

    Args:
        path: what stands in the place of the path.
        decorator: the name of the decorator.

    Raises:
        InvalidPathError: it is a function.
    """
    if callable(path):
        raise InvalidPathError(
            f"{decorator}() takes a path, not {path!r}",
            advice=f'Call the decorator with a path: .{decorator}("/path").',
            endpoint=path,
        )
