"""The finder that answers for `fastapi`, ahead of all others, and the package that it gives out.

A module `fastapi.x` is the very object `martlet.x`, with its own name and spec: what is patched through one name is
patched through the other, and genuine FastAPI, installed or not, is out of reach. Only the package at the top is an
object of its own, a `Front`, since two of its names differ: `fastapi.__version__` is the release of FastAPI that
Martlet answers for, which packages compare, and `martlet.__version__` is Martlet's.
"""

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.abc import Loader
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from importlib.util import find_spec
from types import CodeType, ModuleType
from typing import Any, Final

from martlet.dropin._version import FASTAPI_VERSION

ALIAS: Final = "fastapi"
TARGET: Final = "martlet"


class Front(ModuleType):
    """The package `fastapi`: its own dunder names, and `martlet` for all others, to read and to write."""

    def __getattr__(self, name: str) -> Any:
        try:
            return getattr(import_module(TARGET), name)
        except AttributeError:
            raise AttributeError(f"module {ALIAS!r} has no attribute {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        if _is_own(name):
            super().__setattr__(name, value)
        else:
            setattr(import_module(TARGET), name, value)

    def __delattr__(self, name: str) -> None:
        if _is_own(name):
            super().__delattr__(name)
        else:
            delattr(import_module(TARGET), name)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *dir(import_module(TARGET))})


def _is_own(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


class AliasLoader(Loader):
    """Give Martlet's module out under FastAPI's name.

    Args:
        real: how Martlet's module is found.
    """

    def __init__(self, real: ModuleSpec) -> None:
        self.real = real

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """Return the module, imported; the Front for the package."""
        module = import_module(self.real.name)
        if spec.name == ALIAS:
            front = Front(ALIAS, module.__doc__)
            front.__version__ = FASTAPI_VERSION
            front.__file__ = module.__file__
            return front
        # The import system is about to write the alias's spec over the module's own.
        self.real = module.__spec__ or self.real
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Put the module's own spec back: it has long been executed."""
        if not isinstance(module, Front):
            module.__spec__ = self.real

    def get_code(self, fullname: str) -> CodeType | None:  # noqa: ARG002 - there is one
        """Return the code, for `python -m fastapi` and what works like it."""
        code: CodeType | None = self._loader.get_code(self.real.name)
        return code

    def get_source(self, fullname: str) -> str | None:  # noqa: ARG002 - there is one
        """Return the text, for tracebacks and debuggers."""
        text: str | None = self._loader.get_source(self.real.name)
        return text

    def get_resource_reader(self, fullname: str) -> Any:  # noqa: ARG002 - there is one
        """Return what reads the files beside the package, for `importlib.resources`."""
        return self._loader.get_resource_reader(self.real.name)

    @property
    def _loader(self) -> Any:
        # The loaders of folders and of zip files, the two that a package comes out of, have the three methods above.
        return self.real.loader


class AliasFinder(DistributionFinder):
    """Answer for `fastapi` and all below it; and for its metadata, where FastAPI is not installed."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - Martlet's own is searched
        target: ModuleType | None = None,  # noqa: ARG002 - a reload executes nothing
    ) -> ModuleSpec | None:
        """Return how a module is found; None for what Martlet does not have either."""
        head, _, below = fullname.partition(".")
        if head != ALIAS:
            return None
        real = find_spec(f"{TARGET}.{below}" if below else TARGET)
        if real is None:
            # Python goes on to look below Martlet's own path, where the same name is just as absent.
            return None
        spec = ModuleSpec(fullname, AliasLoader(real), origin=real.origin)
        spec.submodule_search_locations = real.submodule_search_locations
        return spec

    def find_distributions(self, context: DistributionFinder.Context | None = None) -> Iterable[Distribution]:
        """Return FastAPI's metadata, if it is asked for and no other finder has it."""
        context = context or DistributionFinder.Context()
        if context.name is not None and context.name.lower() != ALIAS:
            return ()
        from martlet.dropin._metadata import StandIn, is_elsewhere  # noqa: PLC0415 - few ask

        others = [finder for finder in sys.meta_path if finder is not self]
        return () if is_elsewhere(ALIAS, context, others) else (StandIn(),)
