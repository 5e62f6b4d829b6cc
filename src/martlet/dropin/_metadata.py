"""What `importlib.metadata` says of the distribution `fastapi` where that is not installed.

Packages ask for its version before they use it. Installed metadata of genuine FastAPI goes first, always: this is only
for those who asked in vain.
"""

import os
from collections.abc import Iterable
from importlib.metadata import Distribution, DistributionFinder
from pathlib import Path
from typing import Any, Final

from martlet.dropin._version import FASTAPI_VERSION

_FILES: Final = {
    "METADATA": (
        "Metadata-Version: 2.1\n"
        "Name: fastapi\n"
        f"Version: {FASTAPI_VERSION}\n"
        "Summary: Martlet, which answers to this name in this process (martlet.dropin)\n"
    ),
    "top_level.txt": "fastapi\n",
}


class StandIn(Distribution):
    """The distribution `fastapi`, in the release that Martlet answers for."""

    def read_text(self, filename: str) -> str | None:
        """Return a file of the metadata; None if there is no such file."""
        return _FILES.get(str(filename))

    def locate_file(self, path: str | os.PathLike[str]) -> Path:
        """Return where a file of the distribution would be: beside Martlet's package."""
        return Path(__file__).parents[2] / path


def is_elsewhere(name: str, context: DistributionFinder.Context, finders: Iterable[Any]) -> bool:
    """Return whether one of the finders knows a distribution by this name, on the path that is asked about."""
    asked = DistributionFinder.Context(name=name, path=context.path)
    finds = (getattr(finder, "find_distributions", None) for finder in finders)
    return any(next(iter(find(asked)), None) is not None for find in finds if find is not None)
