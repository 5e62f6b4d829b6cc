"""What is told of a request is what genuine FastAPI tells, however it is served, and the request does not notice."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket

from tests.asking import JSON, WAYS, Answer, App, Ask, Framework, Way, ask, get, talk
from tests.engine.compile.cases import CASES, Case, answers, bodies, dependencies, parameters, threads
from tests.telemetry.recording import Found, of_framework

pytestmark = pytest.mark.anyio

MODULES = (parameters, bodies, dependencies, answers, threads)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Watched(Framework):
    """A framework whose apps have telemetry."""

    def __init__(self, name: str, way: Way = "direct", **settings: Any) -> None:
        super().__init__(name, way)
        self.recording = of_framework(self.telemetry)
        self.settings = settings

    def app(self, **options: Any) -> App:
        return super().app(telemetry={**self.recording.config, **self.settings}, **options)


def test_all_cases_are_there() -> None:
    assert {case.make.__module__ for case in CASES} == {module.__name__ for module in MODULES}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_cases_of_the_compiler(case: Case, way: Way) -> None:
    await _compare(case.make, case.asks, way)


async def _compare(
    make: Any, asks: Sequence[Ask], way: Way = "direct", *, answers_too: bool = True, **settings: Any
) -> Found:
    """Have both frameworks do the same, compare what they answer and what they tell, and return the latter."""
    ours, genuine = Watched("martlet", way, **settings), Watched("fastapi", way, **settings)
    answered = {framework.name: await _answers(make(framework), asks) for framework in (genuine, ours)}
    told = ours.recording.everything()
    for request, one, other in zip(asks, answered["fastapi"], answered["martlet"], strict=True):
        assert other == one or not answers_too, request
    assert told == genuine.recording.everything()
    ours.recording.close()
    genuine.recording.close()
    return told


async def _answers(app: App, asks: Sequence[Ask]) -> list[Answer]:
    return [await ask(app, request) for request in asks]


# ------------------------------------------------------------------------------------------------------- which route


def site(fw: Framework, folder: Path) -> App:
    """Make an app of everything that answers without being a path operation, or that hands on to what does."""
    for name, text in (("index.html", "<p>here</p>"), ("script.js", "here()")):
        if not (folder / name).exists():  # the time of writing is in the answer
            (folder / name).write_text(text)
    app: App = fw.FastAPI(**_telemetry(fw), docs_url="/pages/docs")
    app.state.events = []
    child: App = fw.FastAPI(openapi_url=None)
    inner: App = fw.APIRouter()
    bare: App = fw.APIRouter()
    router: App = fw.APIRouter(prefix="/v1")

    @app.get("/items/{item_id}")
    async def read(item_id: int) -> int:
        return item_id

    @router.get("/things/{thing_id}/")
    @inner.get("/things/{thing_id}")
    @bare.get("/things/{thing_id}")
    @child.get("/things/{thing_id}")
    def thing(thing_id: str) -> str:
        return thing_id

    @child.websocket("/talk/{name}")
    @bare.websocket("/talk/{name}")
    async def greet(websocket: WebSocket, name: str) -> None:
        await websocket.accept()
        await websocket.send_text(name)
        await websocket.close()

    async def plain(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.url.path)

    app.routes.append(Route("/plain/{name}", plain, methods=["GET"]))
    router.routes.append(Route("/v1/plain/{name}/", plain))
    router.include_router(inner, prefix="/inner")
    _frontend(router, folder)
    app.include_router(router, prefix="/api")
    app.mount("/child/{tenant}", child)
    app.mount("/bare", bare)
    app.mount("/static", StaticFiles(directory=folder))
    return app


def _frontend(router: Any, folder: Path) -> None:
    router.frontend("/ui", directory=folder, fallback="index.html")


def _telemetry(fw: Framework) -> dict[str, Any]:
    assert isinstance(fw, Watched)
    return {"telemetry": {**fw.recording.config, **fw.settings}}


PLACES = (
    get("/items/1"),
    get("/items/1?sig=secret&q=hello%20world&empty="),
    get("/items/x"),
    get("/nowhere"),
    Ask("POST /items/1"),
    Ask("BREW /items/1"),
    Ask("BREW /nowhere"),
    get("/items/1/"),
    get("/plain/x"),
    get("/plain/x/"),
    Ask("POST /plain/x"),
    get("/openapi.json"),
    get("/api/v1/things/a/"),
    get("/api/v1/things/a"),
    get("/api/v1/plain/a/"),
    get("/api/v1/plain/a"),
    get("/api/v1/inner/things/a"),
    get("/api/v1/inner/things/a/"),
    get("/api/v1/ui/script.js"),
    get("/api/v1/ui/some/page", accept="text/html"),
    Ask("DELETE /api/v1/ui/script.js"),
    get("/child/acme/things/a"),
    get("/child/acme/things/a/"),
    get("/child/acme/nothing"),
    get("/bare/things/a"),
    get("/static/script.js"),
    get("/static/missing.js"),
    get("/static"),
)


@pytest.mark.parametrize("request_", PLACES, ids=lambda request: request.target)
async def test_which_route_answers(request_: Ask, tmp_path: Path) -> None:
    await _compare(lambda fw: site(fw, tmp_path), [request_])


async def test_pages(tmp_path: Path) -> None:
    await _compare(lambda fw: site(fw, tmp_path), [get("/pages/docs"), get("/redoc")], answers_too=False)


ROOTED = (
    Ask("GET /proxy/child/acme/things/a", scope={"root_path": "/proxy"}),
    Ask("GET /proxy/items/1", scope={"root_path": "/proxy/"}),
    Ask("GET /proxy/items/1", scope={"root_path": "/proxy", "app_root_path": "/outside"}),
)


@pytest.mark.parametrize("request_", ROOTED)
async def test_what_stands_before_the_route(request_: Ask, tmp_path: Path) -> None:
    await _compare(lambda fw: site(fw, tmp_path), [request_])


# --------------------------------------------------------------------------------------------------- what is said of it

REQUESTS = (
    Ask("GET /items/1", scope={"scheme": "https"}, headers=[("host", "public.example")]),
    Ask("GET /items/1", scope={"scheme": "custom"}, headers=[("host", "public.example")]),
    Ask("GET /items/1", headers=[("host", "[2001:db8::1]:8443")]),
    Ask("GET /items/1", headers=[("host", "user:password@public.example")]),
    Ask("GET /items/1", headers=[("host", "public.example/path")]),
    Ask("GET /items/1", headers=[("host", "public.example:99999")]),
    Ask("GET /items/1", headers=[("host", "")]),
    Ask("GET /items/1", scope={"server": None, "http_version": ""}),
    Ask("GET /items/1", scope={"server": ("/run/socket", None)}),
    Ask(
        "GET /items/1",
        headers=[("traceparent", f"00-{'1' * 32}-{'2' * 16}-01"), ("baggage", "a=1"), ("baggage", "b=2")],
    ),
)


@pytest.mark.parametrize("request_", REQUESTS)
async def test_attributes(request_: Ask, tmp_path: Path) -> None:
    await _compare(lambda fw: site(fw, tmp_path), [request_])


@pytest.mark.parametrize("known", ["", "  ", " BREW , GET , ", "POST"])
async def test_known_methods(known: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", known)
    await _compare(lambda fw: site(fw, tmp_path), [get("/items/1"), Ask("BREW /items/1")])


SETTINGS: tuple[dict[str, Any], ...] = (
    {"tracing": False},
    {"metrics": False},
    {"logs": False},
    {"operation_spans": False},
    {"tracing": False, "logs": False},
    {"tracing": False, "logs": False, "metrics": False},
    {"exclude": lambda scope: scope["path"] == "/items/1"},
    {"exclude": lambda scope: scope["path"] != "/items/1"},
)


@pytest.mark.parametrize("settings", SETTINGS)
async def test_settings(settings: dict[str, Any], tmp_path: Path) -> None:
    asks = [get("/items/1"), get("/items/x"), get("/child/acme/things/a"), get("/nowhere")]
    await _compare(lambda fw: site(fw, tmp_path), asks, **settings)


# ----------------------------------------------------------------------------------------------- what goes wrong, where


class MineError(Exception):
    """Not of any framework."""


def handled(_request: Request, _error: Exception) -> PlainTextResponse:
    return PlainTextResponse("handled", 404)


def fragile(fw: Framework) -> App:
    """Make an app that fails where the request says."""
    app = fw.app(exception_handlers={KeyError: handled})

    def fail(where: str) -> None:
        stage, _, kind = app.state.outcome.partition(" ")
        if stage == where:
            raise {"mine": MineError("mine"), "known": KeyError("known"), "http": fw.HTTPException(503, "no")}[kind]

    async def ends() -> AsyncIterator[int]:
        fail("dependency")
        yield 1
        fail("end")

    async def later() -> None:
        fail("task")

    @app.get("/")
    async def read(number: Annotated[int, fw.Depends(ends)], tasks: fw.BackgroundTasks) -> int:  # type: ignore[name-defined]  # known at run time
        tasks.add_task(later)
        fail("endpoint")
        return number

    @app.get("/def")
    def read_in_thread() -> Any:
        fail("endpoint")
        return object() if app.state.outcome == "content" else 1

    @app.get("/stream")
    async def stream() -> Any:
        async def lines() -> AsyncIterator[str]:
            yield "one"
            fail("stream")

        return fw.responses.StreamingResponse(lines())

    return app


FAILURES = [
    *(
        get("/").then(f"{where} {kind}")
        for where in ("dependency", "endpoint", "task", "end")
        for kind in ("mine", "known", "http")
    ),
    *(get("/def").then(f"endpoint {kind}") for kind in ("mine", "known", "http")),
    get("/def").then("content"),
    get("/stream").then("stream mine"),
    get("/stream").then("stream known"),
    get("/stream"),
]


@pytest.mark.parametrize("anyio_backend", ["asyncio", "trio"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("request_", FAILURES, ids=lambda request: f"{request.target} {request.outcome}")
async def test_failures(request_: Ask, way: Way) -> None:
    await _compare(fragile, [request_], way)


async def test_a_client_that_leaves() -> None:
    def reading(fw: Framework) -> App:
        app = fw.app()

        @app.post("/")
        async def read(request: Request) -> str:
            return str(len(await request.body()))

        return app

    leaving = Ask("POST /", [JSON], b"{", leaves=True)
    ours = Watched("martlet", "direct")
    assert (await ask(reading(ours), leaving)).status == 400
    told = ours.recording.everything()
    ours.recording.close()
    # FastAPI logs an exception, since it makes a 500 of this.
    assert told["logs"] == []
    assert [span["attributes"]["http.response.status_code"] for span in told["spans"] if span["kind"] == "SERVER"] == [
        400
    ]


# ----------------------------------------------------------------------------------------------------------- WebSockets


def chat(fw: Framework) -> App:
    """Make an app that talks."""
    app = fw.app()

    async def guard(q: int = 0) -> AsyncIterator[int]:
        if app.state.outcome == "refuses":
            raise fw.WebSocketException(1008, "no")
        yield q
        if app.state.outcome == "ends":
            raise MineError("end")

    @app.websocket("/{room}")
    async def talk(websocket: WebSocket, room: int, q: Annotated[int, fw.Depends(guard)]) -> None:
        await websocket.accept()
        if app.state.outcome == "breaks":
            raise MineError("broken")
        if app.state.outcome == "reads":
            await websocket.receive_text()
        await websocket.send_text(f"{room} {q}")
        await websocket.close()

    return app


@pytest.mark.parametrize(
    "settings", [{}, {"tracing": False}, {"operation_spans": False}, {"tracing": False, "logs": False}]
)
@pytest.mark.parametrize("outcome", ["", "refuses", "breaks", "ends", "reads"])
@pytest.mark.parametrize("target", ["/1?q=2", "/x?q=y", "/nowhere/at/all"])
async def test_websockets(target: str, outcome: str, settings: dict[str, Any]) -> None:
    ours, genuine = Watched("martlet", **settings), Watched("fastapi", **settings)
    answered = [await talk(chat(framework), target, outcome=outcome) for framework in (genuine, ours)]
    assert answered[1] == answered[0]
    assert ours.recording.everything() == genuine.recording.everything()
    ours.recording.close()
    genuine.recording.close()


@pytest.mark.parametrize("target", ["/child/acme/talk/you", "/bare/talk/you", "/bare/silence"])
async def test_websockets_of_mounted_apps(target: str, tmp_path: Path) -> None:
    ours, genuine = Watched("martlet"), Watched("fastapi")
    answered = [await talk(site(framework, tmp_path), target) for framework in (genuine, ours)]
    assert answered[1] == answered[0]
    assert ours.recording.everything() == genuine.recording.everything()
    ours.recording.close()
    genuine.recording.close()
