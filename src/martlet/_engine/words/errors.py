"""The errors that say a program is wrong, before any request is served.

Everything that `martlet` refuses at declaration derives from `DeclarationError`, which says three things: what is wrong
(a sentence that may be pinned by FastAPI's tests, so it comes first), what to do about it, and where the endpoint is.
`DECLARATION_ERRORS` lists them all by their code.

Where FastAPI raises an `AssertionError` or a `TypeError` for the same mistake, ours derives from that too, so that code
written for FastAPI still catches it. What goes wrong while a request is served is in `http_errors.py`.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self


class FastAPIError(RuntimeError):
    """An error of the framework itself, as against one of the request or of the user's code."""


class DependencyScopeError(FastAPIError):
    """A dependency uses another one that ends before it does."""


class PydanticV1NotSupportedError(FastAPIError):
    """A model of `pydantic.v1` was used; only models of pydantic 2 are supported."""


class MissingPackageError(FastAPIError, AssertionError):
    """Something was used that needs a package which is not installed."""


class UnencodableError(FastAPIError, ValueError, AssertionError):
    """A value cannot become JSON: it is neither of a known type nor a mapping nor an object with attributes."""


class InvalidAnswerError(FastAPIError, ValueError):
    """An answer breaks HTTP by its status, a header or its length, and was not sent.

    Args:
        message: the sentence that says what is wrong.
        advice: what to do about it.
    """

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(f"{message} {advice}")


class UnexpectedMessageError(FastAPIError, AssertionError):
    """An app behind an http middleware has sent what has no place in an answer there.

    Args:
        message: the ASGI message.
    """

    def __init__(self, message: Mapping[str, Any]) -> None:
        super().__init__(
            f"Unexpected message: {message}. Use a middleware that is a plain ASGI app around what sends it."
        )


class TooLateError(FastAPIError):
    """The drop-in was asked for when `fastapi` had been imported already: those who did keep what they got."""

    code: ClassVar[str] = "MARTLET-F001"


class LifespanError(FastAPIError):
    """The lifespan of an app failed, at its start or at its end."""


class FastAPIDeprecationWarning(UserWarning):
    """Warn of something that will go away.

    A `UserWarning`, since Python hides a `DeprecationWarning` that is raised in an imported module (PEP 565).
    """


class DeclarationError(FastAPIError):
    """A declaration cannot work.

    Args:
        message: the sentence that says what is wrong.
        advice: what to do about it; may be left out where the message says so.
        endpoint: the function whose file and line the reader should open.
    """

    code: ClassVar[str] = "MARTLET-D001"

    def __init__(self, message: str, *, advice: str = "", endpoint: Callable[..., Any] | None = None) -> None:
        self.message = message
        self.advice = advice
        self.location: str = "" if endpoint is None else locate(endpoint)
        super().__init__("\n  ".join(filter(None, (message, advice, self.location))))


class InvalidParameterError(DeclarationError, AssertionError):
    """A parameter of an endpoint or a dependency contradicts itself or its path."""

    code = "MARTLET-D002"


class InvalidPathError(DeclarationError, AssertionError):
    """A path or a prefix is malformed."""

    code = "MARTLET-D003"


class InvalidRouterError(DeclarationError, AssertionError):
    """Routers are put together in a way that cannot be served."""

    code = "MARTLET-D004"


class InvalidResponseError(DeclarationError, AssertionError):
    """What is said of an answer contradicts itself or HTTP."""

    code = "MARTLET-D005"


class InvalidFieldTypeError(DeclarationError):
    """An annotation is no type that pydantic can validate."""

    code = "MARTLET-D006"


class InvalidConcurrencyError(DeclarationError, ValueError):
    """A limit on a dependency's concurrency is no positive number."""

    code = "MARTLET-D008"


class InvalidLimitError(DeclarationError, ValueError):
    """A limit on what a request may carry is no number that can be one."""

    code = "MARTLET-D009"


class InvalidStatusError(DeclarationError, ValueError):
    """An answer is declared for something that is no status code and no range of them."""

    code = "MARTLET-D010"


class DuplicateParameterError(DeclarationError, ValueError):
    """A path template names two of its parameters alike."""

    code = "MARTLET-D011"


class InvalidAppError(DeclarationError, AssertionError):
    """What is said of an app is not enough to serve it."""

    code = "MARTLET-D012"


class UnknownOptionError(DeclarationError, TypeError):
    """A keyword was given that the function does not take."""

    code = "MARTLET-D007"

    @classmethod
    def of(cls, where: str, name: str, allowed: Iterable[str], *, endpoint: Callable[..., Any] | None = None) -> Self:
        """Return the error for the keyword `name`, naming the option that was probably meant.

        Args:
            where: the function that was called, such as `APIRouter.get`.
            name: the keyword that it does not know.
            allowed: the keywords that it knows.
            endpoint: the function whose file and line the reader should open.
        """
        from difflib import get_close_matches  # noqa: PLC0415 - for this error only

        meant = get_close_matches(name, list(allowed), n=1)
        advice = f"Did you mean {meant[0]!r}?" if meant else ""
        return cls(f"{where}() got an unexpected keyword argument {name!r}", advice=advice, endpoint=endpoint)


DECLARATION_ERRORS: Final[Mapping[str, type[DeclarationError]]] = MappingProxyType(
    {
        error.code: error
        for error in (
            DeclarationError,
            InvalidParameterError,
            InvalidPathError,
            InvalidRouterError,
            InvalidResponseError,
            InvalidFieldTypeError,
            UnknownOptionError,
            InvalidConcurrencyError,
            DuplicateParameterError,
            InvalidStatusError,
            InvalidLimitError,
            InvalidAppError,
        )
    }
)


def locate(endpoint: Callable[..., Any]) -> str:
    """Return `File "app.py", line 3, in read_item` for a callable, as much of it as can be found out.

    Never fails: it is called while an error is being made, and must not replace it by another one.
    """
    try:
        target = inspect.unwrap(endpoint)
        while isinstance(target, partial):
            target = inspect.unwrap(target.func)
        name = getattr(target, "__qualname__", None) or type(target).__qualname__
        code = getattr(target, "__code__", None)
        if code is not None:
            return f'File "{code.co_filename}", line {code.co_firstlineno}, in {name}'
        return f'File "{inspect.getsourcefile(target if inspect.isclass(target) else type(target))}", in {name}'
    except Exception:  # noqa: BLE001 - see above; inspect calls code of the user (__wrapped__, __qualname__)
        return ""
