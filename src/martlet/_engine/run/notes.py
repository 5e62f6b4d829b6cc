"""What the one validation of a request has found out of slots whose validation calls code of the user's.

When a request turns out not to fit, the careful way finds its errors slot by slot, in FastAPI's order. It validates
again what can be validated again without anybody noticing; where the user's code was called, it takes what is noted
here, so that this code runs once for a request, as under FastAPI.

A handler points to its own notes right before it validates. Validation does not wait for anything, so nobody else's
request comes in between on the same thread.
"""

import threading
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from pydantic import ValidationError

Notes: TypeAlias = dict[int, tuple[Any, ValidationError | None]]
"""By the identity of a slot: its value, or its refusal."""

# Errors that pydantic-core words alike for JSON's text and for what `json.loads` makes of it, and whether or not it may
# take attributes of objects. Of others FastAPI's answers speak as the careful way finds them.
_ALIKE: Final = frozenset(
    (
        *("missing", "value_error", "assertion_error", "extra_forbidden", "literal_error", "enum"),
        *("string_type", "string_too_short", "string_too_long", "string_pattern_mismatch"),
        *("int_type", "int_parsing", "int_from_float", "float_type", "float_parsing", "bool_type", "bool_parsing"),
        *("greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of"),
    )
)


class _Here(threading.local):
    notes: Notes


_here = _Here()


def note_in(notes: Notes) -> None:
    """Have what is validated from now on noted there."""
    _here.notes = notes


def noting(slot: Any) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """Return a function for pydantic to wrap around the validation of a slot, which notes what comes of it."""

    def note(value: Any, validate: Callable[[Any], Any]) -> Any:
        notes = _here.notes
        try:
            found = validate(value)
        except ValidationError as refusal:
            if _ALIKE.issuperset(each["type"] for each in refusal.errors()):
                notes[id(slot)] = None, refusal
            raise
        notes[id(slot)] = found, None
        return found

    return note
