"""The authentication schemes of HTTP itself: Basic (RFC 7617), Bearer (RFC 6750), Digest (RFC 7616), and any other.

They take the `Authorization` header apart; whether the credentials are good is for the dependency that takes them to
say.
"""

from base64 import b64decode
from typing import TYPE_CHECKING

from pydantic import BaseModel
from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED as HTTP_401_UNAUTHORIZED

from martlet._engine.words.http_errors import HTTPException
from martlet._engine.words.lending import lend
from martlet.security.base import UNREAD, Scheme
from martlet.security.utils import get_authorization_scheme_param

if TYPE_CHECKING:
    from martlet.openapi.schemes import HTTPBase as HTTPBaseModel


class HTTPBasicCredentials(BaseModel):
    """What `HTTPBasic` returns."""

    username: str
    password: str


class HTTPAuthorizationCredentials(BaseModel):
    """What `HTTPBase`, `HTTPBearer` and `HTTPDigest` return: the header in its two parts."""

    scheme: str
    credentials: str


class HTTPBase(Scheme):
    """Take the credentials of any scheme from the `Authorization` header.

    Args:
        scheme: the scheme that the document and the challenge name, such as `"negotiate"`; others are let through too.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without credentials is refused; if not, the value is None.
    """

    model: "HTTPBaseModel" = UNREAD
    _accepts: str | None = None  # the only scheme that is let through, in lower case

    def __init__(
        self, *, scheme: str, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        self._declare(scheme_name, auto_error, scheme=scheme, description=description)

    def _describe(self) -> "HTTPBaseModel":
        from martlet.openapi.schemes import HTTPBase as HTTPBaseModel  # noqa: PLC0415 - late, see base.py

        return HTTPBaseModel(**self._declared)

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge that goes with a refusal."""
        scheme: str = self._said("scheme")
        return {"WWW-Authenticate": scheme.title()}

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for a request without credentials of this scheme."""
        return HTTPException(401, "Not authenticated", self.make_authenticate_headers())

    async def __call__(self, request: HTTPConnection) -> HTTPAuthorizationCredentials | None:
        """Return the credentials of a request."""
        scheme, credentials = get_authorization_scheme_param(request.headers.get("Authorization"))
        if not scheme or not credentials or (self._accepts is not None and scheme.lower() != self._accepts):
            self._absent()
            return None
        return HTTPAuthorizationCredentials(scheme=scheme, credentials=credentials)


class HTTPBasic(HTTPBase):
    """Take a user's name and password from the `Authorization` header.

    Args:
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        realm: what the challenge says the password is for.
        description: what the document says of the scheme.
        auto_error: whether a request without credentials is refused; if not, the value is None. Credentials that cannot
            be read are always refused.
    """

    def __init__(
        self,
        *,
        scheme_name: str | None = None,
        realm: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        super().__init__(scheme="basic", scheme_name=scheme_name, description=description, auto_error=auto_error)
        self.realm = realm

    def make_authenticate_headers(self) -> dict[str, str]:
        """Return the challenge that goes with a refusal."""
        return {"WWW-Authenticate": f'Basic realm="{self.realm}"' if self.realm else "Basic"}

    # FastAPI's class, too, returns other credentials than its base.
    async def __call__(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # see above
        self, request: HTTPConnection
    ) -> HTTPBasicCredentials | None:
        """Return the user's name and password."""
        scheme, param = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "basic":
            self._absent()
            return None
        try:
            decoded = b64decode(param).decode("ascii")
        except ValueError as error:
            raise self.make_not_authenticated_error() from error
        username, colon, password = decoded.partition(":")
        if not colon:
            raise self.make_not_authenticated_error()
        return HTTPBasicCredentials(username=username, password=password)


class HTTPBearer(HTTPBase):
    """Take a bearer token from the `Authorization` header.

    Args:
        bearerFormat: what the document says of the token's format, such as `"JWT"`.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without a bearer token is refused; if not, the value is None.
    """

    _accepts = "bearer"

    def __init__(
        self,
        *,
        bearerFormat: str | None = None,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._declare(scheme_name, auto_error, scheme="bearer", bearerFormat=bearerFormat, description=description)

    def _describe(self) -> "HTTPBaseModel":
        from martlet.openapi.schemes import HTTPBearer as HTTPBearerModel  # noqa: PLC0415 - late, see base.py

        return HTTPBearerModel(**self._declared)


class HTTPDigest(HTTPBase):
    """Take the answer to a digest challenge from the `Authorization` header, unread.

    Args:
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without credentials is refused; if not, the value is None.
    """

    _accepts = "digest"

    def __init__(
        self, *, scheme_name: str | None = None, description: str | None = None, auto_error: bool = True
    ) -> None:
        super().__init__(scheme="digest", scheme_name=scheme_name, description=description, auto_error=auto_error)


lend(
    __name__,
    {
        "HTTPBaseModel": "martlet.openapi.models:HTTPBase",
        "HTTPBearerModel": "martlet.openapi.models:HTTPBearer",
        "SecurityBase": "martlet.security.base:",
    },
)
