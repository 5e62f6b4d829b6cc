"""What lets a request through or sends it away: TrustedHost and HTTPSRedirect, Starlette's.

A request that is let through costs a look, and no object: the app inside is called in the place of the middleware.
Starlette's own code sends the others away.
"""

from collections.abc import Awaitable
from functools import lru_cache
from typing import Any

from starlette._utils import parse_host_header
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import Receive, Scope, Send


class HTTPSRedirect(HTTPSRedirectMiddleware):
    """Sends clients that came over plain HTTP to HTTPS."""

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Let a request through, or redirect it."""
        if scope["type"] in ("http", "websocket") and scope["scheme"] in ("http", "ws"):
            return super().__call__(scope, receive, send)
        return self.app(scope, receive, send)


class TrustedHost(TrustedHostMiddleware):
    """Refuses requests for hosts that are not the app's; the arguments are Starlette's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        exact = frozenset(pattern for pattern in self.allowed_hosts if not pattern.startswith("*"))
        below = tuple(pattern[1:] for pattern in self.allowed_hosts if pattern.startswith("*"))

        # Clients say what they like: only so many are remembered.
        @lru_cache(maxsize=256)
        def is_trusted(header: bytes) -> bool:
            parsed = parse_host_header(header.decode("latin-1"))
            host = parsed.host.lower() if parsed is not None else ""
            return parsed is not None and (host in exact or host.endswith(below))

        self._is_trusted = is_trusted

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:  # type: ignore[override]
        """Let a request through, or refuse it."""
        if self.allow_any or scope["type"] not in ("http", "websocket"):
            return self.app(scope, receive, send)
        for name, value in scope["headers"]:
            if name == b"host":
                if self._is_trusted(value):
                    return self.app(scope, receive, send)
                break
        return super().__call__(scope, receive, send)
