"""How much of a request is read: checking the limits that users declare, and holding an ASGI app to a body's size.

The compiled handlers count bytes themselves; what stands here serves what is not compiled: routes with a handler of
their own, mounted apps, and the outside of an app that has middleware. The counting is Starlette's, which shares one
counter between an app and what is mounted in it, so that an inner limit replaces an outer one.
"""

from collections.abc import Mapping
from functools import cache

from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.middleware import body_limit
from starlette.middleware.body_limit import MAX_BODY_SIZE_SCOPE_KEY, RequestBodyLimitMiddleware
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from martlet._engine.words.errors import InvalidLimitError
from martlet._engine.words.options import FormLimits
from martlet._engine.words.scope import FORM_LIMITS_KEY, fastapi_scope, told

# The two signals by which Starlette's counter stops an app. It has no public names for them.
_TOO_LARGE = body_limit._RequestBodyTooLarge
_ANSWERED = body_limit._RequestBodyLimitResponseSent
_RESPONDER_KEY = body_limit._BODY_LIMIT_RESPONDER_SCOPE_KEY


def check_max_body_size(limit: object) -> None:
    """Refuse what is no limit on a body.

    Raises:
        InvalidLimitError: it is neither None nor an int of at least 0.
    """
    if limit is None:
        return
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise InvalidLimitError(
            "max_body_size must be a non-negative integer or None", advice=f"{limit!r} is not a number of bytes."
        )


@cache
def _form_limits_adapter() -> TypeAdapter[FormLimits]:
    return TypeAdapter(FormLimits)


def check_form_limits(limits: FormLimits | None) -> FormLimits:
    """Return the limits on forms, empty where there are none.

    Raises:
        pydantic.ValidationError: a key is none of the three, or its value is no int of at least 0.
    """
    return FormLimits() if limits is None else _form_limits_adapter().validate_python(limits)


def with_body_limit(app: ASGIApp, max_body_size: int | None) -> ASGIApp:
    """Return `app` behind a limit on the body, `app` itself where there is none."""
    if max_body_size is None:
        return app
    return RequestBodyLimitMiddleware(_UngroupLimitErrors(app), max_body_size=max_body_size)


def limited(scope: Scope, receive: Receive, limit: int) -> Receive | None:
    """Return `receive` held to a body of `limit` bytes; what a compiled handler calls first, if there is a limit.

    A body that is declared to be larger is refused before a byte of it is read: then None is returned, and
    `too_large` is to answer.

    Raises:
        HTTPException: 413, more was read already; the returned `receive` raises it for bodies that turn out larger.
    """
    counting = scope.get(_RESPONDER_KEY)
    if counting is not None:
        # An app around this one counts: as in Starlette, the inner limit takes the place of the outer one.
        counting.max_body_size = limit
        if counting.total_size > limit:
            raise _TOO_LARGE
        return receive
    for name, value in scope["headers"]:
        if name == b"content-length":
            if is_above(value, limit):
                return None
            break
    return _Counted(receive, limit)


def is_above(content_length: bytes | str, limit: int) -> bool:
    """Whether a header announces more than `limit` bytes; one that is no number announces nothing."""
    length = announced(content_length)
    return length is not None and length > limit


def announced(content_length: bytes | str) -> int | None:
    """Return the length that a header announces, None for what is no number, or one that Python will not read."""
    try:
        return int(content_length)
    except ValueError:
        return None


def exceeded() -> Exception:
    """Return the error for a body that turns out to be too large."""
    return _TOO_LARGE()


async def too_large(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 413 as Starlette does, so not as JSON; each time anew, since middlewares add to an answer's headers."""
    await PlainTextResponse("Content Too Large", status_code=413)(scope, receive, send)


class _Counted:
    """Counts the bytes of a body while it is received."""

    __slots__ = ("_left", "_receive")

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise _TOO_LARGE
        return message


def inherit_form_limits(scope: Scope, limits: Mapping[str, int]) -> None:
    """Add a router's limits on forms to those of the apps around it, for what is below."""
    if limits:
        part = fastapi_scope(scope)
        part[FORM_LIMITS_KEY] = {**part.get(FORM_LIMITS_KEY, {}), **limits}


def form_limits(scope: Scope, own: Mapping[str, int] | None) -> dict[str, int]:
    """Return the limits on a form: a route's own over those that it inherits."""
    return {**(told(scope, FORM_LIMITS_KEY) or {}), **(own or {})}


def limit_error(error: Exception) -> Exception | None:
    """Return the signal of the body limit that `error` is, or is a group of; None if it is anything else."""
    if not isinstance(error, ExceptionGroup):
        return error if isinstance(error, (_TOO_LARGE, _ANSWERED)) else None
    # A middleware may read the body and start the answer in tasks of one group. With another error among theirs it is
    # the group that is to be seen.
    matched, others = error.split((_TOO_LARGE, _ANSWERED))
    if matched is None or others is not None:
        return None
    # An answer that was already sent goes first: nothing more is to be said.
    first: Exception = matched.subgroup(_ANSWERED) or matched
    while isinstance(first, ExceptionGroup):
        first = first.exceptions[0]
    return first


class _UngroupLimitErrors:
    """Lets Starlette's counter see its signals though a task group has wrapped them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except ExceptionGroup as group:
            signal = limit_error(group) if scope["type"] == "http" else None
            if signal is None:
                raise
            raise signal from group


class AppBodyLimitMiddleware:
    """Holds all of an app to a body's size.

    An app that is mounted in another one with a limit shares that one's counter, which leaves its 413 to whoever made
    it. Here the answer is given at once: the mounted app's own error handling would make it a 500.

    Args:
        app: what is inside.
        max_body_size: bytes; None where only what is mounted around the app may have a limit.
    """

    def __init__(self, app: ASGIApp, max_body_size: int | None) -> None:
        self.app = with_body_limit(app, max_body_size)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if MAX_BODY_SIZE_SCOPE_KEY not in scope:
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as error:
            signal = limit_error(error)
            if started or not isinstance(signal, HTTPException):
                raise
            response = JSONResponse({"detail": signal.detail}, status_code=signal.status_code)
            await response(scope, receive, send)
