"""What is not shown of values: what is called a secret, and what looks like one.

A name says it (`password`, `api_key`, `authorization`), at any depth of dicts, dataclasses and models; in texts, the
password of an address, what follows `Bearer`, JSON Web Tokens and `password=...`. It is a courtesy to those who share
their screen, not a promise: a secret under the name `x` is shown.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any, Final

HIDDEN: Final = "[redacted]"

_NAMES: Final = re.compile(
    r"pass(wd|word|phrase|code)|^pwd$|secret|token|api[-_]?key|private[-_]?key|access[-_]?key|credential|"
    r"^auth(orization)?$|proxy-authorization|cookie|session[-_]?id|csrf|signature|^(pin|otp|cvv|ssn)$",
    re.IGNORECASE,
)
_ANYWHERE: Final = (
    (re.compile(r"(\w+://[^\s:/@'\"]*):[^\s@'\"]+@"), rf"\1:{HIDDEN}@"),
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), HIDDEN),
)
_KEY: Final = r"(?:password|passwd|secret|token|api_?key)['\"]?"
_LITERAL: Final = r"'[^']*'|\"[^\"]*\""
_ASSIGNED: Final = (
    re.compile(rf"({_KEY}\s*[=:]\s*)({_LITERAL}|[^\s,;&)}}\]]+)", re.IGNORECASE),
    rf"\1{HIDDEN}",
)
_WRITTEN: Final = (
    re.compile(rf"({_KEY}\s*(?::[^=,]+=|[=:])\s*)({_LITERAL})", re.IGNORECASE),
    rf"\1'{HIDDEN}'",
)
_MOST: Final = 20
_DEPTH: Final = 4
_LONGEST: Final = 600


def is_secret(name: str) -> bool:
    """Return whether what has this name is not to be shown."""
    return _NAMES.search(name) is not None


def redacted(text: str) -> str:
    """Return a text without what looks like a secret in it."""
    for pattern, instead in (*_ANYWHERE, _ASSIGNED):
        text = pattern.sub(instead, text)
    return text


def redacted_code(line: str) -> str:
    """Return a line of code without secrets that are written in it; what only computes one stays."""
    for pattern, instead in (*_ANYWHERE, _WRITTEN):
        line = pattern.sub(instead, line)
    return line


def described(value: Any, depth: int = _DEPTH) -> str:
    """Return a value as `repr` would, shortened and without its secrets; never fails."""
    try:
        text = _described(value, depth)
    except Exception as error:  # noqa: BLE001 - a repr of the user's may raise anything
        text = f"<{type(value).__qualname__}: its repr raises {type(error).__qualname__}>"
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _described(value: Any, depth: int) -> str:
    kind = type(value)
    if kind is str or kind is bytes:
        return redacted(repr(value[: _LONGEST + 1]))
    if kind is dict:
        return "{" + _pairs(((f"{key!r}: ", key, item) for key, item in value.items()), depth) + "}"
    if kind in (list, tuple, set, frozenset):
        opening, closing = "[]" if kind is list else "()" if kind is tuple else "{}"
        return opening + _pairs((("", "", item) for item in value), depth) + closing
    fields = _fields(value)
    if fields is not None:
        return f"{kind.__qualname__}({_pairs(((f'{name}=', name, item) for name, item in fields.items()), depth)})"
    return redacted(repr(value))


def _pairs(items: Any, depth: int) -> str:
    """Return the items of a container: each what is written before it, its name, its value."""
    if depth == 0:
        return "…"
    parts = [
        before + (HIDDEN if isinstance(name, str) and is_secret(name) else described(item, depth - 1))
        for before, name, item in islice(items, _MOST + 1)
    ]
    return ", ".join(parts[:_MOST]) + (", …" if len(parts) > _MOST else "")


def _fields(value: Any) -> Mapping[str, Any] | None:
    """Return the fields of a dataclass or a pydantic model whose repr is the usual one."""
    kind = type(value)
    if dataclasses.is_dataclass(kind) and "__repr__" in vars(kind):
        return {field.name: getattr(value, field.name, None) for field in dataclasses.fields(kind) if field.repr}
    if hasattr(kind, "__pydantic_fields__"):
        return dict(vars(value))
    return None


def shown_pairs(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return names and texts, headers for example, with the secrets hidden."""
    return [(name, HIDDEN if is_secret(name) else redacted(value)) for name, value in pairs]
