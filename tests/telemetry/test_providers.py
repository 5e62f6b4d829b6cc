"""Whether somebody takes telemetry is known without OpenTelemetry, and those who wait for it are told."""

import os
import subprocess
import sys
from types import ModuleType
from typing import Any
from weakref import WeakSet

import pytest

from martlet._engine.words.errors import UnknownOptionError
from martlet.telemetry import _providers
from martlet.telemetry._config import completed
from martlet.telemetry._providers import is_configured, is_deferred, tell, wake

APIS = ("opentelemetry.trace", "opentelemetry.metrics", "opentelemetry._logs")
ONCE = "opentelemetry.util._once"


class Waiter:
    """Counts how often it was told."""

    told = 0

    def stand(self) -> None:
        self.told += 1


class Setter:
    """Does something once, as OpenTelemetry's own `Once` does."""

    def __init__(self) -> None:
        self.done = False

    def do_once(self, func: Any) -> bool:
        if self.done:
            return False
        func()
        self.done = True
        return True


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is noted here, and OpenTelemetry, from other tests."""
    monkeypatch.setattr(_providers, "_waiting", WeakSet())
    monkeypatch.setattr(sys, "meta_path", [each for each in sys.meta_path if each is not _providers._IMPORTS])
    for name in (*APIS, ONCE):
        monkeypatch.delitem(sys.modules, name, raising=False)


def put(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    """Have a module be imported."""
    module = ModuleType(name)
    vars(module).update(members)
    monkeypatch.setitem(sys.modules, name, module)


def stand_in(module: str, name: str) -> object:
    """Return an instance of a class that goes by that name."""
    return type(name, (), {"__module__": module})()


# ------------------------------------------------------------------------------------------------------------ settings


def test_settings_have_defaults() -> None:
    assert completed(None) == completed({}) == {
        "tracer_provider": None,
        "meter_provider": None,
        "logger_provider": None,
        "tracing": True,
        "metrics": True,
        "logs": True,
        "operation_spans": True,
        "auto_configure": False,
        "exclude": None,
    }  # fmt: skip
    assert completed({"logs": False})["logs"] is False


def test_the_environment_says_whether_to_configure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "True")
    assert completed(None)["auto_configure"] is True
    assert completed({"auto_configure": False})["auto_configure"] is False


def test_other_settings_are_refused() -> None:
    with pytest.raises(UnknownOptionError, match="tracing"):
        completed({"traceing": True})


# --------------------------------------------------------------------------------------------------------- is it there


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("opentelemetry.trace", "ProxyTracerProvider"),
        ("opentelemetry.metrics._internal", "_ProxyMeterProvider"),
        ("opentelemetry._logs._internal", "ProxyLoggerProvider"),
    ],
)
def test_stand_ins_of_opentelemetry_are_no_providers(module: str, name: str) -> None:
    assert is_deferred(stand_in(module, name))
    assert not is_deferred(stand_in("vendor", name))


def test_a_given_provider_counts_if_its_signal_is_wanted() -> None:
    assert not is_configured(completed(None))
    assert is_configured(completed({"meter_provider": object()}))
    assert not is_configured(completed({"meter_provider": object(), "metrics": False}))


def test_a_global_provider_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "opentelemetry.trace", get_tracer_provider=lambda: stand_in("vendor", "ProxyTracerProvider"))
    assert is_configured(completed(None))
    assert not is_configured(completed({"tracing": False}))


def test_a_global_provider_that_may_still_come_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    deferred = stand_in("opentelemetry.trace", "ProxyTracerProvider")
    put(monkeypatch, "opentelemetry.trace", get_tracer_provider=lambda: deferred)
    assert not is_configured(completed(None))


def test_a_module_that_is_being_imported_has_none_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "opentelemetry.trace")
    assert not is_configured(completed(None))


def test_the_environment_may_name_one_that_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_PYTHON_TRACER_PROVIDER", "any")
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)  # so that importing it fails
    assert not is_configured(completed(None))


def test_the_environment_may_name_one() -> None:
    program = """
import sys
from martlet.telemetry._config import completed
from martlet.telemetry._providers import is_configured

assert not is_configured(completed({"tracing": False})) and "opentelemetry" not in sys.modules
assert is_configured(completed(None))
print(type(sys.modules["opentelemetry.trace"].get_tracer_provider()).__module__)
"""
    environ = {**os.environ, "OTEL_PYTHON_TRACER_PROVIDER": "sdk_tracer_provider"}
    ran = subprocess.run([sys.executable, "-c", program], env=environ, check=True, capture_output=True, text=True)
    assert ran.stdout.strip() == "opentelemetry.sdk.trace"


# ------------------------------------------------------------------------------------------------------- when it comes


def test_who_waits_is_told_when_opentelemetry_is_imported() -> None:
    waiter, other = Waiter(), Waiter()
    assert tell(waiter)
    assert tell(other)
    assert sys.meta_path.count(_providers._IMPORTS) == 1
    assert _providers._IMPORTS.find_spec("email.opentelemetry", None) is None  # type: ignore[func-returns-value]  # finders return it
    assert waiter.told == 0
    assert _providers._IMPORTS.find_spec("opentelemetry.trace", None) is None  # type: ignore[func-returns-value]  # likewise
    assert (waiter.told, other.told) == (1, 1)
    wake()
    assert waiter.told == 1  # it has to wait again to be told again


def test_who_waits_is_told_when_a_provider_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    once: Any = type("Once", (Setter,), {"do_once": Setter.do_once})
    waiter = Waiter()
    assert tell(waiter)
    put(monkeypatch, ONCE, Once=once)
    assert tell(waiter)
    assert _providers._IMPORTS not in sys.meta_path
    wrapped = once.do_once
    assert tell(waiter)
    assert once.do_once is wrapped
    setter, calls = once(), list[str]()
    assert setter.do_once(lambda: calls.append("set"))
    assert waiter.told == 1
    assert tell(waiter)
    assert not setter.do_once(lambda: calls.append("again"))
    assert (calls, waiter.told) == (["set"], 1)


def test_it_says_when_it_cannot_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    put(monkeypatch, "opentelemetry.metrics")
    assert not tell(Waiter())  # an API that sets providers by other means
    put(monkeypatch, ONCE)
    assert not tell(Waiter())
    put(monkeypatch, ONCE, Once=type("Once", (), {}))
    assert not tell(Waiter())


def test_who_is_gone_is_not_waited_for() -> None:
    tell(Waiter())
    wake()
    assert not _providers._waiting
