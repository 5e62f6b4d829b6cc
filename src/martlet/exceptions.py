"""The errors that users raise, catch and handle: what is wrong with a program, and what is wrong with a request.

They are written here, below everything, and not shown from the engine, since their module is seen: in tracebacks, in
spans, in pickles. The engine has them as `martlet._engine.words.errors` and `http_errors`.

All that is refused at declaration derives from `DeclarationError`, which says what is wrong (FastAPI's tests may pin
that sentence, so it comes first), what to do about it, and where the endpoint is. `DECLARATION_ERRORS` has their codes.
Where FastAPI raises an `AssertionError` or a `TypeError` for the same mistake, ours derives from that too, so that code
written for FastAPI still catches it.

What ends a request or a connection carries data only: `martlet.exception_handlers` turns it into an answer. Its
constructors, attributes and texts are those of `fastapi.exceptions`, since packages read and build them.
"""

import copyreg
import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, ClassVar, Final, Self, TypedDict

from pydantic import BaseModel, create_model
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException


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
        super().__init__(message, advice)

    def __str__(self) -> str:
        return " ".join(self.args)


class UnexpectedMessageError(FastAPIError, AssertionError):
    """An app behind an http middleware has sent what has no place in an answer there.

    Args:
        message: the ASGI message.
    """

    def __init__(self, message: Mapping[str, Any]) -> None:
        super().__init__(message)

    def __str__(self) -> str:
        return f"Unexpected message: {self.args[0]}. Use a middleware that is a plain ASGI app around what sends it."


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
        location: the file and line, where there is no such function; see `calling_line`.
    """

    code: ClassVar[str] = "MARTLET-D001"

    def __init__(
        self, message: str, *, advice: str = "", endpoint: Callable[..., Any] | None = None, location: str = ""
    ) -> None:
        self.message = message
        self.advice = advice
        self.location: str = location if endpoint is None else locate(endpoint)
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


def calling_line() -> str:
    """Return `File "app.py", line 3, in <module>` for the nearest caller outside this package."""
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("martlet."):
        frame = frame.f_back
    return f'File "{frame.f_code.co_filename}", line {frame.f_lineno}, in {frame.f_code.co_qualname}'


RequestErrorModel: type[BaseModel] = create_model("Request")
WebSocketErrorModel: type[BaseModel] = create_model("WebSocket")


class EndpointContext(TypedDict, total=False):
    """Where the endpoint is that was to answer: shown in the text of a validation error."""

    function: str
    path: str
    file: str
    line: int


class HTTPException(StarletteHTTPException):
    """Raise to answer the request with an error of the client's making.

    Args:
        status_code: the HTTP status, usually 400 to 499.
        detail: what stands under `detail` in the JSON answer: anything JSON can carry; None means the status's phrase.
        headers: headers to send along.
    """

    detail: Any  # Starlette says str, and takes what it is given

    def __init__(self, status_code: int, detail: Any = None, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status_code=status_code, detail=detail, headers=headers)


class WebSocketException(StarletteWebSocketException):
    """Raise to close the WebSocket with an error of the client's making.

    Args:
        code: the closing code (RFC 6455, section 7.4.1).
        reason: a text for the client, UTF-8 of at most 123 bytes on the wire; None means an empty one.
    """

    def __init__(self, code: int, reason: str | None = None) -> None:
        super().__init__(code=code, reason=reason)


class ValidationException(Exception):  # noqa: N818 - FastAPI's public name
    """Data did not fit its declaration.

    Args:
        errors: one mapping for each thing that is wrong: type, loc, msg, input and sometimes ctx.
        endpoint_ctx: where the endpoint is.
    """

    def __init__(self, errors: Sequence[Any], *, endpoint_ctx: EndpointContext | None = None) -> None:
        self._errors = errors
        self.endpoint_ctx = endpoint_ctx
        known: EndpointContext = endpoint_ctx or {}
        self.endpoint_function: str | None = known.get("function")
        self.endpoint_path: str | None = known.get("path")
        self.endpoint_file: str | None = known.get("file")
        self.endpoint_line: int | None = known.get("line")

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the class with the positional arguments; but most are made with keywords alone.
        return copyreg.__newobj__, (type(self), *self.args), vars(self)  # type: ignore[attr-defined]  # typeshed lacks it

    def errors(self) -> Sequence[Any]:
        """Return what is wrong, one mapping for each error."""
        return self._errors

    def __str__(self) -> str:
        count = len(self._errors)
        title = f"{count} validation error{'' if count == 1 else 's'}:"
        return "\n".join((title, *(f"  {error}" for error in self._errors), *self._place())).rstrip()

    def _place(self) -> list[str]:
        """Return the lines that say where the endpoint is: as a traceback would, then its method and path."""
        if self.endpoint_file and self.endpoint_line and self.endpoint_function:
            line = f'  File "{self.endpoint_file}", line {self.endpoint_line}, in {self.endpoint_function}'
            return ["", line, f"    {self.endpoint_path}"] if self.endpoint_path else ["", line]
        return ["", f"  Endpoint: {self.endpoint_path}"] if self.endpoint_path else []


class _BodyValidationError(ValidationException):
    """A validation error that shows the whole body it is about."""

    def __init__(self, errors: Sequence[Any], *, body: Any = None, endpoint_ctx: EndpointContext | None = None) -> None:
        super().__init__(errors, endpoint_ctx=endpoint_ctx)
        self.body = body


class RequestValidationError(_BodyValidationError):
    """A request does not fit the declaration of its path operation.

    Args:
        errors: one mapping for each thing that is wrong.
        body: the body as it was received, parsed if that succeeded.
        endpoint_ctx: where the endpoint is.
    """


class WebSocketRequestValidationError(ValidationException):
    """The request that opens a WebSocket does not fit the declaration of its endpoint."""


class ResponseValidationError(_BodyValidationError):
    """What an endpoint returned does not fit the response it declares: an error of the server.

    Args:
        errors: one mapping for each thing that is wrong.
        body: what the endpoint returned.
        endpoint_ctx: where the endpoint is.
    """
