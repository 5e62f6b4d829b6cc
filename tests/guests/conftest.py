"""Guests: libraries of others, run for real on Martlet under the name they know, `fastapi`.

They do `import fastapi`, and so do these tests, written as an app's own tests would be; here the name means Martlet.
Everywhere else in `tests/` it means the genuine package, the oracle, which is why the guests have a process of their
own, and an environment of their own: they pin what the rest must not be held to. `make guests` runs them.

    MARTLET_GUESTS_HOST=genuine pytest tests/guests      the same tests on genuine FastAPI: are they right?
"""

import os
from importlib.util import find_spec

import pytest

from martlet.dropin import install

GENUINE = os.environ.get("MARTLET_GUESTS_HOST") == "genuine"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "better_here: what genuine FastAPI does not do; it has to fail there")
    config.addinivalue_line("markers", "lasting: changes the process for good, and so comes last")
    if find_spec("sqladmin") is None:
        raise pytest.UsageError("The guests are not in this environment. Run them with: make guests")
    if GENUINE:
        return
    install()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("lasting") is not None)
    if GENUINE:
        for item in items:
            if item.get_closest_marker("better_here"):
                item.add_marker(pytest.mark.xfail(strict=True, reason="genuine FastAPI does not"))


@pytest.fixture
def anyio_backend() -> str:
    """Drivers of databases are written for asyncio."""
    return "asyncio"
