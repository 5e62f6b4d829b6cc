"""The errors that end a request or a WebSocket connection.

`HTTPException` and `WebSocketException` are raised by users; the `*ValidationError`s by the engine, with the list of
errors as pydantic tells them. They carry data only: `martlet.exception_handlers` turns them into answers.
Constructors, attributes and texts are those of `fastapi.exceptions`, since packages read and build them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from pydantic import BaseModel, create_model
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException

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
