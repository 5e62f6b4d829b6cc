"""Small middlewares and pages of others: starsessions, asgi-correlation-id, starlette-compress, scalar-fastapi."""

import gzip
import logging

import pytest
from asgi_correlation_id import CorrelationIdFilter, CorrelationIdMiddleware, correlation_id
from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse
from fastapi.testclient import TestClient
from scalar_fastapi import get_scalar_api_reference
from starlette.middleware import Middleware
from starlette_compress import CompressMiddleware
from starsessions import (
    InMemoryStore,
    SessionAutoloadMiddleware,
    SessionMiddleware,
    load_session,
    regenerate_session_id,
)


@pytest.mark.parametrize("autoload", [True, False])
def test_a_session_is_kept_on_the_server(autoload: bool) -> None:
    store = InMemoryStore()
    around = [Middleware(SessionMiddleware, store=store, cookie_https_only=False, lifetime=60)]
    if autoload:
        around.append(Middleware(SessionAutoloadMiddleware))
    app = FastAPI(middleware=around)

    async def loaded(request: Request) -> None:
        await load_session(request)

    @app.post("/count", dependencies=[Depends(loaded)])
    def count(request: Request) -> int:
        request.session["n"] = request.session.get("n", 0) + 1
        return int(request.session["n"])

    @app.post("/login", dependencies=[Depends(loaded)])
    async def login(request: Request) -> str:
        regenerate_session_id(request)
        return "in"

    client = TestClient(app)
    assert [client.post("/count").json() for _ in range(3)] == [1, 2, 3]
    before = client.cookies["session"]
    client.post("/login")
    assert client.cookies["session"] != before
    assert client.post("/count").json() == 4


def test_the_id_of_a_request_reaches_threads_and_logs(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    app.add_middleware(CorrelationIdMiddleware, validator=None)
    caplog.handler.addFilter(CorrelationIdFilter())

    @app.get("/")
    def read() -> str | None:
        logging.getLogger("guests").warning("here")
        return correlation_id.get()

    answer = TestClient(app).get("/", headers={"X-Request-ID": "abc"})
    assert answer.json() == answer.headers["X-Request-ID"] == "abc"
    assert [record.correlation_id for record in caplog.records if record.name == "guests"] == ["abc"]  # type: ignore[attr-defined]


def test_answers_are_compressed_as_the_client_likes() -> None:
    app = FastAPI()
    app.add_middleware(CompressMiddleware, minimum_size=10)

    @app.get("/")
    async def read() -> list[int]:
        return [7] * 1000

    client = TestClient(app)
    for coding in ("gzip", "br", "zstd", "identity"):
        with client.stream("GET", "/", headers={"Accept-Encoding": coding}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers.get("content-encoding", "identity") == coding
        assert (len(raw) < 200) is (coding != "identity")
        if coding == "gzip":
            assert gzip.decompress(raw).startswith(b"[7,7")


def test_scalars_page_shows_the_apps_document() -> None:
    app = FastAPI(title="Books")

    @app.get("/scalar", include_in_schema=False)
    async def page() -> HTMLResponse:
        return get_scalar_api_reference(openapi_url=app.openapi_url, title=app.title)

    shown = TestClient(app).get("/scalar")
    assert "<title>Books</title>" in shown.text
    assert "/openapi.json" in shown.text
