"""opentelemetry-instrumentation-fastapi, told to instrument every app: it puts a class in the place of `FastAPI`."""

import fastapi
from fastapi.testclient import TestClient
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter


def test_apps_made_from_then_on_are_watched_and_no_more_in_the_end() -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    genuine = fastapi.FastAPI
    FastAPIInstrumentor().instrument(tracer_provider=provider, exclude_spans=["send", "receive"])
    try:
        app = fastapi.FastAPI(title="Watched")
        assert isinstance(app, genuine)

        @app.get("/")
        async def home() -> dict[str, str]:
            return {"title": app.title}

        assert TestClient(app).get("/").json() == {"title": "Watched"}
    finally:
        FastAPIInstrumentor().uninstrument()
    assert [span.name for span in spans.get_finished_spans()] == ["GET /"]
    assert fastapi.FastAPI is genuine
