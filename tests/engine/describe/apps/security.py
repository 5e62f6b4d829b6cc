"""Security schemes, and scopes from several sides."""

from typing import Annotated, Any

from martlet import Depends, FastAPI, Security
from martlet.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPBasic,
    HTTPBearer,
    HTTPDigest,
    OAuth2,
    OAuth2AuthorizationCodeBearer,
    OAuth2PasswordBearer,
    OpenIdConnect,
    SecurityScopes,
)
from tests.engine.describe.apps.models import Address

app = FastAPI()
schemes: list[Any] = [
    APIKeyQuery(name="key", description="In the query."),
    APIKeyHeader(name="X-Key", scheme_name="HeaderKey"),
    APIKeyCookie(name="key", auto_error=False),
    HTTPBasic(realm="here"),
    HTTPBearer(bearerFormat="JWT", description="A token."),
    HTTPDigest(),
    OAuth2(flows={"implicit": {"authorizationUrl": "https://example.com/auth", "scopes": {"a": "A"}}}),
    OAuth2PasswordBearer(tokenUrl="token", scopes={"me": "Me", "items": "Items"}),
    OAuth2AuthorizationCodeBearer(authorizationUrl="auth", tokenUrl="token", refreshUrl="refresh"),
    OpenIdConnect(openIdConnectUrl="https://example.com/.well-known"),
]
for number, scheme in enumerate(schemes):

    def endpoint(value: Any = Security(scheme)) -> None: ...

    app.get(f"/schemes/{number}", name=f"scheme {number}")(endpoint)

oauth2 = schemes[7]


def user(scopes: SecurityScopes, token: Annotated[str, Depends(oauth2)]) -> None: ...


def active(user: Annotated[None, Security(user, scopes=["me"])]) -> None: ...


@app.get("/scoped", dependencies=[Security(user, scopes=["items", "me"]), Depends(schemes[4])])
def scoped(
    active: Annotated[None, Security(active, scopes=["items"])], key: Annotated[str, Security(schemes[0])]
) -> None: ...


@app.get("/plain-and-scoped")
def plain_and_scoped(
    one: Annotated[str, Security(oauth2, scopes=["b"])],
    two: Annotated[str, Security(oauth2, scopes=["a", "b"])],
    three: Annotated[str, Depends(oauth2)],
) -> None: ...


other = APIKeyHeader(name="X-Other", scheme_name="HeaderKey")


@app.post("/renamed")
def renamed(a: Annotated[str, Depends(schemes[1])], b: Annotated[str, Depends(other)], address: Address) -> None: ...


@app.get("/hidden", include_in_schema=False)
def hidden(a: Annotated[str, Depends(APIKeyQuery(name="h", scheme_name="Hidden"))]) -> None: ...


app.get("/scheme-itself", name="itself", description="Itself.", response_model=None)(schemes[4])
