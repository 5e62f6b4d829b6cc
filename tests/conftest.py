"""What holds for all tests: Hypothesis draws the same examples in every run, and takes the time it needs.

And tests over RSGI run on asyncio, as the servers do that speak it.

A branch that only some draws reach would make the coverage of a run a matter of luck; `python -m tests.oracle` is where
new examples are drawn. The guests, below here as well, live in an environment that has no Hypothesis.
"""

from importlib.util import find_spec
from typing import Any

import pytest

if find_spec("hypothesis"):
    from hypothesis import HealthCheck, settings

    settings.register_profile("house", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests over RSGI on another event loop."""
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        said: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        over_rsgi = str(said.get("way", "")).endswith("RSGI")
        on_trio = "trio" in str(said.get("anyio_backend", ""))
        (left if over_rsgi and on_trio else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept
