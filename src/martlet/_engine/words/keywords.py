"""Keywords that a TypedDict lists: what Python does not do for `**options: Unpack[SomeOptions]`.

Type checkers check such keywords and editors complete them; at run time any keyword gets in, and `inspect.signature`
shows none of them. `check_options` refuses unknown ones and names the option that was probably meant; `spelled_out`
shows them all to `inspect`, for notebooks, `help()` and packages that look up what a function takes.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from martlet._engine.words.errors import UnknownOptionError
from martlet._engine.words.unset import UNSET

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def option_names(allowed: type[Any]) -> frozenset[str]:
    """Return the keys of a TypedDict, its own and inherited ones."""
    return _names(allowed)  # type: ignore[arg-type]  # mypy does not see that classes are hashable


@cache  # every declaration asks for them, several times
def _names(allowed: type[Any]) -> frozenset[str]:
    names: frozenset[str] = allowed.__optional_keys__ | allowed.__required_keys__
    return names


def check_options(given: Mapping[str, object], allowed: type[Any], where: str) -> None:
    """Refuse a keyword that the TypedDict `allowed` does not list.

    Args:
        given: the keywords of the call.
        allowed: the TypedDict whose keys are the keywords that the function takes.
        where: the function as its user wrote it, such as `APIRouter.get`.

    Raises:
        UnknownOptionError: the first keyword that is not listed, with the listed one that looks most like it.
    """
    names = option_names(allowed)
    if not names.issuperset(given):
        unknown = next(name for name in given if name not in names)
        raise UnknownOptionError.of(where, unknown, sorted(names))


def with_defaults(given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keywords of a call, and the default of each one that was not given or was given as UNSET."""
    return {**defaults, **{name: value for name, value in given.items() if value is not UNSET}}


def spelled_out(allowed: type[Any]) -> Callable[[FunctionT], FunctionT]:
    """Make `inspect.signature` show each option of a TypedDict as a keyword of the decorated function.

    The function itself is returned: calls cost what they did. Parameters of its own keep their place and default; an
    option's default is shown as UNSET, which means that nothing is said.

    Args:
        allowed: the TypedDict of the function's `**options`.
    """

    def spell_out(function: FunctionT) -> FunctionT:
        signature = inspect.signature(function)
        own = [each for each in signature.parameters.values() if each.kind is not inspect.Parameter.VAR_KEYWORD]
        every = _parameters(allowed)  # type: ignore[arg-type]  # mypy does not see that classes are hashable
        listed = [each for each in every if each.name not in signature.parameters]
        vars(function)["__signature__"] = signature.replace(parameters=own + listed)
        return function

    return spell_out


@cache  # a dozen functions list the same options, and this runs at import
def _parameters(allowed: type[Any]) -> list[inspect.Parameter]:
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=UNSET, annotation=annotation)
        for name, annotation in allowed.__annotations__.items()
    ]
