from copy import deepcopy
from typing import Any

import pytest
from fastapi.utils import deep_dict_update
from hypothesis import given, settings
from hypothesis import strategies as st

from martlet._engine.describe.merge import merged

leaves = st.none() | st.booleans() | st.integers() | st.text(max_size=3)
values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": None}, {"a": None}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 3, "d": 4}}, {"a": {"b": 1, "c": 3, "d": 4}}),
        ({"a": [1]}, {"a": [1, 2]}, {"a": [1, 1, 2]}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": [1]}, {"a": [1]}),
        ({"a": (1,)}, {"a": [2]}, {"a": [2]}),
    ],
)
def test_objects_are_merged_and_lists_joined(
    base: dict[str, Any], over: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert merged(base, over) == expected


@settings(deadline=None)
@given(objects, objects)
def test_nothing_given_is_changed(base: dict[str, Any], over: dict[str, Any]) -> None:
    before = deepcopy((base, over))
    merged(base, over)
    assert (base, over) == before


@settings(deadline=None)
@given(objects, objects)
def test_keys_of_the_base_come_first(base: dict[str, Any], over: dict[str, Any]) -> None:
    keys = list(merged(base, over))
    assert keys == [*base, *(key for key in over if key not in base)]


@settings(deadline=None)
@given(objects, objects)
def test_it_is_fastapis_deep_update(base: dict[str, Any], over: dict[str, Any]) -> None:
    updated = deepcopy(base)
    deep_dict_update(updated, deepcopy(over))
    assert merged(base, over) == updated
