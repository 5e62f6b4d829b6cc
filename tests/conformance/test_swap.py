"""The class that takes Starlette's place in Starlette's own tests."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import fastapi
import pytest
import starlette.applications
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from conformance.inside import starlette_swap
from conformance.inside.starlette_swap import NAME, Swapped

pytest_plugins = ["pytester"]


@pytest.fixture
def starlettes_class() -> Iterator[None]:
    """Put Starlette's class back."""
    genuine = starlette.applications.Starlette
    yield
    setattr(starlette.applications, NAME, genuine)


@pytest.mark.usefixtures("starlettes_class")
def test_the_class_is_replaced() -> None:
    starlette_swap.pytest_configure()
    assert starlette.applications.Starlette is Swapped
    assert issubclass(Swapped, fastapi.FastAPI)


def test_it_takes_starlettes_arguments_and_serves_no_docs() -> None:
    def teapot(request: Request, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("teapot", 418)

    def broken(request: Request) -> PlainTextResponse:
        raise LookupError

    @asynccontextmanager
    async def lifespan(app: Swapped) -> AsyncIterator[None]:
        app.state.alive = True
        yield

    routes = [Route("/", broken)]
    app = Swapped(False, routes, [Middleware(GZipMiddleware)], {LookupError: teapot}, lifespan, max_body_size=3)
    with TestClient(app) as client:
        assert client.get("/").status_code == 418
        assert app.state.alive
        assert client.get("/docs").status_code == client.get("/openapi.json").status_code == 404
    assert repr(app.user_middleware[0]) == repr(Middleware(GZipMiddleware))
    assert [route.path for route in Swapped().routes if isinstance(route, Route)] == []


def test_failing_as_expected_is_a_success(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(
        "import pytest\nfrom conformance.inside.starlette_swap import pytest_runtest_makereport\nassert pytest"
    )
    pytester.makepyfile("""
        import pytest
        @pytest.mark.xfail
        def test_fails(): assert 0
        @pytest.mark.xfail
        def test_works(): pass
        @pytest.mark.skip
        def test_skipped(): pass
    """)
    done = pytester.inline_run()
    passed, skipped, failed = done.listoutcomes()
    assert [each.nodeid.split("::")[1] for each in passed] == ["test_fails", "test_works"]
    assert [each.nodeid.split("::")[1] for each in skipped] == ["test_skipped"]
    assert not failed
