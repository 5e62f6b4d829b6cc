"""The scheme of OpenID Connect Discovery, as far as it goes here: it documents where the provider is found."""

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED as HTTP_401_UNAUTHORIZED

from martlet._engine.words.lending import lend
from martlet.security.base import UNREAD, Scheme

if TYPE_CHECKING:
    from martlet.openapi.schemes import OpenIdConnect as OpenIdConnectModel


class OpenIdConnect(Scheme):
    """Take the whole `Authorization` header of a request whose provider is found by OpenID Connect Discovery.

    Derive from it to read the header.

    Args:
        openIdConnectUrl: where the provider's configuration is.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without the header is refused; if not, the value is None.
    """

    model: "OpenIdConnectModel" = UNREAD

    def __init__(
        self,
        *,
        openIdConnectUrl: str,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._declare(scheme_name, auto_error, openIdConnectUrl=openIdConnectUrl, description=description)

    def _describe(self) -> "OpenIdConnectModel":
        from martlet.openapi.schemes import OpenIdConnect as OpenIdConnectModel  # noqa: PLC0415 - late, see base.py

        return OpenIdConnectModel(**self._declared)

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for a request without the header."""
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the header of a request."""
        authorization = request.headers.get("Authorization")
        if authorization:
            return authorization
        self._absent()
        return None


lend(
    __name__,
    {
        "OpenIdConnectModel": "martlet.openapi.models:OpenIdConnect",
        "SecurityBase": "martlet.security.base:",
    },
)
