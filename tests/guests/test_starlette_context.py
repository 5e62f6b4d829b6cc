"""starlette-context: a context of the request that everything below can read, in threads too."""

from typing import Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette_context import context, plugins, request_cycle_context
from starlette_context.middleware import ContextMiddleware, RawContextMiddleware


@pytest.mark.parametrize("middleware", [ContextMiddleware, RawContextMiddleware])
def test_the_context_of_a_request(middleware: Any) -> None:
    ids = (plugins.RequestIdPlugin(), plugins.CorrelationIdPlugin())
    app = FastAPI(middleware=[Middleware(middleware, plugins=ids)])

    def note() -> None:
        context["noted"] = "in a thread"

    @app.get("/", dependencies=[Depends(note)])
    async def read() -> dict[str, str]:
        return {"id": context["X-Request-ID"], "noted": context["noted"]}

    @app.get("/sync")
    def read_sync() -> dict[str, str]:
        return {"id": context["X-Request-ID"]}

    client = TestClient(app)
    for path in ("/", "/sync"):
        answer = client.get(path, headers={"X-Request-ID": "0123456789abcdef0123456789abcdef"})
        assert answer.json()["id"] == answer.headers["X-Request-ID"] == "0123456789abcdef0123456789abcdef"
    assert client.get("/").json()["noted"] == "in a thread"


def test_a_context_made_by_a_dependency() -> None:
    async def in_context():  # type: ignore[no-untyped-def]  # as its documentation has it
        with request_cycle_context({"user": "ada"}):
            yield

    app = FastAPI(dependencies=[Depends(in_context)])

    @app.get("/")
    async def read() -> str:
        return str(context["user"])

    assert TestClient(app).get("/").json() == "ada"
