"""The messages of ASGI that make an answer."""

from typing import Any

from starlette.types import Message


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    """Return the message that begins an answer."""
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content: Any = b"", *, more: bool = False) -> Message:
    """Return a message with a part of an answer."""
    return {"type": "http.response.body", "body": content, "more_body": more}
