"""slowapi: limits of single routes, and default limits, which it applies by looking into `app.routes`."""

from typing import Any

import pytest
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.testclient import TestClient
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIASGIMiddleware, SlowAPIMiddleware
from slowapi.util import get_remote_address

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:slowapi")


def make_client(middleware: Any = SlowAPIMiddleware) -> TestClient:
    limiter = Limiter(key_func=get_remote_address, default_limits=["2/minute"], headers_enabled=True)
    app = FastAPI()
    app.state.limiter = limiter
    app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)  # type: ignore[arg-type]  # of this error alone
    app.add_middleware(middleware)
    router = APIRouter()

    @app.get("/direct")
    async def direct() -> dict[str, str]:
        return {"route": "direct"}

    @app.get("/own")
    @limiter.limit("1/minute")
    async def own(request: Request, response: Response) -> dict[str, str]:
        return {"route": "own"}

    @app.get("/free")
    @limiter.exempt  # type: ignore[untyped-decorator]  # it has no types
    async def free() -> dict[str, str]:
        return {"route": "free"}

    @router.get("/included/{name}")
    async def included(name: str) -> dict[str, str]:
        return {"route": name}

    app.include_router(router, prefix="/below")
    return TestClient(app)


@pytest.mark.parametrize("middleware", [SlowAPIMiddleware, SlowAPIASGIMiddleware])
def test_a_default_limit_applies_to_routes(middleware: Any) -> None:
    client = make_client(middleware)
    assert [client.get("/direct").status_code for _ in range(4)] == [200, 200, 429, 429]
    refused = client.get("/direct")
    assert refused.json() == {"error": "Rate limit exceeded: 2 per 1 minute"}
    assert refused.headers["x-ratelimit-limit"] == "2"


@pytest.mark.better_here
@pytest.mark.parametrize("middleware", [SlowAPIMiddleware, SlowAPIASGIMiddleware])
def test_a_default_limit_applies_to_routes_of_included_routers(middleware: Any) -> None:
    """Since FastAPI nests included routes in `app.routes`, it does not find them there."""
    client = make_client(middleware)
    assert [client.get("/below/included/x").status_code for _ in range(3)] == [200, 200, 429]


def test_a_limit_of_its_own_and_none() -> None:
    client = make_client()
    first = client.get("/own")
    assert (first.status_code, first.headers["x-ratelimit-remaining"]) == (200, "0")
    assert client.get("/own").status_code == 429
    assert [client.get("/free").status_code for _ in range(4)] == [200] * 4
