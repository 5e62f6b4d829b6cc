"""Return values without a declared type, written as FastAPI's encoder and Starlette's JSONResponse write them."""

import sys
from collections import OrderedDict
from datetime import date
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Any

import pytest
from fastapi.encoders import jsonable_encoder
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from starlette.responses import JSONResponse

from martlet._engine.read.result import Filters
from martlet._engine.run import render
from martlet._engine.run.render import filter_options, is_plain, untyped_json


class Text(str):
    """A subclass is not plain."""

    __slots__ = ()


class Number(IntEnum):
    one = 1


class Word(Enum):
    a = "A"


class Model(BaseModel):
    at: date = date(2024, 2, 29)


TEXTS = ("\u2028", "\x7f", '\x00\b\f\n\r\t"\\/', "<&>", "\ud800", "\U0001f426", Text("x"))
NUMBERS = (2**63, 2**64, -(2**63) - 1, 1e16, 1e-7, 5e-324, 0.1, -0.0, 1e22, float("inf"), Number.one)
OTHERS = (Word.a, Decimal("1.10"), Model(), (1, 2), {1}, b"bytes", OrderedDict(a=1))
SCALARS = (st.none() | st.booleans() | st.integers() | st.floats()) | (
    st.text(max_size=4) | st.sampled_from(TEXTS) | st.sampled_from(NUMBERS) | st.sampled_from(OTHERS)
)
KEYS = st.text(max_size=3) | st.sampled_from(["_sa", "_sa_state", 1, None, Text("k"), 1.5])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def theirs(value: Any) -> bytes | str:
    try:
        return bytes(JSONResponse(jsonable_encoder(value)).body)
    except Exception as error:
        return type(error).__name__


def ours(value: Any) -> bytes | str:
    try:
        return untyped_json(value)
    except Exception as error:
        return type(error).__name__


@given(value=VALUES)
@pytest.mark.parametrize("fast", [True, False])
def test_json_is_that_of_fastapi(value: Any, fast: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if not fast:
            patch.setattr(render, "_fast_json", None)
        assert ours(value) == theirs(value)


def test_depth_is_no_other() -> None:
    value: Any = []
    for _ in range(300):
        value = [value]
    assert ours(value) == theirs(value)


def test_without_orjson_the_standard_library_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert render._find_orjson() is not None
    monkeypatch.setitem(sys.modules, "orjson", None)
    assert render._find_orjson() is None


@pytest.mark.parametrize("value", [1, "a", None, True, [1, {"a": [1.5]}], {}])
def test_these_are_plain(value: Any) -> None:
    assert is_plain(value)


@pytest.mark.parametrize("value", [(1,), {1: 2}, {"_sa_x": 1}, [Text("a")], {"a": {"b": object()}}, Number.one])
def test_these_are_not_plain(value: Any) -> None:
    assert not is_plain(value)


def test_filters_that_say_nothing_are_left_out() -> None:
    assert filter_options(Filters()) == {"by_alias": True}
    assert filter_options(Filters(by_alias=False, include={"a"}, exclude_none=True)) == {
        "by_alias": False,
        "include": {"a"},
        "exclude_none": True,
    }


@pytest.mark.parametrize("innermost", [1, (1,)], ids=["plain", "for the encoder"])
@pytest.mark.parametrize("wrap", [lambda inner: [inner], lambda inner: {"k": inner}], ids=["list", "dict"])
def test_what_nests_deeply_is_written_as_far_as_fastapi_does(wrap: Any, innermost: Any) -> None:
    # One frame a level is what a dict and a list may cost: Python counts a thousand.
    value = innermost
    for _ in range(700):
        value = wrap(value)
    assert untyped_json(value) == theirs(value)
