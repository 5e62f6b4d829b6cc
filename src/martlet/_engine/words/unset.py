"""The two marks of absence.

`UNSET` stands for "nothing was said", where `None` is a value of its own.
`DefaultPlaceholder` is FastAPI's public way to say "this value, unless a parent says otherwise"; packages read it off
routes and pass it back in, so it is honoured wherever an option is merged.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Literal, TypeVar

DefaultType = TypeVar("DefaultType")


class DefaultPlaceholder:
    """A value that counts only while no one else gives one.

    Args:
        value: the value to fall back to.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DefaultPlaceholder) and other.value == self.value

    __hash__: Callable[[], int] = None  # type: ignore[assignment]  # unhashable: equality is by a mutable value


def Default(value: DefaultType) -> DefaultType:  # noqa: N802 - FastAPI's public name
    """Wrap `value` as a default that a parent router or the app may override.

    The return type is that of the value, so that signatures can say what the option really is.
    """
    return DefaultPlaceholder(value)  # type: ignore[return-value]


class Unset(DefaultPlaceholder, Enum):
    """The type of `UNSET`; an enum, so that type checkers narrow on `is UNSET`.

    COMPAT: FastAPI's mark is a placeholder for None, and packages hand it on as the default of an option.
    """

    unset = None

    def __init__(self, value: None) -> None:
        """An enum has a value by itself."""

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __hash__(self) -> int:  # (other placeholders have none)
        return hash(self.name)


UNSET: Final = Unset.unset


def settled(value: Any, fallback: Any = None) -> Any:
    """Return `value` with absence resolved: UNSET becomes `fallback`, a placeholder its value."""
    if value is UNSET:
        return fallback
    return value.value if isinstance(value, DefaultPlaceholder) else value
