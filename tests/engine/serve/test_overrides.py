"""The mapping of overrides tells of every change."""

from collections.abc import Callable
from typing import Any

import pytest

from martlet._engine.serve.overrides import Overrides
from martlet._engine.words.epoch import EPOCH


def real() -> None: ...


def fake() -> None: ...


CHANGES: dict[str, Callable[[Overrides], Any]] = {
    "__setitem__": lambda overrides: overrides.__setitem__(fake, real),
    "__delitem__": lambda overrides: overrides.__delitem__(real),
    "__ior__": lambda overrides: overrides.__ior__({fake: real}),
    "clear": lambda overrides: overrides.clear(),
    "pop": lambda overrides: overrides.pop(real),
    "popitem": lambda overrides: overrides.popitem(),
    "setdefault": lambda overrides: overrides.setdefault(fake, real),
    "update": lambda overrides: overrides.update({fake: real}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_one_of_a_dict_and_told(name: str) -> None:
    overrides, plain = Overrides({real: fake}), {real: fake}
    before = EPOCH.value
    found = CHANGES[name](overrides)
    expected = CHANGES[name](plain)  # type: ignore[arg-type]  # a dict changes alike
    assert overrides == plain
    assert found == expected
    assert EPOCH.value != before
    assert getattr(Overrides, name).__name__ == name
    assert getattr(Overrides, name).__doc__ == getattr(dict, name).__doc__


def test_a_change_that_fails_is_told_as_well() -> None:
    before = EPOCH.value
    with pytest.raises(KeyError):
        Overrides().pop(real)
    assert EPOCH.value != before
