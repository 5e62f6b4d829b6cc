"""opentelemetry-instrumentation-fastapi: spans and metrics, named after the routes that answered."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter, BackgroundTasks, FastAPI, HTTPException, WebSocket
from fastapi.testclient import TestClient
from opentelemetry import trace
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode


class Watched:
    """A client, and the spans that its requests left."""

    def __init__(self, app: FastAPI) -> None:
        self.spans = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.spans))
        FastAPIInstrumentor.instrument_app(app, tracer_provider=self.provider)
        self.client = TestClient(app, raise_server_exceptions=False)

    def server_spans(self) -> list[ReadableSpan]:
        return [span for span in self.spans.get_finished_spans() if span.kind is SpanKind.SERVER]


def make_app() -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/shop")

    @app.get("/items/{item_id}")
    async def read(item_id: int) -> dict[str, int]:
        return {"id": item_id, "sampled": int(trace.get_current_span().is_recording())}

    @app.get("/sync/{item_id}")
    def read_sync(item_id: int) -> dict[str, str]:
        return {"trace": f"{trace.get_current_span().get_span_context().trace_id:032x}"}

    @app.get("/missing")
    async def missing() -> None:
        raise HTTPException(404, "not here")

    @app.get("/broken")
    async def broken() -> None:
        raise ValueError("broken on purpose")

    @router.get("/{name}/books")
    async def books(name: str, tasks: BackgroundTasks) -> list[str]:
        tasks.add_task(later)
        return [name]

    @app.websocket("/ws/{room}")
    async def talk(websocket: WebSocket, room: str) -> None:
        await websocket.accept()
        await websocket.send_text(room)
        await websocket.close()

    async def later() -> None:
        """Runs behind the answer."""

    app.include_router(router, prefix="/v1")
    return app


@pytest.fixture
def watched() -> Iterator[Watched]:
    app = make_app()
    watched = Watched(app)
    yield watched
    FastAPIInstrumentor.uninstrument_app(app)


def test_a_span_is_named_after_the_route_and_current_in_the_endpoint(watched: Watched) -> None:
    assert watched.client.get("/items/7").json() == {"id": 7, "sampled": 1}
    (span,) = watched.server_spans()
    assert span.name == "GET /items/{item_id}"
    assert span.attributes is not None
    assert span.attributes["http.route"] == "/items/{item_id}"
    assert span.attributes["http.status_code"] == 200


@pytest.mark.parametrize(
    ("path", "name", "status"),
    [
        ("/v1/shop/waves/books", "GET /v1/shop/{name}/books", 200),
        ("/items/none", "GET /items/{item_id}", 422),
        ("/missing", "GET /missing", 404),
        ("/no/route", "GET", 404),
    ],
)
def test_names_and_statuses(watched: Watched, path: str, name: str, status: int) -> None:
    assert watched.client.get(path).status_code == status
    (span,) = watched.server_spans()
    assert span.attributes is not None
    assert (span.name, span.attributes["http.status_code"]) == (name, status)


def test_a_sync_endpoint_sees_the_trace_of_the_caller(watched: Watched) -> None:
    caller = "0af7651916cd43dd8448eb211c80319c"
    answer = watched.client.get("/sync/1", headers={"traceparent": f"00-{caller}-b7ad6b7169203331-01"})
    assert answer.json() == {"trace": caller}


def test_an_exception_is_recorded_in_the_span(watched: Watched) -> None:
    assert watched.client.get("/broken").status_code == 500
    (span,) = watched.server_spans()
    assert span.status.status_code is StatusCode.ERROR
    (event,) = span.events
    assert event.attributes is not None
    assert event.attributes["exception.message"] == "broken on purpose"


def test_a_background_task_has_a_span_of_its_own(watched: Watched) -> None:
    watched.client.get("/v1/shop/waves/books")
    assert "BackgroundTask later" in {span.name for span in watched.spans.get_finished_spans()}


def test_a_websocket(watched: Watched) -> None:
    with watched.client.websocket_connect("/ws/garden") as socket:
        assert socket.receive_text() == "garden"
    assert [span.name for span in watched.server_spans()] == ["HTTP /ws/{room}"]


def test_an_app_is_instrumented_after_its_first_request_and_released_again() -> None:
    app = make_app()
    client = TestClient(app)
    assert client.get("/items/1").json()["sampled"] == 0
    watched = Watched(app)
    app.middleware_stack = None
    assert client.get("/items/1").json()["sampled"] == 1
    FastAPIInstrumentor.uninstrument_app(app)
    assert client.get("/items/1").json()["sampled"] == 0
    assert len(watched.server_spans()) == 1
