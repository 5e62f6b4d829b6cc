"""Telemetry that is on in one test is off in the next, and what the environment says of it is not this machine's."""

import os
from collections.abc import Iterator

import pytest

from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.hooks import HOOKS
from tests.telemetry.recording import Recording


@pytest.fixture(autouse=True)
def off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in [name for name in os.environ if name.startswith(("OTEL_", "FASTAPI_OTEL_"))]:
        monkeypatch.delenv(name)
    assert not HOOKS.watching
    operation = HOOKS.operation
    yield
    HOOKS.watching, HOOKS.operation = False, operation
    EPOCH.bump()


@pytest.fixture
def recording() -> Iterator[Recording]:
    recording = Recording()
    yield recording
    recording.close()
