"""Servers run on asyncio, and so do these tests."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
