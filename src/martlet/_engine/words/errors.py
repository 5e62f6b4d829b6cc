"""What is wrong with a program, under a name of the engine: the errors are written in `martlet.exceptions`."""

from martlet.exceptions import DECLARATION_ERRORS as DECLARATION_ERRORS
from martlet.exceptions import DeclarationError as DeclarationError
from martlet.exceptions import DependencyScopeError as DependencyScopeError
from martlet.exceptions import DuplicateParameterError as DuplicateParameterError
from martlet.exceptions import FastAPIDeprecationWarning as FastAPIDeprecationWarning
from martlet.exceptions import FastAPIError as FastAPIError
from martlet.exceptions import InvalidAnswerError as InvalidAnswerError
from martlet.exceptions import InvalidAppError as InvalidAppError
from martlet.exceptions import InvalidConcurrencyError as InvalidConcurrencyError
from martlet.exceptions import InvalidFieldTypeError as InvalidFieldTypeError
from martlet.exceptions import InvalidLimitError as InvalidLimitError
from martlet.exceptions import InvalidParameterError as InvalidParameterError
from martlet.exceptions import InvalidPathError as InvalidPathError
from martlet.exceptions import InvalidResponseError as InvalidResponseError
from martlet.exceptions import InvalidRouterError as InvalidRouterError
from martlet.exceptions import InvalidStatusError as InvalidStatusError
from martlet.exceptions import LifespanError as LifespanError
from martlet.exceptions import MissingPackageError as MissingPackageError
from martlet.exceptions import PydanticV1NotSupportedError as PydanticV1NotSupportedError
from martlet.exceptions import TooLateError as TooLateError
from martlet.exceptions import UnencodableError as UnencodableError
from martlet.exceptions import UnexpectedMessageError as UnexpectedMessageError
from martlet.exceptions import UnknownOptionError as UnknownOptionError
from martlet.exceptions import calling_line as calling_line
from martlet.exceptions import locate as locate
