"""`import fastapi` means Martlet, in every interpreter that inherits this directory on its path.

A finder ahead of all others answers for `fastapi` and each `fastapi.x` with the very module object of `martlet` or
`martlet.x`, so a name patched through one is patched through the other, and genuine FastAPI is out of reach. Only
the version differs: packages and tests compare `fastapi.__version__` with the release whose suite this is.

Python imports `sitecustomize` by itself at start; nothing happens unless the environment names a version.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import InspectLoader, Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, ModuleType

VERSION_VARIABLE = "MARTLET_CONFORMANCE_VERSION"
ALIAS = "fastapi"
TARGET = "martlet"


class AliasLoader(Loader):
    """Give the target's module object out under the alias.

    Args:
        target: the real module's name, such as `martlet.routing`.
        spec: how the real module is found; `python -m fastapi` runs its code.
        version: the version that the package shows while it goes by the alias.
    """

    def __init__(self, target: str, spec: ModuleSpec, version: str) -> None:
        self.target = target
        self.spec = spec
        self.version = version

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.target)
        # The import system is about to write the alias's spec over the module's own.
        self.spec = module.__spec__ or self.spec
        if self.target == TARGET:
            vars(module)["__version__"] = self.version
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Put the module's own spec back: it has long been executed."""
        module.__spec__ = self.spec

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the code for `runpy` and for coverage's `run -m`."""
        return self.spec.loader.get_code(self.target) if isinstance(self.spec.loader, InspectLoader) else None


class AliasFinder(MetaPathFinder):
    """Answer for `fastapi` and all below it.

    Args:
        version: the version that `fastapi.__version__` shows.
    """

    def __init__(self, version: str) -> None:
        self.version = version

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        head, _, below = fullname.partition(".")
        if head != ALIAS:
            return None
        name = f"{TARGET}.{below}" if below else TARGET
        found = importlib.util.find_spec(name)
        if found is None:
            # Python goes on to look below the target's own path, where the same name is just as absent.
            return None
        spec = ModuleSpec(fullname, AliasLoader(name, found, self.version), origin=found.origin)
        spec.submodule_search_locations = found.submodule_search_locations
        return spec


def install(version: str) -> None:
    """Put the alias in front of every other finder of this interpreter."""
    sys.meta_path.insert(0, AliasFinder(version))


if _version := os.environ.get(VERSION_VARIABLE):
    install(_version)
