"""Paths that nothing is declared for: the 404 that an app answers by default, sent without anybody raising it.

It is sent straight where nobody could tell: the table says all there is, no slash more or less leads anywhere, there is
no frontend, and neither the router's `default` nor the handler for the error is a user's. Everything else, 405 and
redirects among it, goes the usual way.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.routing import Router
from starlette.types import Message, Receive, Scope, Send

from martlet._engine.match.table import NO_PARAMS, Params
from martlet._engine.run.careful import FailureRules
from martlet._engine.run.errors import HANDLERS
from martlet._engine.run.last import LastMessage
from martlet._engine.run.limits import limited, too_large
from martlet._engine.serve.freeze import NOTHING, Frozen
from martlet._engine.words.hooks import HOOKS

_NOT_FOUND: Final = Router.not_found
_BODY: Final = b'{"detail":"Not Found"}'
_LENGTH: Final = (b"content-length", b"%d" % len(_BODY))
_TYPE: Final = (b"content-type", b"application/json")


class NotFound:
    """Answers 404, as a target that is found.

    Args:
        router: the router that the scope names.
        rules: how the app answers exceptions.
        max_body_size: the largest body in bytes; None for any, and where somebody outside holds requests to it.
    """

    __slots__ = ("_frozen", "_is_final", "_max_body_size", "_router", "_rules")

    def __init__(self, router: Any, rules: FailureRules, max_body_size: int | None = None) -> None:
        self._router = router
        self._rules = rules
        self._max_body_size = max_body_size
        self._frozen = NOTHING
        self._is_final = False

    def find(self, frozen: Frozen, scope: Scope) -> "tuple[NotFound, Params] | None":
        """Return this target if a path is nowhere; None leaves that to be found out."""
        if frozen is not self._frozen:
            self._frozen, self._is_final = frozen, self._is_all(frozen)
        if not self._is_final or scope.get("root_path") or not self._is_answered_as_ever():
            return None
        path = scope["path"]
        if frozen.map.matches_any(path):
            return None
        if self._router.redirect_slashes and path != "/":
            other = path.rstrip("/") if path.endswith("/") else f"{path}/"
            if frozen.map.matches_any(other):
                return None
        return self, NO_PARAMS

    def _is_all(self, frozen: Frozen) -> bool:
        """Whether the table is all that can answer; asked once for each."""
        by_default = getattr(self._router.default, "__func__", None) is _NOT_FOUND
        return by_default and not (frozen.map.foreign or self._router.has_last_resort or HOOKS.watching)

    def _is_answered_as_ever(self) -> bool:
        by_class: Mapping[Any, Any]
        by_class, by_status = self._rules.handlers
        return 404 not in by_status and by_class.get(HTTPException) is HOOKS.answers_http

    async def handle(self, scope: Scope, receive: Receive, send: Send, path: Params) -> None:  # noqa: ARG002
        """Send the answer, or a 413 for a body that is said to be too large; a middleware may look into the scope."""
        if self._max_body_size is not None and limited(scope, receive, self._max_body_size) is None:
            await too_large(scope, receive, send)
            return
        scope.setdefault("router", self._router)
        scope[HANDLERS] = self._rules.handlers
        await send({"type": "http.response.start", "status": 404, "headers": [_LENGTH, _TYPE]})
        end: Message = {"type": "http.response.body", "body": _BODY}
        await send(LastMessage(end) if self._rules.server is None else end)
