"""The build hook: what the docs pages are made of is packed before a wheel, a source distribution or an editable
installation is made, unless that is done.

Where it cannot be done, for want of npm or of a network, the build goes on without, and the pages load from a CDN. A
wheel for others must not lack it: whoever builds one sets MARTLET_ASSETS=required.
"""

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def program(root: Path) -> Any:
    """Return `scripts/assets` as a module: it has no extension, since it is a program."""
    loader = SourceFileLoader("martlet_assets", str(root / "scripts" / "assets"))
    spec = spec_from_loader(loader.name, loader)
    if spec is None:
        raise ImportError(loader.path)
    module = module_from_spec(spec)
    sys.modules[loader.name] = module  # dataclasses look their module up
    loader.exec_module(module)
    return module


class AssetsHook(BuildHookInterface[Any]):
    """Runs `scripts/assets` ahead of every build."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Pack; a wrong package ends the build, a missing one only where it is required."""
        assets = program(Path(self.root))
        try:
            assets.pack(Path(self.root))
        except assets.UnavailableError as reason:
            if os.environ.get("MARTLET_ASSETS") == "required":
                raise
            self.app.display_warning(assets.without(reason))
