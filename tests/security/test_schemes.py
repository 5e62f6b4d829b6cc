"""Security schemes: each takes what FastAPI's takes, refuses what it refuses, and is described alike."""

import copy
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import fastapi.openapi.models as genuine_models
import fastapi.security as genuine
import fastapi.security.api_key as genuine_api_key
import fastapi.security.http as genuine_http
import pytest
from fastapi.exceptions import HTTPException as GenuineHTTPException
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import HTTPConnection

from martlet import security as ours
from martlet.exceptions import HTTPException
from martlet.openapi import models
from martlet.security import api_key, base, http

Make = Callable[[Any], Any]

SCHEMES: dict[str, Make] = {
    "query": lambda module: module.APIKeyQuery(name="key"),
    "query, all options": lambda module: module.APIKeyQuery(
        name="key", scheme_name="S", description="D", auto_error=False
    ),
    "header": lambda module: module.APIKeyHeader(name="X-Key", description="D"),
    "header, optional": lambda module: module.APIKeyHeader(name="X-Key", auto_error=False),
    "cookie": lambda module: module.APIKeyCookie(name="key", scheme_name="S"),
    "cookie, optional": lambda module: module.APIKeyCookie(name="key", auto_error=False),
    "basic": lambda module: module.HTTPBasic(),
    "basic, all options": lambda module: module.HTTPBasic(
        scheme_name="S", realm="r", description="D", auto_error=False
    ),
    "bearer": lambda module: module.HTTPBearer(),
    "bearer, all options": lambda module: module.HTTPBearer(
        bearerFormat="JWT", scheme_name="S", description="D", auto_error=False
    ),
    "digest": lambda module: module.HTTPDigest(),
    "digest, all options": lambda module: module.HTTPDigest(scheme_name="S", description="D", auto_error=False),
    "oauth2": lambda module: module.OAuth2(),
    "oauth2, all options": lambda module: module.OAuth2(
        flows={"password": {"tokenUrl": "t", "scopes": {"a": "A"}}, "implicit": {"authorizationUrl": "a"}},
        scheme_name="S",
        description="D",
        auto_error=False,
    ),
    "password": lambda module: module.OAuth2PasswordBearer("token"),
    "password, all options": lambda module: module.OAuth2PasswordBearer(
        "token", "S", {"a": "A"}, "D", False, "refresh"
    ),
    "code": lambda module: module.OAuth2AuthorizationCodeBearer("authorize", "token"),
    "code, all options": lambda module: module.OAuth2AuthorizationCodeBearer(
        "authorize", "token", "refresh", "S", {"a": "A"}, "D", False
    ),
    "openid": lambda module: module.OpenIdConnect(openIdConnectUrl="/openid"),
    "openid, all options": lambda module: module.OpenIdConnect(
        openIdConnectUrl="/openid", scheme_name="S", description="D", auto_error=False
    ),
    "http": lambda module: (http if module is ours else genuine_http).HTTPBase(scheme="negotiate"),
    "http, all options": lambda module: (http if module is ours else genuine_http).HTTPBase(
        scheme="other", scheme_name="S", description="D", auto_error=False
    ),
}


def basic(text: str) -> str:
    return f"Basic {b64encode(text.encode()).decode()}"


REQUESTS: list[dict[str, str]] = [
    {},
    {"authorization": ""},
    {"authorization": "Bearer"},
    {"authorization": "Bearer abc"},
    {"authorization": "bearer  abc "},
    {"authorization": "Basic abc"},
    {"authorization": "Basic !"},
    {"authorization": basic("ann:secret")},
    {"authorization": basic("ann:se:cret")},
    {"authorization": basic("ann")},
    {"authorization": basic("änn:secret")},
    {"authorization": "Digest username=ann"},
    {"authorization": "Negotiate abc"},
    {"authorization": " abc"},
    {"query": "key=k"},
    {"query": "key="},
    {"x-key": "k"},
    {"cookie": "key=k"},
]


def connection(request: dict[str, str]) -> HTTPConnection:
    headers = [(name.encode(), value.encode()) for name, value in request.items() if name != "query"]
    query = request.get("query", "").encode()
    return HTTPConnection({"type": "http", "path": "/", "headers": headers, "query_string": query})


async def outcome(scheme: Any, request: dict[str, str]) -> Any:
    try:
        value = await scheme(connection(request))
    except StarletteHTTPException as error:
        return (
            error.status_code,
            error.detail,
            error.headers,
            isinstance(error, HTTPException | GenuineHTTPException),
        )
    return value.model_dump() if isinstance(value, BaseModel) else value


@pytest.mark.anyio
@pytest.mark.parametrize("request_", REQUESTS, ids=str)
@pytest.mark.parametrize("make", SCHEMES.values(), ids=SCHEMES)
async def test_a_request_is_taken_or_refused_as_by_fastapi(make: Make, request_: dict[str, str]) -> None:
    assert await outcome(make(ours), request_) == await outcome(make(genuine), request_)


@pytest.mark.parametrize("make", SCHEMES.values(), ids=SCHEMES)
def test_a_scheme_is_described_as_by_fastapi(make: Make) -> None:
    mine, theirs = make(ours), make(genuine)
    assert (mine.scheme_name, mine.auto_error) == (theirs.scheme_name, theirs.auto_error)
    assert type(mine.model).__name__ == type(theirs.model).__name__
    assert isinstance(mine.model, models.SecurityBase)
    for by_alias in (True, False):
        assert mine.model.model_dump(by_alias=by_alias, mode="json") == theirs.model.model_dump(
            by_alias=by_alias, mode="json"
        )
    assert mine.model.model_fields_set >= theirs.model.model_fields_set


@pytest.mark.parametrize(
    "make",
    [
        lambda module: module.APIKeyHeader(name=5),
        lambda module: module.APIKeyHeader(name=None),
        lambda module: module.HTTPBearer(bearerFormat=5),
        lambda module: module.HTTPBasic(description=[]),
        lambda module: module.OAuth2(flows={"password": {}}),
        lambda module: module.OAuth2PasswordBearer(None),
        lambda module: module.OAuth2PasswordBearer("t", scopes={"a": 1}),
        lambda module: module.OAuth2AuthorizationCodeBearer("a", "t", 5),
        lambda module: module.OpenIdConnect(openIdConnectUrl=5),
    ],
)
def test_a_mistake_is_refused_on_its_line(make: Make) -> None:
    for module in (ours, genuine):
        with pytest.raises(ValidationError):
            make(module)


def test_the_model_is_built_when_it_is_asked_for() -> None:
    scheme = ours.APIKeyHeader(name="X-Key")
    assert "model" not in vars(scheme)
    assert copy.copy(scheme).model == scheme.model
    assert scheme.model is scheme.model
    assert scheme.model.in_ is models.APIKeyIn.header
    with pytest.raises(AttributeError):
        ours.APIKeyHeader.model  # noqa: B018 - FastAPI's class has none either


def test_declaring_schemes_imports_no_models() -> None:
    program = (
        "import sys; from martlet.security import *; "
        "from martlet.security import HTTPBearer, APIKeyCookie, OAuth2PasswordBearer, HTTPBasic, OpenIdConnect;"
        "HTTPBearer(); APIKeyCookie(name='a'); OAuth2PasswordBearer('t', scopes={'a': 'b'}); HTTPBasic();"
        "OpenIdConnect(openIdConnectUrl='/');"
        "print([name for name in sys.modules if name.startswith('martlet.openapi')])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


@pytest.mark.anyio
async def test_a_model_that_was_changed_or_replaced_counts() -> None:
    key = ours.APIKeyHeader(name="X-Key")
    key.model.name = "X-Other"
    assert await key(connection({"x-other": "k"})) == "k"
    key.model = models.APIKey.model_validate({"in": "header", "name": "X-Third"})
    assert await key(connection({"x-third": "k"})) == "k"
    scheme = http.HTTPBase(scheme="negotiate")
    scheme.model = models.HTTPBase(scheme="hoba")
    assert scheme.make_authenticate_headers() == {"WWW-Authenticate": "Hoba"}


@pytest.mark.anyio
async def test_a_class_of_ones_own_may_set_everything_itself() -> None:
    class Own(ours.APIKeyHeader):
        def __init__(self) -> None:
            self.model = models.APIKey.model_validate({"in": "header", "name": "X-Own"})
            self.scheme_name = "own"
            self.auto_error = True

        def make_not_authenticated_error(self) -> StarletteHTTPException:
            return StarletteHTTPException(403)

    assert await Own()(connection({"x-own": "k"})) == "k"
    with pytest.raises(StarletteHTTPException) as refused:
        await Own()(connection({}))
    assert refused.value.status_code == 403


def test_a_key_may_be_anywhere_that_openapi_knows() -> None:
    class Own(api_key.APIKeyBase):
        pass

    scheme = Own(models.APIKeyIn.query, "key", None, None, True)
    theirs = genuine_api_key.APIKeyBase(genuine_models.APIKeyIn.query, "key", None, None, True)
    assert scheme.model.model_dump(mode="json") == theirs.model.model_dump(mode="json")
    assert scheme.scheme_name == "Own"


@pytest.mark.parametrize("method", ["_describe", "make_not_authenticated_error"])
def test_the_base_leaves_two_things_open(method: str) -> None:
    with pytest.raises(NotImplementedError):
        getattr(base.Scheme(), method)()


def test_flows_may_be_models() -> None:
    flows = models.OAuthFlows(clientCredentials=models.OAuthFlowClientCredentials(tokenUrl="t"))
    assert ours.OAuth2(flows=flows).model.flows is flows


@pytest.mark.parametrize("scopes", [None, [], ["a"], ["a", "b:c"]])
def test_scopes_are_a_list_and_a_text(scopes: list[str] | None) -> None:
    mine, theirs = ours.SecurityScopes(scopes), genuine.SecurityScopes(scopes)
    assert (mine.scopes, mine.scope_str) == (theirs.scopes, theirs.scope_str)


def test_the_window_has_every_name_of_fastapis() -> None:
    names = {name for name in vars(genuine) if name[0].isupper()}
    assert names == set(ours.__all__)
    assert all(getattr(ours, name).__name__ == name for name in names)
    assert {"api_key", "base", "http", "oauth2", "open_id_connect_url", "utils"} <= {
        name for name in vars(genuine) if getattr(ours, name, None) is not None
    }
