"""What a dialect says: the texts in which the handler for one protocol differs from that for another."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Dialect:
    """The protocol's part of a handler's text.

    Args:
        arguments: the parameters of a handler.
        connection: those of them that stand for the request and its answer, for calls that take it over.
        scope: ASGI's scope.
        query: the raw query string, bytes.
        headers: the headers, as `header_values` and `cookie_values` take them.
        raw_headers: the raw headers, a list of pairs of bytes.
        content_type: the Content-Type, None where there is none.
        read_body: reads the whole body.
        reader: `read_body` in that text.
        header_name: makes a key of `wanted` for `header_values` out of a header's name.
        header_values: takes wanted headers out of all of them.
        cookie_values: takes wanted cookies out of the headers.
        send_response: sends a response object.
        names: what these texts name beside that.
    """

    arguments: str
    connection: str
    scope: str
    query: str
    headers: str
    raw_headers: str
    content_type: str
    read_body: str
    reader: Callable[..., Any]
    header_name: Callable[[str], str | bytes]
    header_values: Callable[..., dict[str, Any]]
    cookie_values: Callable[..., dict[str, Any]]
    send_response: Callable[..., Any]
    names: Mapping[str, Any] = field(default_factory=dict)
