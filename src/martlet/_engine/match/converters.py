"""What the Table knows of Starlette's convertors: the `int` in `/items/{item_id:int}`.

A convertor has a regex, which says what it matches, and `convert`, which makes a value of that. Users register theirs
with `starlette.convertors.register_url_convertor`. Only for the regexes below is it known that they never match a `/`;
a parameter with any other one is matched by the whole template's regex.

A `ValueError` from `convert` means that the template does not match, as in Django: `/{day:date}` does not take
2026-02-30, nor `/{n:int}` more digits than Python reads. Starlette answers such a request with 500.
"""

import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from uuid import UUID

from starlette.convertors import (
    Convertor,
    FloatConvertor,
    IntegerConvertor,
    PathConvertor,
    StringConvertor,
    UUIDConvertor,
)

Test: TypeAlias = Callable[[str], object]
"""Whether a segment of a path, which holds no line feed, is what a convertor matches: the answer's truth counts."""

Conversion: TypeAlias = Callable[[str], Any]
"""What makes a parameter's value of its text."""

ANYTHING: Final = StringConvertor.regex
"""The regex of a plain `{name}`: any segment that is not empty."""

REST: Final = PathConvertor.regex
"""The regex of `{name:path}`: any text without a line feed, slashes and the empty text included."""


def _is_digits(segment: str) -> bool:
    # `isdigit` alone would take other scripts' digits, which `[0-9]` does not match.
    return segment.isascii() and segment.isdigit()


SEGMENT_TESTS: Final = MappingProxyType[str, Test](
    {
        ANYTHING: bool,
        IntegerConvertor.regex: _is_digits,
        FloatConvertor.regex: re.compile(FloatConvertor.regex).fullmatch,
        UUIDConvertor.regex: re.compile(UUIDConvertor.regex).fullmatch,
    }
)
"""Regexes that never match a `/`, with the fastest test for each."""


# What the `convert` of Starlette's own convertors comes to, without a call in between.
_CONVERSIONS: Final = MappingProxyType[type[Convertor[Any]], Conversion | None](
    {StringConvertor: None, PathConvertor: None, IntegerConvertor: int, FloatConvertor: float, UUIDConvertor: UUID}
)


def conversion(convertor: Convertor[Any]) -> Conversion | None:
    """Return what makes a value of a parameter's text; None where the text is the value."""
    return _CONVERSIONS.get(type(convertor), convertor.convert)
