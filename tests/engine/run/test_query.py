"""Query strings, read as Starlette reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from martlet._engine.run.query import query_lists, query_pairs, query_values

QUERIES = st.lists(st.sampled_from(["a", "b", "=", "&", "%20", "%", "%zz", "+", ";", "é", "%C3%A9", " ", "1"])).map(
    lambda parts: "".join(parts).encode("latin-1")
)


@given(query=QUERIES | st.binary(max_size=20))
@pytest.mark.parametrize("names", [frozenset[str](), frozenset({"a"}), frozenset({"a", "b", ""})])
def test_values_are_starlettes(query: bytes, names: frozenset[str]) -> None:
    params = QueryParams(query)
    assert query_pairs(query) == params.multi_items()
    assert query_values(query) == dict(params)
    expected = {name: params.getlist(name) if name in names else params[name] for name in params}
    assert query_lists(query, names) == expected
