"""OAuth 2.0 (RFC 6749): schemes that take the token, and the forms that a client sends to get one.

The schemes only fetch the token; whether it is a good one is for the dependency that takes it to say.
"""

from typing import TYPE_CHECKING, Annotated, Any

from starlette.requests import HTTPConnection
from starlette.status import HTTP_401_UNAUTHORIZED as HTTP_401_UNAUTHORIZED

from martlet._engine.words.http_errors import HTTPException
from martlet._engine.words.lending import lend
from martlet._engine.words.markers import Form
from martlet.security.base import UNREAD, Scheme
from martlet.security.base import SecurityScopes as SecurityScopes
from martlet.security.utils import get_authorization_scheme_param

if TYPE_CHECKING:
    from martlet.openapi.schemes import OAuth2 as OAuth2Model
    from martlet.openapi.schemes import OAuthFlows as OAuthFlowsModel


class OAuth2PasswordRequestForm:
    """The form of the password flow (RFC 6749, section 4.3.2): depend on this class to receive it.

    Args:
        grant_type: `password`, or nothing: here the client may leave it out, which the RFC does not allow.
        username: the user's name.
        password: the user's password.
        scope: the scopes asked for, with spaces between them; the attribute `scopes` has them as a list.
        client_id: the client's id, if it does not use HTTP Basic to say it.
        client_secret: the client's secret, likewise.
    """

    def __init__(
        self,
        *,
        grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
    ) -> None:
        self.grant_type: str | None = grant_type
        self.username: str = username
        self.password: str = password
        self.scopes: list[str] = scope.split()
        self.client_id: str | None = client_id
        self.client_secret: str | None = client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """The form of the password flow, with the `grant_type` that the RFC demands.

    Args:
        grant_type: `password`, and nothing else.
        username: the user's name.
        password: the user's password.
        scope: the scopes asked for, with spaces between them; the attribute `scopes` has them as a list.
        client_id: the client's id, if it does not use HTTP Basic to say it.
        client_secret: the client's secret, likewise.
    """

    def __init__(
        self,
        grant_type: Annotated[str, Form(pattern="^password$")],
        username: Annotated[str, Form()],
        password: Annotated[str, Form()],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form()] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )


class OAuth2(Scheme):
    """Take the whole `Authorization` header of a request, and document the flows by which a client comes to it.

    Derive from it to read the header, as the two classes below do for bearer tokens.

    Args:
        flows: the flows by name, as OpenAPI writes them.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        description: what the document says of the scheme.
        auto_error: whether a request without the header is refused; if not, the value is None.

    Raises:
        ValidationError: the flows are not what OpenAPI says flows are.
    """

    model: "OAuth2Model" = UNREAD

    def __init__(
        self,
        *,
        flows: "OAuthFlowsModel | dict[str, dict[str, Any]] | None" = None,
        scheme_name: str | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        self._declare(scheme_name, auto_error, flows=flows or {}, description=description)
        if flows:
            self.model = self._describe()  # now, so that a mistake is refused on its line

    def _describe(self) -> "OAuth2Model":
        from martlet.openapi.schemes import OAuth2 as OAuth2Model  # noqa: PLC0415 - late, see base.py

        return OAuth2Model(**self._declared)

    def make_not_authenticated_error(self) -> HTTPException:
        """Return the error for a request without the header.

        OAuth 2.0 leaves the challenge open; `Bearer` is what nearly all who use it expect.
        """
        return HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the header of a request."""
        authorization = request.headers.get("Authorization")
        if authorization:
            return authorization
        self._absent()
        return None


class _OAuth2Bearer(OAuth2):
    """What the two ways to come to a bearer token have in common: what is done with it."""

    async def __call__(self, request: HTTPConnection) -> str | None:
        """Return the token of a request."""
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() == "bearer":
            return token
        self._absent()
        return None


class OAuth2PasswordBearer(_OAuth2Bearer):
    """Take the bearer token that a client got for a user's name and password (RFC 6749, section 4.3).

    Args:
        tokenUrl: where the client gets it: the path operation that depends on `OAuth2PasswordRequestForm`.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        scopes: what each scope is good for, by its name.
        description: what the document says of the scheme.
        auto_error: whether a request without a bearer token is refused; if not, the value is None.
        refreshUrl: where the client gets a fresh token for an old one.
    """

    def __init__(
        self,
        tokenUrl: str,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
        refreshUrl: str | None = None,  # noqa: N803 - OpenAPI's name
    ) -> None:
        flow = {"tokenUrl": tokenUrl, "refreshUrl": refreshUrl, "scopes": scopes or {}}
        self._declare(scheme_name, auto_error, flows={"password": flow}, description=description)


class OAuth2AuthorizationCodeBearer(_OAuth2Bearer):
    """Take the bearer token that a client got by the authorization code flow (RFC 6749, section 4.1).

    Args:
        authorizationUrl: where the user allows the client to act for them.
        tokenUrl: where the client gets the token for the code.
        refreshUrl: where the client gets a fresh token for an old one.
        scheme_name: the key under which the document lists the scheme; None means the class's name.
        scopes: what each scope is good for, by its name.
        description: what the document says of the scheme.
        auto_error: whether a request without a bearer token is refused; if not, the value is None.
    """

    def __init__(
        self,
        authorizationUrl: str,  # noqa: N803 - OpenAPI's name
        tokenUrl: str,  # noqa: N803 - OpenAPI's name
        refreshUrl: str | None = None,  # noqa: N803 - OpenAPI's name
        scheme_name: str | None = None,
        scopes: dict[str, str] | None = None,
        description: str | None = None,
        auto_error: bool = True,
    ) -> None:
        urls = {"authorizationUrl": authorizationUrl, "tokenUrl": tokenUrl, "refreshUrl": refreshUrl}
        flow = {**urls, "scopes": scopes or {}}
        self._declare(scheme_name, auto_error, flows={"authorizationCode": flow}, description=description)


lend(
    __name__,
    {
        "OAuth2Model": "martlet.openapi.models:OAuth2",
        "OAuthFlowsModel": "martlet.openapi.models:OAuthFlows",
        "SecurityBase": "martlet.security.base:",
    },
)
