"""fastapi-limiter: a limit as a dependency, of a route and of a router.

It looks for the route in `app.routes`, and fails on genuine FastAPI where a router stands there instead.
"""

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_limiter.depends import RateLimiter
from pyrate_limiter import Duration, Limiter, Rate

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def limit(times: int) -> RateLimiter:
    return RateLimiter(limiter=Limiter(Rate(times, Duration.MINUTE)))


def make_client() -> TestClient:
    app = FastAPI()
    router = APIRouter(dependencies=[Depends(limit(3))])

    @app.get("/limited", dependencies=[Depends(limit(2))])
    async def limited() -> dict[str, bool]:
        return {"answered": True}

    @router.get("/inside")
    def inside() -> dict[str, bool]:
        return {"answered": True}

    app.include_router(router)
    return TestClient(app)


@pytest.mark.better_here
@pytest.mark.parametrize(("path", "times"), [("/limited", 2), ("/inside", 3)])
def test_no_more_than_so_many(path: str, times: int) -> None:
    client = make_client()
    assert [client.get(path).status_code for _ in range(times + 2)] == [200] * times + [429, 429]
