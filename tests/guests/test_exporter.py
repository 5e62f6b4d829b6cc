"""starlette-exporter: figures for Prometheus, by the template of the path."""

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.testclient import TestClient
from prometheus_client import REGISTRY
from starlette_exporter import PrometheusMiddleware, from_header, handle_metrics


def test_requests_are_counted_by_template() -> None:
    app = FastAPI()
    app.add_middleware(
        PrometheusMiddleware, app_name="shop", prefix="shop", group_paths=True, labels={"who": from_header("X-Who")}
    )
    app.add_route("/metrics", handle_metrics)
    books = APIRouter(prefix="/books")

    @books.get("/{book_id}")
    async def read(book_id: int) -> int:
        if book_id == 0:
            raise HTTPException(404)
        return book_id

    app.include_router(books, prefix="/api")
    client = TestClient(app)
    for path in ("/api/books/1", "/api/books/2", "/api/books/0", "/nowhere"):
        client.get(path, headers={"X-Who": "ada"})

    def count(status: int, path: str) -> float | None:
        labels = {"method": "GET", "status_code": str(status), "path": path, "app_name": "shop", "who": "ada"}
        return REGISTRY.get_sample_value("shop_requests_total", labels)

    assert count(200, "/api/books/{book_id}") == 2
    assert count(404, "/api/books/{book_id}") == 1
