"""Reading a query string.

PERF: `bench items`: a query without `%` and `+` needs no decoding, and is cut by hand; `parse_qsl` costs more than a
small endpoint. Either way the result is what Starlette's `QueryParams` holds.
"""

from collections.abc import Container
from typing import Any
from urllib.parse import parse_qsl


def query_pairs(query: bytes) -> list[tuple[str, str]]:
    """Return the names and values of a query string in order, decoded."""
    text = query.decode("latin-1")
    if "%" in text or "+" in text:
        return parse_qsl(text, keep_blank_values=True)
    pairs = []
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            pairs.append((name, value))
    return pairs


def query_values(query: bytes) -> dict[str, Any]:
    """Return the last value of each name."""
    return dict(query_pairs(query)) if query else {}


def query_lists(query: bytes, many: Container[str]) -> dict[str, Any]:
    """Return the last value of each name, and all values of the names in `many` as a list."""
    values: dict[str, Any] = {}
    for name, value in query_pairs(query):
        if name in many:
            values.setdefault(name, []).append(value)
        else:
            values[name] = value
    return values
