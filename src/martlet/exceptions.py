"""The errors that users raise, catch and handle.

A window: the classes are written in `martlet._engine.words.errors` (what is wrong with a program) and
`martlet._engine.words.http_errors` (what is wrong with a request).
"""

from typing import TypeAlias

from starlette import exceptions as _starlette

from martlet._engine.words.errors import DeclarationError as DeclarationError
from martlet._engine.words.errors import DependencyScopeError as DependencyScopeError
from martlet._engine.words.errors import DuplicateParameterError as DuplicateParameterError
from martlet._engine.words.errors import FastAPIDeprecationWarning as FastAPIDeprecationWarning
from martlet._engine.words.errors import FastAPIError as FastAPIError
from martlet._engine.words.errors import InvalidAppError as InvalidAppError
from martlet._engine.words.errors import InvalidConcurrencyError as InvalidConcurrencyError
from martlet._engine.words.errors import InvalidFieldTypeError as InvalidFieldTypeError
from martlet._engine.words.errors import InvalidLimitError as InvalidLimitError
from martlet._engine.words.errors import InvalidParameterError as InvalidParameterError
from martlet._engine.words.errors import InvalidPathError as InvalidPathError
from martlet._engine.words.errors import InvalidResponseError as InvalidResponseError
from martlet._engine.words.errors import InvalidRouterError as InvalidRouterError
from martlet._engine.words.errors import InvalidStatusError as InvalidStatusError
from martlet._engine.words.errors import MissingPackageError as MissingPackageError
from martlet._engine.words.errors import PydanticV1NotSupportedError as PydanticV1NotSupportedError
from martlet._engine.words.errors import TooLateError as TooLateError
from martlet._engine.words.errors import UnencodableError as UnencodableError
from martlet._engine.words.errors import UnknownOptionError as UnknownOptionError
from martlet._engine.words.http_errors import EndpointContext as EndpointContext
from martlet._engine.words.http_errors import HTTPException as HTTPException
from martlet._engine.words.http_errors import RequestErrorModel as RequestErrorModel
from martlet._engine.words.http_errors import RequestValidationError as RequestValidationError
from martlet._engine.words.http_errors import ResponseValidationError as ResponseValidationError
from martlet._engine.words.http_errors import ValidationException as ValidationException
from martlet._engine.words.http_errors import WebSocketErrorModel as WebSocketErrorModel
from martlet._engine.words.http_errors import WebSocketException as WebSocketException
from martlet._engine.words.http_errors import WebSocketRequestValidationError as WebSocketRequestValidationError

StarletteHTTPException: TypeAlias = _starlette.HTTPException
StarletteWebSocketException: TypeAlias = _starlette.WebSocketException
