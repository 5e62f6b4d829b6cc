"""Loading the programs of `scripts/`, which have no extension and are no package."""

import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "scripts"


def load(name: str) -> Any:
    """Return the program as a module of its own, not run."""
    loader = SourceFileLoader(f"scripts_{name}", str(SCRIPTS / name))
    spec = spec_from_loader(loader.name, loader)
    if spec is None:
        raise ImportError(name)
    module = module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.modules[loader.name] = module  # dataclasses look their module up
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
        del sys.modules[loader.name]
    return module
