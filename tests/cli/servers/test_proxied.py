from types import SimpleNamespace
from typing import Any

import pytest

from martlet.cli.servers.proxied import Proxied


class Headers:
    """Headers as Granian has them, as far as that goes: several lines of one name."""

    def __init__(self, lines: tuple[tuple[str, str], ...]) -> None:
        self.lines = lines

    def __contains__(self, name: str) -> bool:
        return name in dict(self.lines)

    def items(self) -> list[tuple[str, str]]:
        return list(self.lines)


def told(client: str, trusted: str, *headers: tuple[str, str]) -> tuple[str, str]:
    """Return the client and the scheme that an app sees."""
    seen: list[Any] = []
    scope = SimpleNamespace(client=client, scheme="http", path="/b", headers=Headers(headers))
    app: Any = lambda scope, _proto: seen.append(scope)  # noqa: E731 - nothing waits for it
    Proxied(app, trusted.split(",")).__rsgi__(scope, None)  # type: ignore[unused-awaitable]  # likewise
    assert seen[0].path == "/b"
    return seen[0].client, seen[0].scheme


FOR = ("x-forwarded-for", "203.0.113.9, 10.0.0.7")
PROTO = ("x-forwarded-proto", "https")


@pytest.mark.parametrize(
    ("client", "trusted", "headers", "seen"),
    [
        ("127.0.0.1:80", "127.0.0.1", (FOR, PROTO), ("10.0.0.7:0", "https")),
        ("127.0.0.1:80", "127.0.0.1,10.0.0.0/8", (FOR, PROTO), ("203.0.113.9:0", "https")),
        ("127.0.0.1:80", "127.0.0.1,10.0.0.0/8,203.0.113.9", (FOR,), ("203.0.113.9:0", "http")),
        ("192.0.2.1:80", "*", (FOR, ("x-forwarded-proto", "gopher")), ("203.0.113.9:0", "http")),
        ("192.0.2.1:80", "127.0.0.1", (FOR, PROTO), ("192.0.2.1:80", "http")),
        ("127.0.0.1:80", "127.0.0.1", (PROTO,), ("127.0.0.1:80", "http")),
        ("[::1]:80", "::1", (FOR, PROTO), ("10.0.0.7:0", "https")),
        ("unix:80", "unix", (FOR, ("x-forwarded-for", "192.0.2.4")), ("192.0.2.4:0", "http")),
        ("127.0.0.1:80", "127.0.0.1", (("x-forwarded-for", " "), PROTO), ("127.0.0.1:80", "http")),
        ("nobody:80", "10.0.0.0/8", (FOR,), ("nobody:80", "http")),
    ],
)
def test_who_is_believed(
    client: str, trusted: str, headers: tuple[tuple[str, str], ...], seen: tuple[str, str]
) -> None:
    assert told(client, trusted, *headers) == seen
