"""What is wrong with a request, under a name of the engine: the errors are written in `martlet.exceptions`."""

from martlet.exceptions import EndpointContext as EndpointContext
from martlet.exceptions import HTTPException as HTTPException
from martlet.exceptions import RequestErrorModel as RequestErrorModel
from martlet.exceptions import RequestValidationError as RequestValidationError
from martlet.exceptions import ResponseValidationError as ResponseValidationError
from martlet.exceptions import ValidationException as ValidationException
from martlet.exceptions import WebSocketErrorModel as WebSocketErrorModel
from martlet.exceptions import WebSocketException as WebSocketException
from martlet.exceptions import WebSocketRequestValidationError as WebSocketRequestValidationError
