"""The installed packages that import FastAPI, and whether they will work under the drop-in."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from martlet.cli.checks.findings import PACKAGE, Finding
from martlet.cli.looks.places import Place
from martlet.dropin import Surveyed, survey


@dataclass(frozen=True, slots=True)
class Packages:
    """What was found out about the installed packages.

    Args:
        surveyed: the packages that import FastAPI.
    """

    surveyed: Sequence[Surveyed]

    @property
    def findings(self) -> list[Finding]:
        """What will not work."""
        return list(self._findings())

    def _findings(self) -> Iterator[Finding]:
        for package in self.surveyed:
            for reach in package.reaches:
                if not reach.works:
                    yield Finding(
                        PACKAGE,
                        Place(reach.file, reach.line),
                        f"{package.name} {package.version} needs {reach.name}, which Martlet does not have",
                        "Look for a newer version of it, or keep FastAPI for the app that uses it.",
                    )
            if package.installs:
                yield Finding(
                    PACKAGE,
                    Place(""),
                    f"{package.name} {package.version} calls martlet.dropin.install(), which is for applications only",
                    "Tell its authors: what `import fastapi` means is the program's to say.",
                )

    def lines(self) -> Iterator[str]:
        """Yield one line for each package."""
        if not self.surveyed:
            yield "No installed package imports fastapi."
            return
        yield "Installed packages that import fastapi:"
        for package in self.surveyed:
            names = sorted({reach.name.removeprefix("fastapi.") for reach in package.reaches})
            reaches = f"reaches for {', '.join(names)}" if names else "uses what is documented"
            yield f"  {'works' if package.works else 'FAILS'}  {package.name} {package.version}: {reaches}"

    def as_json(self) -> list[dict[str, Any]]:
        """Return the packages for `--json`."""
        return [{**asdict(package), "works": package.works} for package in self.surveyed]


def packages() -> Packages:
    """Look at the source of all installed packages; none of it is imported."""
    return Packages(survey())
