"""The two marks of absence."""

from typing import Any

import pytest

from martlet._engine.words.unset import UNSET, Default, DefaultPlaceholder, settled


def test_absence_is_false_and_says_what_it_is() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"


def test_a_placeholder_equals_one_of_the_same_value() -> None:
    mark: Any = Default([1])
    assert mark == DefaultPlaceholder([1])
    assert mark != [1]
    assert bool(mark)
    with pytest.raises(TypeError):
        hash(mark)


@pytest.mark.parametrize(
    ("value", "settled_value"), [(UNSET, "fallback"), (Default(3), 3), (None, None), (0, 0), (Default(None), None)]
)
def test_absence_is_resolved(value: Any, settled_value: Any) -> None:
    assert settled(value, "fallback") == settled_value
