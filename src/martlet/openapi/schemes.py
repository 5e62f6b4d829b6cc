"""The models of OpenAPI's security schemes (https://spec.openapis.org/oas/v3.1.0, sections 4.8.27 to 4.8.30).

Apart from `models.py`, which offers them too: a security scheme builds its own from here, and so does not import the
models of a whole document.
"""

# ruff: noqa: N815 - the names are the specification's

from enum import Enum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field


class BaseModelWithConfig(BaseModel):
    """An object that may have extensions."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow", defer_build=True)


class SecuritySchemeType(Enum):
    """The kinds of security scheme."""

    apiKey = "apiKey"
    http = "http"
    oauth2 = "oauth2"
    openIdConnect = "openIdConnect"


class SecurityBase(BaseModelWithConfig):
    """What security schemes have in common."""

    type_: SecuritySchemeType = Field(alias="type")
    description: str | None = None


class APIKeyIn(Enum):
    """Where an API key is."""

    query = "query"
    header = "header"
    cookie = "cookie"


class APIKey(SecurityBase):
    """A secret in a parameter."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.apiKey, alias="type")
    in_: APIKeyIn = Field(alias="in")
    name: str


class HTTPBase(SecurityBase):
    """A scheme of the `Authorization` header."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.http, alias="type")
    scheme: str


class HTTPBearer(HTTPBase):
    """A bearer token in the `Authorization` header."""

    scheme: Literal["bearer"] = "bearer"  # pyright: ignore[reportIncompatibleVariableOverride]  # narrower on purpose
    bearerFormat: str | None = None


class OAuthFlow(BaseModelWithConfig):
    """What the flows of OAuth 2.0 have in common."""

    refreshUrl: str | None = None
    scopes: dict[str, str] = {}


class OAuthFlowImplicit(OAuthFlow):
    """The token comes with the redirection."""

    authorizationUrl: str


class OAuthFlowPassword(OAuthFlow):
    """The token comes for a user's name and password."""

    tokenUrl: str


class OAuthFlowClientCredentials(OAuthFlow):
    """The token comes for the client's own secret."""

    tokenUrl: str


class OAuthFlowAuthorizationCode(OAuthFlow):
    """The token comes for a code that the redirection brought."""

    authorizationUrl: str
    tokenUrl: str


class OAuthFlows(BaseModelWithConfig):
    """The flows that a scheme offers."""

    implicit: OAuthFlowImplicit | None = None
    password: OAuthFlowPassword | None = None
    clientCredentials: OAuthFlowClientCredentials | None = None
    authorizationCode: OAuthFlowAuthorizationCode | None = None


class OAuth2(SecurityBase):
    """OAuth 2.0."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.oauth2, alias="type")
    flows: OAuthFlows


class OpenIdConnect(SecurityBase):
    """OpenID Connect Discovery."""

    type_: SecuritySchemeType = Field(default=SecuritySchemeType.openIdConnect, alias="type")
    openIdConnectUrl: str


SecurityScheme = APIKey | HTTPBase | OAuth2 | OpenIdConnect | HTTPBearer
