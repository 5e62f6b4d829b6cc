"""logfire: it patches how FastAPI solves dependencies and calls endpoints, and tells arguments and errors in spans."""

from collections.abc import Iterator
from typing import Annotated, Any

import logfire
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from logfire.testing import TestExporter
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

pytestmark = pytest.mark.lasting  # it sets the process's provider of traces
exporter = TestExporter()


def make_app() -> FastAPI:
    app = FastAPI()

    async def half(amount: int) -> float:
        return amount / 2

    @app.get("/items/{item_id}")
    async def read(item_id: int, halved: Annotated[float, Depends(half)]) -> dict[str, float]:
        return {"id": item_id, "half": halved}

    @app.get("/sync/{item_id}")
    def read_sync(item_id: int) -> int:
        return 1 // item_id

    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    logfire.configure(
        send_to_logfire=False,
        console=False,
        inspect_arguments=False,
        additional_span_processors=[SimpleSpanProcessor(exporter)],
    )
    exporter.clear()
    app = make_app()
    with logfire.instrument_fastapi(app):
        yield TestClient(app, raise_server_exceptions=False)


def attributes(name: str) -> dict[str, Any]:
    spans = [span for span in exporter.exported_spans_as_dict() if span["name"] == name]
    assert spans, [span["name"] for span in exporter.exported_spans_as_dict()]
    found: dict[str, Any] = spans[-1]["attributes"]
    return found


def test_the_span_of_the_request_tells_the_arguments(client: TestClient) -> None:
    assert client.get("/items/7?amount=3").json() == {"id": 7, "half": 1.5}
    told = attributes("GET /items/{item_id}")
    assert told["fastapi.arguments.values"] == '{"halved":1.5,"item_id":7}'
    assert told["fastapi.route.name"] == "read"
    assert "fastapi.endpoint_function.start_timestamp" in told


def test_what_was_refused_is_told(client: TestClient) -> None:
    assert client.get("/items/none?amount=3").status_code == 422
    assert "int_parsing" in attributes("GET /items/{item_id}")["fastapi.arguments.errors"]


def test_an_error_of_a_sync_endpoint(client: TestClient) -> None:
    assert client.get("/sync/1").json() == 1
    assert client.get("/sync/0").status_code == 500
    assert attributes("GET /sync/{item_id}")["http.status_code"] == 500
