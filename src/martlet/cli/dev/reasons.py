"""Why an answer is no success, in a few words: a validation error, the detail of an HTTPException, an exception.

Whatever comes from a request is shown as JSON shows it, so that it cannot write to the terminal; secrets are not shown.
"""

import json
from http import HTTPStatus
from typing import Any, Final

from martlet.cli.dev.redact import is_secret, redacted
from martlet.cli.frames import last_place, shown
from martlet.exceptions import ResponseValidationError

_LONGEST: Final = 60


def of_answer(status: int, content_type: bytes, body: bytes) -> str:
    """Return why a request was refused, as far as the answer's JSON says so in FastAPI's form; else nothing."""
    if not content_type.startswith(b"application/json"):
        return ""
    try:
        detail = json.loads(body)["detail"]
    except (ValueError, KeyError, TypeError, IndexError):
        return ""
    if isinstance(detail, str):
        return "" if detail == _phrase(status) else _short(plain(detail), 2 * _LONGEST)
    first = detail[0] if isinstance(detail, list) and detail else None
    if not isinstance(first, dict) or "msg" not in first:
        return ""
    more = f" (and {len(detail) - 1} more)" if len(detail) > 1 else ""
    return of_error(first) + more


def of_error(error: Any) -> str:
    """Return a validation error in one line: where, what, and the value that was there."""
    where = ".".join(str(part) for part in error.get("loc", ()))
    text = plain(f"{where}: {error['msg']}" if where else str(error["msg"]))
    if error.get("type") == "missing" or "input" not in error:
        return text
    parts = error.get("loc", ())
    value = '"[redacted]"' if any(is_secret(str(part)) for part in parts) else _value(error["input"])
    return f"{text} (got {value})"


def of_exception(error: BaseException) -> str:
    """Return an exception in one line: its class, its message, and where in the user's code it was raised."""
    name = type(error).__qualname__
    if isinstance(error, ResponseValidationError):
        place: object = f"{shown(error.endpoint_file)}:{error.endpoint_line}" if error.endpoint_file else ""
        message = of_error(error.errors()[0])
    else:
        place = last_place(error) or ""
        message = _short(plain(redacted(message_of(error).partition("\n")[0])), 2 * _LONGEST)
    return "  ".join(filter(None, (f"{name}: {message}" if message else name, str(place))))


def message_of(error: BaseException) -> str:
    """Return what an exception says; never fails, though the user's `__str__` may."""
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - see above
        return "(its text cannot be made)"


def plain(text: str) -> str:
    """Return a text on one line and without what a terminal would act on."""
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def _value(value: Any) -> str:
    return _short(redacted(json.dumps(value, default=str)), _LONGEST)


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
