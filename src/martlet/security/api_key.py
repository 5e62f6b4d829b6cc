"""Schemes that read a secret from one query parameter, header or cookie.

They only fetch the key; whether it is a good one is for the dependency that takes it to say.
"""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED as HTTP_401_UNAUTHORIZED

from martlet._engine.words.lending import lend
from martlet.security.base import UNREAD, Scheme

if TYPE_CHECKING:
    from martlet.openapi.schemes import APIKey, APIKeyIn


class APIKeyBase(Scheme):
    """What the three places for a key have in common.

    Args:
        location: where the key is: `query`, `header` or `cookie`.
        name: the parameter's name there.
        description: what the document says of the scheme.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        auto_error: whether a request without a key is refused; if not, the value is None.
    """

    model: "APIKey" = UNREAD

    def __init__(
        self,
        location: "APIKeyIn | str",
        name: str,
        description: str | None,
        scheme_name: str | None,
        auto_error: bool,
    ) -> None:
        self._declare(scheme_name, auto_error, location=location, name=name, description=description)

    def _describe(self) -> "APIKey":
        from martlet.openapi.schemes import APIKey  # noqa: PLC0415 - late, see base.py

        declared = dict(self._declared)
        return APIKey.model_validate({"in": declared.pop("location"), **declared})

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for a request without a key.

        HTTP demands a challenge with every 401, and knows no authentication scheme for API keys; `APIKey` stands in.
        """
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": "APIKey"})

    def check_api_key(self, api_key: str | None) -> str | None:
        """Return the key if there is one.

        Raises:
            HTTPException: there is none, and the scheme demands it.
        """
        if api_key:
            return api_key
        self._absent()
        return None


class _APIKeyIn(APIKeyBase):
    _location: str

    def __init__(
        self, *, name: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        super().__init__(self._location, name, description, scheme_name, auto_error)


class APIKeyQuery(_APIKeyIn):
    """Take an API key from a query parameter.

    Args:
        name: the parameter's name.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without a key is refused; if not, the value is None.
    """

    _location = "query"

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the key of a request."""
        return self.check_api_key(request.query_params.get(self._said("name")))


class APIKeyHeader(_APIKeyIn):
    """Take an API key from a header.

    Args:
        name: the header's name, in any case.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without a key is refused; if not, the value is None.
    """

    _location = "header"

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the key of a request."""
        return self.check_api_key(request.headers.get(self._said("name")))


class APIKeyCookie(_APIKeyIn):
    """Take an API key from a cookie.

    Args:
        name: the cookie's name.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without a key is refused; if not, the value is None.
    """

    _location = "cookie"

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the key of a request."""
        return self.check_api_key(request.cookies.get(self._said("name")))


lend(
    __name__,
    {
        "APIKey": "martlet.openapi.models:",
        "APIKeyIn": "martlet.openapi.models:",
        "SecurityBase": "martlet.security.base:",
    },
)
