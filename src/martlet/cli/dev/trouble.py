"""What is known about an exception that nobody answered: the user's frames with their locals, the request, the route.

Gathered here once, shown by `page`. Locals, headers and query are without what looks like a secret (`redact`).
"""

import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from martlet.cli.dev.reasons import message_of, of_error
from martlet.cli.dev.redact import HIDDEN, described, is_secret, redacted, redacted_code, shown_pairs
from martlet.cli.frames import Place, is_users, places, shown
from martlet.exceptions import ResponseValidationError

Pairs = Sequence[tuple[str, str]]

_BEFORE: Final = 4
_AFTER: Final = 3
_LOCALS: Final = 40
_CAUSES: Final = 5


@dataclass(frozen=True, slots=True)
class Frame:
    """A line of the traceback.

    Args:
        place: where it is.
        is_users: it is in the user's own code.
        code: the lines around it, each with its number.
        values: the local variables, described.
    """

    place: Place
    is_users: bool
    code: Sequence[tuple[int, str]]
    values: Pairs


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception.

    Args:
        kind: its class.
        message: what it says.
        frames: its traceback, the innermost frame first.
        how: how the one that was raised from it calls it; empty for that one itself.
    """

    kind: str
    message: str
    frames: Sequence[Frame]
    how: str = ""

    @property
    def place(self) -> str:
        """Where it was raised: the innermost line of the user's, else of all."""
        found = [frame for frame in self.frames if frame.is_users] or self.frames
        return str(found[0].place) if found else ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """An exception that nobody answered.

    Args:
        raised: the exception, and behind it those that it came from.
        request: method, address, client, headers.
        route: what was to answer.
        endpoint: its code.
        misfits: of a response that is not what was declared: the field, what is wrong with it, and the value.
    """

    raised: Sequence[Raised]
    request: Pairs
    headers: Pairs
    query: Pairs
    route: Pairs
    endpoint: Frame | None = None
    misfits: Sequence[str] = ()

    @property
    def place(self) -> str:
        """Where to look first."""
        return str(self.endpoint.place) if self.endpoint and self.misfits else self.raised[0].place


def trouble_of(error: BaseException, scope: Any) -> Trouble:
    """Return what is known about an exception and the request that it ended."""
    return Trouble(
        raised=list(_chain(error)),
        request=_request(scope),
        headers=shown_pairs([(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]),
        query=shown_pairs(parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)),
        route=_route(scope),
        endpoint=_endpoint(scope),
        misfits=_misfits(error),
    )


def _chain(error: BaseException) -> Iterator[Raised]:
    following: BaseException | None = error
    how = ""
    seen: set[int] = set()
    while following is not None and id(following) not in seen and len(seen) < _CAUSES:
        seen.add(id(following))
        yield Raised(_name(type(following)), redacted(message_of(following)), _frames(following), how)
        if following.__cause__ is not None:
            following, how = following.__cause__, "was caused by"
        else:
            following = None if following.__suppress_context__ else following.__context__
            how = "was raised while this was handled:"


def _name(kind: type[BaseException]) -> str:
    """Return a class as one writes it: Python's own and Martlet's without their module."""
    known = kind.__module__.partition(".")[0] in {"builtins", "martlet", "fastapi"}
    return kind.__qualname__ if known else f"{kind.__module__}.{kind.__qualname__}"


def _frames(error: BaseException) -> list[Frame]:
    found = []
    for place in places(error.__traceback__):
        users = is_users(place.filename)
        found.append(Frame(place, users, list(_code(place)) if users else [], _values(place) if users else []))
    return found[::-1]


def _code(place: Place, before: int = _BEFORE, after: int = _AFTER) -> Iterator[tuple[int, str]]:
    lines = linecache.getlines(place.filename)
    for number in range(max(1, place.line - before), min(len(lines), place.line + after) + 1):
        yield number, redacted_code(lines[number - 1].rstrip())


def _values(place: Place) -> list[tuple[str, str]]:
    values = place.frame.f_locals if place.frame is not None else {}
    if "__builtins__" in values:
        return []  # a module's or a class's own names are no locals
    shown_values = []
    for name, value in list(values.items())[:_LOCALS]:
        shown_values.append((name, HIDDEN if is_secret(name) else described(value)))
    return shown_values


def _request(scope: Any) -> list[tuple[str, str]]:
    client = scope.get("client")
    rows = [
        ("method", scope["method"]),
        ("path", scope["path"]),
        ("root path", scope.get("root_path", "")),
        ("HTTP", scope.get("http_version", "")),
        ("client", f"{client[0]}:{client[1]}" if client else ""),
    ]
    return [(name, value) for name, value in rows if value]


def _route(scope: Any) -> list[tuple[str, str]]:
    route = scope.get("route")
    endpoint = scope.get("endpoint")
    code = getattr(endpoint, "__code__", None)
    rows = [
        ("path", getattr(route, "path", "")),
        ("name", getattr(route, "name", "")),
        ("endpoint", getattr(endpoint, "__qualname__", "")),
        ("file", f"{shown(code.co_filename)}:{code.co_firstlineno}" if code is not None else ""),
        *((f"{{{name}}}", value) for name, value in shown_pairs(_texts(scope.get("path_params") or {}))),
    ]
    return [(name, str(value)) for name, value in rows if value]


def _endpoint(scope: Any) -> Frame | None:
    code = getattr(scope.get("endpoint"), "__code__", None)
    if code is None:
        return None
    place = Place(code.co_filename, code.co_firstlineno, code.co_qualname)
    return Frame(place, is_users(place.filename), list(_code(place, 0, 2 * _AFTER)), ())


def _texts(values: Any) -> list[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else described(value)) for name, value in values.items()]


def _misfits(error: BaseException) -> list[str]:
    return [of_error(misfit) for misfit in error.errors()] if isinstance(error, ResponseValidationError) else []
