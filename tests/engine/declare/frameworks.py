"""The two frameworks, for tests that build the same thing with each and compare."""

import importlib
from typing import Any

import pytest


class Framework:
    """One of the two, by name: its top-level names as attributes, its modules by `module`."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._top: Any = importlib.import_module(name)

    def module(self, name: str) -> Any:
        return importlib.import_module(f"{self.name}.{name}")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._top, name)


MARTLET, GENUINE = Framework("martlet"), Framework("fastapi")

both = pytest.mark.parametrize("framework", [MARTLET, GENUINE], ids=lambda framework: framework.name)
