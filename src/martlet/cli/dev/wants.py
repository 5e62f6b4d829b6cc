"""Who is to have a page, and who JSON."""

from typing import Any


def wants_page(scope: Any) -> bool:
    """Return whether a browser asks for a page: programs, `curl` and `fetch()` among them, say nothing of HTML."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])
