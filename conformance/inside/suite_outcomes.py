"""A pytest plugin that writes what happened to each test as JSON.

The file's layout, read by `conformance.outcomes`:

    {"tests": {NODE_ID: ["passed" | "failed" | "skipped", SHORT_TRACEBACK]}, "unimportable": {PATH: SHORT_TRACEBACK}}

Under xdist the workers' reports arrive at the controller, which alone writes.
"""

import json
import os
import re
from pathlib import Path

import pytest

FILE_VARIABLE = "MARTLET_CONFORMANCE_OUTCOMES"


def without_group(node_id: str) -> str:
    """Take off what xdist's `loadgroup` appends: `test_x.py::test_y[1]@workdir_lock`."""
    return re.sub(r"@\w+$", "", node_id)


class OutcomeRecorder:
    """Collect reports and write them when the session ends.

    Args:
        target: the file to write.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.tests: dict[str, tuple[str, str]] = {}
        self.unimportable: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = without_group(report.nodeid)
        before = self.tests.get(name, ("", ""))[0]
        if report.failed:
            self.tests[name] = ("failed", report.longreprtext)
        elif report.skipped and before != "failed":
            self.tests[name] = ("skipped", "")
        elif report.when == "call":
            self.tests[name] = ("passed", "")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.unimportable[report.nodeid] = report.longreprtext

    def pytest_sessionfinish(self) -> None:
        self.target.write_text(json.dumps({"tests": self.tests, "unimportable": self.unimportable}))


def pytest_configure(config: pytest.Config) -> None:
    target = os.environ.get(FILE_VARIABLE)
    if target and not hasattr(config, "workerinput"):
        config.pluginmanager.register(OutcomeRecorder(Path(target)))
