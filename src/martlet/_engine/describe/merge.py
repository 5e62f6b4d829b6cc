"""Laying what the user wrote over what was worked out: FastAPI's deep merge, without touching either side."""

from collections.abc import Mapping
from typing import Any


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` on top.

    Objects are merged key by key, lists are joined, anything else of `over` wins. Nothing given is changed; what is in
    one of the two only is shared with it.
    """
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            result[key] = merged(old, value)
        elif isinstance(old, list) and isinstance(value, list):
            result[key] = old + value
        else:
            result[key] = value
    return result
