"""What came in over HTTP, as Starlette represents it."""

from starlette.requests import HTTPConnection as HTTPConnection
from starlette.requests import Request as Request
