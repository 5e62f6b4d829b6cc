"""The merge table: what two levels that both say something become."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet._engine.declare.merge import RULES, Level
from martlet._engine.words.markers import Depends
from martlet._engine.words.unset import DefaultPlaceholder
from martlet.responses import HTMLResponse, PlainTextResponse


def first() -> None: ...


def second() -> None: ...


def test_every_option_has_a_rule_and_every_rule_an_option() -> None:
    assert list(RULES) == [each.name for each in fields(Level)]


@pytest.mark.parametrize(
    ("option", "outer", "inner", "merged"),
    [
        ("prefix", "/api", "/items", "/api/items"),
        ("tags", ["a"], ["b"], ["a", "b"]),
        ("dependencies", [Depends(first)], [Depends(second)], [Depends(first), Depends(second)]),
        ("responses", {1: {"a": 1}, 2: {}}, {1: {"b": 1}}, {1: {"b": 1}, 2: {}}),
        ("callbacks", [], [], []),
        ("deprecated", True, None, True),
        ("deprecated", None, True, True),
        ("deprecated", None, None, None),
        ("include_in_schema", True, False, False),
        ("include_in_schema", True, True, True),
        ("response_class", HTMLResponse, PlainTextResponse, PlainTextResponse),
        ("response_class", HTMLResponse, DefaultPlaceholder(PlainTextResponse), HTMLResponse),
        (
            "response_class",
            DefaultPlaceholder(HTMLResponse),
            DefaultPlaceholder(PlainTextResponse),
            DefaultPlaceholder(PlainTextResponse),
        ),
        ("generate_unique_id_function", first, DefaultPlaceholder(second), first),
        ("strict_content_type", False, DefaultPlaceholder(True), False),
        ("dependency_overrides_provider", None, "inner", None),
        ("max_body_size", 1, 0, 0),
        ("max_body_size", 1, None, 1),
        ("form_limits", {"max_files": 1, "max_fields": 1}, {"max_files": 2}, {"max_files": 2, "max_fields": 1}),
    ],
)
def test_rules(option: str, outer: Any, inner: Any, merged: Any) -> None:
    level = Level(**{option: outer}).over(Level(**{option: inner}))
    assert getattr(level, option) == merged


def test_none_says_nothing_and_other_keywords_are_passed_over() -> None:
    assert Level.of({"tags": None, "prefix": "/a", "summary": "x"}) == Level(prefix="/a")


def test_merging_changes_neither_level() -> None:
    outer, inner = Level(tags=["a"]), Level(tags=["b"])
    outer.over(inner).tags.append("c")
    assert (outer.tags, inner.tags) == (["a"], ["b"])


levels = st.builds(
    Level,
    prefix=st.sampled_from(["", "/a", "/b"]),
    tags=st.lists(st.sampled_from(["x", "y"]), max_size=2),
    responses=st.dictionaries(st.sampled_from([200, 404]), st.just({"description": "d"}), max_size=2),
    deprecated=st.sampled_from([None, True]),
    include_in_schema=st.booleans(),
    response_class=st.sampled_from([DefaultPlaceholder(HTMLResponse), HTMLResponse, PlainTextResponse]),
    max_body_size=st.sampled_from([None, 0, 5]),
    form_limits=st.dictionaries(st.sampled_from(["max_files", "max_fields"]), st.integers(0, 3), max_size=2),
)


@given(levels, levels, levels)
def test_levels_may_be_merged_in_any_grouping(a: Level, b: Level, c: Level) -> None:
    assert a.over(b).over(c) == a.over(b.over(c))
