"""Reading request headers and cookies off the raw list of an ASGI scope.

Names and values are latin-1 (RFC 9110, section 5.5). A header that comes several times counts by its first value, or by
all of them where the parameter is a list, as in Starlette's `Headers`.
"""

from collections.abc import Iterable, Mapping
from email.message import Message
from functools import lru_cache
from typing import Any

from starlette.requests import cookie_parser

RawHeaders = Iterable[tuple[bytes, bytes]]


def header_values(
    headers: RawHeaders, wanted: Mapping[bytes, str], many: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """Return the wanted headers.

    Args:
        headers: the raw list.
        wanted: lower-case header name -> key in the result.
        many: the keys whose values are all taken, as a list.
    """
    values: dict[str, Any] = {}
    for name, value in headers:
        key = wanted.get(name)
        if key is None:
            continue
        if key in many:
            values.setdefault(key, []).append(value.decode("latin-1"))
        elif key not in values:
            values[key] = value.decode("latin-1")
    return values


def cookie_values(headers: RawHeaders, wanted: Mapping[str, str]) -> dict[str, Any]:
    """Return the wanted cookies: name -> key in the result."""
    values: dict[str, Any] = {}
    for name, value in headers:
        if name == b"cookie":
            cookies = cookie_parser(value.decode("latin-1"))
            values.update((key, cookies[cookie]) for cookie, key in wanted.items() if cookie in cookies)
    return values


def content_type(headers: RawHeaders) -> bytes | None:
    """Return the first Content-Type, None where there is none."""
    for name, value in headers:
        if name == b"content-type":
            return value
    return None


@lru_cache(maxsize=256)
def is_json(content_type: bytes | str | None) -> bool:
    """Whether a Content-Type says JSON: `application/json`, or a `+json` type of `application` (RFC 6839)."""
    if content_type is None:
        return False
    message = Message()
    message["content-type"] = content_type.decode("latin-1") if isinstance(content_type, bytes) else content_type
    if message.get_content_maintype() != "application":
        return False
    subtype = message.get_content_subtype()
    return subtype == "json" or subtype.endswith("+json")
