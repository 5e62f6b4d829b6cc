"""Signing in elsewhere: fastapi-sso sends users to a provider, fastapi-azure-auth takes the tokens of one."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from fastapi import Depends, FastAPI, Request, Security
from fastapi.responses import RedirectResponse
from fastapi.testclient import TestClient
from fastapi_azure_auth import SingleTenantAzureAuthorizationCodeBearer
from fastapi_azure_auth.user import User
from fastapi_sso import OpenID, create_provider

PROVIDER = create_provider(
    name="books",
    discovery_document={
        "authorization_endpoint": "https://id.example/authorize",
        "token_endpoint": "https://id.example/token",
        "userinfo_endpoint": "https://id.example/me",
    },
    response_convertor=lambda response, _: OpenID(id=response["id"]),
)


def test_users_are_sent_to_the_provider_and_must_come_back_from_there() -> None:
    app = FastAPI()
    sso = PROVIDER("us", "secret", redirect_uri="https://us.example/back", allow_insecure_http=True)

    async def ours() -> Any:
        async with sso:
            yield sso

    @app.get("/login")
    async def login(provider: Annotated[Any, Depends(ours)]) -> RedirectResponse:
        sent: RedirectResponse = await provider.get_login_redirect(state="a page")
        return sent

    @app.get("/back")
    async def back(request: Request, provider: Annotated[Any, Depends(ours)]) -> OpenID | None:
        user: OpenID | None = await provider.verify_and_process(request)
        return user

    client = TestClient(app, follow_redirects=False)
    there = urlsplit(client.get("/login").headers["location"])
    asked = parse_qs(there.query)
    assert (there.netloc, asked["client_id"], asked["state"]) == ("id.example", ["us"], ["a page"])
    refused = client.get("/back?code=stolen&state=forged")
    assert refused.status_code == 401


@pytest.fixture
def signed() -> Any:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def test_tokens_of_a_tenant_are_taken_if_they_have_the_scope(signed: Any) -> None:
    app = FastAPI()
    scheme = SingleTenantAzureAuthorizationCodeBearer(
        app_client_id="us", tenant_id="tenant", scopes={"api://us/read": "read books"}
    )
    known = scheme.openid_config
    known.signing_keys, known.issuer = {"key": signed.public_key()}, "https://id.example/tenant"
    known._config_timestamp = datetime.now()  # noqa: DTZ005 - as the package compares it

    @app.get("/books")
    async def books(user: Annotated[User, Security(scheme, scopes=["read"])]) -> str | None:
        return user.name

    def token(**said: Any) -> dict[str, str]:
        now = datetime.now(UTC)
        claims = {
            "aud": "us",
            "iss": known.issuer,
            "tid": "tenant",
            "ver": "2.0",
            "name": "Ada",
            "scp": "read",
            "sub": "1",
            "iat": now,
            "nbf": now,
            "exp": now + timedelta(minutes=5),
            **said,
        }
        text = jwt.encode(claims, signed, algorithm="RS256", headers={"kid": "key"})
        return {"Authorization": f"Bearer {text}"}

    client = TestClient(app)
    assert client.get("/books", headers=token()).json() == "Ada"
    assert client.get("/books", headers=token(scp="write")).status_code == 403
    assert client.get("/books", headers=token(aud="them")).status_code == 401
    assert client.get("/books").headers["www-authenticate"].startswith("Bearer")
    shown = app.openapi()
    assert shown["paths"]["/books"]["get"]["security"] == [{"AzureAD_PKCE_single_tenant": ["read"]}]
    assert "authorizationCode" in shown["components"]["securitySchemes"]["AzureAD_PKCE_single_tenant"]["flows"]
