"""How a handler reads and answers over ASGI: the texts in which one protocol differs from another."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Dialect:
    """The protocol's part of a handler's text.

    Args:
        arguments: the parameters of a handler.
        query: the raw query string, bytes.
        headers: the raw headers, a list of pairs of bytes.
        read_body: reads the whole body.
        open_request: makes Starlette's Request.
    """

    arguments: str
    query: str
    headers: str
    read_body: str
    open_request: str


ASGI: Final = Dialect(
    arguments="scope, receive, send, path",
    query='scope["query_string"]',
    headers='scope["headers"]',
    read_body="await read_body(receive)",
    open_request="Request(scope, receive, send)",
)
