"""Which installed packages reach into FastAPI's private parts, and whether Martlet has what they reach for.

`fastapi` in a package's source is taken apart by `_reaches`; here each name is looked up in Martlet. What FastAPI
documents is taken for granted, conformance sees to it, so only the rest is reported.
"""

import ast
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, Final

from martlet.dropin._reaches import Use, uses

_ALL: Final = frozenset({"*"})

# Modules and names that FastAPI's reference and tutorial show. What else a module holds is undocumented.
DOCUMENTED: Final = MappingProxyType(
    {
        "fastapi": _ALL,
        "fastapi.applications": frozenset({"FastAPI"}),
        "fastapi.background": frozenset({"BackgroundTasks"}),
        "fastapi.cli": _ALL,
        "fastapi.concurrency": frozenset({"iterate_in_threadpool", "run_in_threadpool", "run_until_first_complete"}),
        "fastapi.datastructures": frozenset(
            {"URL", "Address", "FormData", "Headers", "QueryParams", "State", "UploadFile"}
        ),
        "fastapi.encoders": frozenset({"jsonable_encoder"}),
        "fastapi.exception_handlers": _ALL,
        "fastapi.exceptions": _ALL,
        "fastapi.logger": _ALL,
        "fastapi.middleware": _ALL,
        "fastapi.openapi": _ALL,
        "fastapi.openapi.docs": _ALL,
        "fastapi.openapi.models": _ALL,
        "fastapi.openapi.utils": frozenset({"get_openapi"}),
        "fastapi.requests": _ALL,
        "fastapi.responses": _ALL,
        "fastapi.routing": frozenset({"APIRoute", "APIRouter", "APIWebSocketRoute"}),
        "fastapi.security": _ALL,
        "fastapi.sse": _ALL,
        "fastapi.staticfiles": _ALL,
        "fastapi.telemetry": _ALL,
        "fastapi.templating": _ALL,
        "fastapi.testclient": _ALL,
        "fastapi.websockets": _ALL,
        **{
            f"fastapi.middleware.{name}": _ALL
            for name in ("asyncexitstack", "cors", "gzip", "httpsredirect", "trustedhost", "wsgi")
        },
        **{
            f"fastapi.security.{name}": _ALL
            for name in ("api_key", "base", "http", "oauth2", "open_id_connect_url", "utils")
        },
    }
)
_NOT_ASKED: Final = frozenset({"fastapi", "martlet"})


@dataclass(frozen=True, slots=True)
class Reach:
    """A private or undocumented name of FastAPI that a package uses.

    Args:
        name: as FastAPI has it, such as `fastapi.routing.serialize_response`.
        file: where it is used, below the folder of the installed packages.
        line: the first line that uses it there.
        private: whether it begins with an underscore, or stands in something that does.
        present: whether Martlet has it too.
        guarded: whether the package does without it: its import is inside a `try`, or where only type checkers look.
        replaced: whether the package puts something of its own in its place; Martlet calls what it finds there.
    """

    name: str
    file: str
    line: int
    private: bool
    present: bool
    guarded: bool
    replaced: bool

    @property
    def works(self) -> bool:
        """Whether this use of it does not fail."""
        return self.present or self.guarded


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A package that imports `fastapi`, and what it reaches for beyond what is documented.

    Args:
        name: the distribution's name.
        version: its version.
        reaches: each name once for each file.
        unread: files that are no Python of this version.
        installs: whether it calls `martlet.dropin.install`, which is the business of applications.
    """

    name: str
    version: str
    reaches: tuple[Reach, ...]
    unread: tuple[str, ...] = ()
    installs: bool = False

    @property
    def works(self) -> bool:
        """Whether Martlet has every name that it cannot do without."""
        return all(reach.works for reach in self.reaches)


def surveyed(distributions: Iterable[metadata.Distribution] | None) -> list[Surveyed]:
    """Look at the distributions, or at all that are installed, and return those that import `fastapi`, by name."""
    asked = metadata.distributions() if distributions is None else distributions
    seen: dict[str, Surveyed] = {}
    for distribution in asked:
        name = distribution.metadata["Name"]
        # The first of a name on the path is the one that is imported.
        if name.lower() not in _NOT_ASKED | seen.keys() and (found := _look_at(name, distribution)):
            seen[name.lower()] = found
    return sorted(seen.values(), key=lambda each: each.name.lower())


def _look_at(name: str, distribution: metadata.Distribution) -> Surveyed | None:
    reaches: list[Reach] = []
    unread: list[str] = []
    imports = installs = False
    for path in distribution.files or ():
        if path.suffix != ".py":
            continue
        text = _read(Path(str(distribution.locate_file(path))))
        if b"fastapi" not in text and b"martlet" not in text:
            continue
        try:
            found = uses(ast.parse(text))
        except (SyntaxError, ValueError):
            unread.append(str(path))
            continue
        imports = imports or bool(found.names)
        installs = installs or found.installs
        reaches += [reach for use in found.names if (reach := _reach(use, str(path))) is not None]
    if not (imports or installs):
        return None
    return Surveyed(name, distribution.version, tuple(reaches), tuple(unread), installs)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:  # listed, and deleted since
        return b""


def _reach(use: Use, file: str) -> Reach | None:
    """Return what there is to say of a use; None where it is documented."""
    known = _known(use.name)
    if known.documented:
        return None
    return Reach(use.name, file, use.line, known.private, known.present, use.guarded, use.replaced)


@dataclass(frozen=True, slots=True)
class _Known:
    documented: bool
    private: bool
    present: bool


@cache
def _known(name: str) -> _Known:
    """Return what is known of a dotted name below `fastapi`."""
    private = any(part.startswith("_") and not part.endswith("__") for part in name.split("."))
    module, inside = _split(name)
    names = DOCUMENTED.get(module, frozenset())
    # Of a documented class, all that does not begin with an underscore is documented with it.
    documented = not private and (names == _ALL or inside[:1] == [] or inside[0] in names)
    present = _find(module, inside)
    return _Known(documented=documented and present, private=private, present=present)


def _split(name: str) -> tuple[str, list[str]]:
    """Return the module that a dotted name begins with, as long as one of ours answers to it, and what is left."""
    parts = name.split(".")
    module, rest = parts[0], parts[1:]
    while rest and _is_module(f"{module}.{rest[0]}"):
        module, rest = f"{module}.{rest[0]}", rest[1:]
    return module, rest


def _is_module(name: str) -> bool:
    parent = _module(name.rpartition(".")[0])
    return hasattr(parent, "__path__") and find_spec(_ours(name)) is not None


def _ours(name: str) -> str:
    return "martlet" + name.removeprefix("fastapi")


def _module(name: str) -> ModuleType | None:
    """Return our module for one of FastAPI's; None if it needs a package that is not installed, as FastAPI's does."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is deprecated is for those who import it
        try:
            return import_module(_ours(name))
        except ImportError:
            return None


def _find(module: str, inside: list[str]) -> bool:
    found: Any = _module(module)
    for part in inside if found is not None else ():
        if not hasattr(found, part):
            return False
        found = getattr(found, part)
    return True
