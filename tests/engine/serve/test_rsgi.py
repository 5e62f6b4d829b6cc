"""An app over RSGI: which way a request goes, and the lifespan."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from martlet import APIRouter, Depends, FastAPI
from martlet._engine.run.rsgi_exchange import Bridge
from martlet._engine.words.errors import DuplicateParameterError, InvalidFieldTypeError, LifespanError
from tests import rsgi
from tests.asking import Around


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def make(cls: type[FastAPI] = FastAPI, *, fails: str = "") -> Any:
    events: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, Any]]:
        if fails == "startup":
            raise RuntimeError("cannot start")
        events.append("starts")
        yield {"database": "open"}
        events.append("stops")
        if fails == "shutdown":
            raise RuntimeError("cannot stop")

    app = cls(openapi_url=None, lifespan=lifespan)
    app.state.events = events

    @app.get("/{name}")
    async def read(name: str) -> str:
        return name

    return app


async def bridged(app: Any, monkeypatch: pytest.MonkeyPatch, target: str = "/x") -> tuple[bytes, int]:
    """Return the body of an answer, and how many requests went through the bridge."""
    calls: list[Any] = []

    def counted(own: Any) -> Any:
        async def call(self: Bridge, *given: Any) -> None:
            calls.append(given)
            await own(self, *given)

        return call

    http = rsgi.HTTP()
    with monkeypatch.context() as patch:
        patch.setattr(Bridge, "serve", counted(Bridge.serve))
        await rsgi.serve(app, rsgi.Scope("GET", target), http)
    return http.body, len(calls)


@pytest.mark.anyio
async def test_the_first_request_builds_the_app_and_others_go_straight(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make()
    assert await bridged(app, monkeypatch) == (b'"x"', 1)
    assert await bridged(app, monkeypatch) == (b'"x"', 0)
    assert await bridged(app, monkeypatch, "/no/route") == (b'{"detail":"Not Found"}', 1)
    app.dependency_overrides = {}
    assert await bridged(app, monkeypatch) == (b'"x"', 0)


@pytest.mark.anyio
async def test_a_route_of_starlettes_goes_through_the_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI(openapi_url="/openapi.json", docs_url=None, redoc_url=None, title="Mine")
    for _ in range(2):
        body, bridged_times = await bridged(app, monkeypatch, "/openapi.json")
        assert b'"Mine"' in body
        assert bridged_times == 1


@pytest.mark.anyio
async def test_a_route_declared_later_that_cannot_be_served_is_a_500(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI(openapi_url=None)
    router = APIRouter()
    app.include_router(router, prefix="/{name}")
    await bridged(app, monkeypatch)

    @router.get("/{name}")
    async def read(name: str) -> str:
        return name

    http = rsgi.HTTP()
    with pytest.raises(DuplicateParameterError):
        await rsgi.serve(app, rsgi.Scope("GET", "/x"), http)
    assert (http.status, http.body) == (500, b"Internal Server Error")


def unreadable(value: Bridge) -> str:
    return "never called"


@pytest.mark.anyio
async def test_an_override_that_cannot_be_read_is_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI(openapi_url=None)

    def greeting() -> str:
        return "hello"

    @app.exception_handler(InvalidFieldTypeError)
    async def answer(_: Request, error: Exception) -> Response:
        return PlainTextResponse("it failed")

    @app.get("/")
    async def read(said: Annotated[str, Depends(greeting)]) -> str:
        return said

    app.dependency_overrides[greeting] = unreadable
    for _ in range(2):
        assert await bridged(app, monkeypatch, "/") == (b"it failed", 1)
    app.dependency_overrides.clear()
    assert await bridged(app, monkeypatch, "/") == (b'"hello"', 0)


class Wrapped(FastAPI):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"] = "/wrapped"
        await super().__call__(scope, receive, send)


@pytest.mark.anyio
async def test_what_is_around_an_app_is_not_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped = make(Wrapped)
    for _ in range(2):
        assert await bridged(wrapped, monkeypatch) == (b'"wrapped"', 1)
    observed = make()
    observed.add_middleware(Around)
    for _ in range(2):
        assert await bridged(observed, monkeypatch) == (b'"x"', 1)
    patched = make()
    await bridged(patched, monkeypatch)
    own = Starlette.__call__

    async def call(self: Starlette, scope: Scope, receive: Receive, send: Send) -> None:
        scope["path"] = "/patched"
        await own(self, scope, receive, send)

    monkeypatch.setattr(Starlette, "__call__", call)
    assert (await bridged(patched, monkeypatch))[0] == b'"patched"'


@pytest.mark.anyio
async def test_an_app_that_is_debugged_shows_what_went_wrong_behind_its_middleware() -> None:
    app = FastAPI(debug=True)
    app.add_middleware(Around)

    @app.get("/")
    async def fail() -> str:
        raise ValueError("of the endpoint")

    @app.get("/fine")
    async def fine() -> str:
        return "fine"

    for _ in range(2):
        http = rsgi.HTTP()
        await rsgi.serve(app, rsgi.Scope("GET", "/fine"), http)
        assert http.body == b'"fine"'
        http = rsgi.HTTP()
        with pytest.raises(ValueError, match="of the endpoint"):
            await rsgi.serve(app, rsgi.Scope("GET", "/"), http)
        assert (http.status, b"in fail" in http.body) == (500, True)


def test_the_lifespan() -> None:
    app = make()
    loop = asyncio.new_event_loop()
    app.__rsgi_init__(loop)
    assert app.state.events == ["starts"]
    assert app.__rsgi__._bridge.state == {"database": "open"}
    app.__rsgi_del__(loop)
    assert app.state.events == ["starts", "stops"]
    app.__rsgi_del__(loop)
    loop.close()


@pytest.mark.parametrize("fails", ["startup", "shutdown"])
def test_a_lifespan_that_fails(fails: str) -> None:
    app = make(fails=fails)
    loop = asyncio.new_event_loop()
    if fails == "shutdown":
        app.__rsgi_init__(loop)
    with pytest.raises(LifespanError, match=f"failed at its {fails}"):
        (app.__rsgi_del__ if fails == "shutdown" else app.__rsgi_init__)(loop)
    loop.close()
