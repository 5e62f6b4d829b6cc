"""What holds for the behaviour tests: those over RSGI run on asyncio, as the servers do that speak it."""

from typing import Any

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests over RSGI on another event loop."""
    kept, left = [], []
    for item in items:
        said: dict[str, Any] = getattr(getattr(item, "callspec", None), "params", {})
        over_rsgi = str(said.get("way", "")).endswith("RSGI")
        on_trio = "trio" in str(said.get("anyio_backend", ""))
        (left if over_rsgi and on_trio else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept
