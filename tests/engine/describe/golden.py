"""Documents that are kept in the project, so that a reviewer sees what a change does to them.

`python -m tests.engine.describe.golden` writes them anew.
"""

import json
from pathlib import Path

from tests.engine.describe.oracle import martlet_apps

GOLDEN = ("bodies", "operations", "security", "streams")


def golden_file(name: str) -> Path:
    return Path(__file__).parent / "golden" / f"{name}.json"


def golden_text(name: str) -> str:
    return json.dumps(martlet_apps(name)["app"].openapi(), indent=2) + "\n"


if __name__ == "__main__":
    for name in GOLDEN:
        golden_file(name).write_text(golden_text(name))
