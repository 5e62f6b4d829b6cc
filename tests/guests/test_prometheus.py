"""prometheus-fastapi-instrumentator: what it counts, by the templates of the routes that answered."""

from fastapi import APIRouter, FastAPI, HTTPException
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry
from prometheus_fastapi_instrumentator import Instrumentator


def make_client() -> TestClient:
    app = FastAPI()
    router = APIRouter(prefix="/shop")

    @app.get("/items/{item_id}")
    async def read(item_id: int) -> dict[str, int]:
        if item_id == 0:
            raise HTTPException(404)
        return {"id": item_id}

    @app.post("/items")
    def add(item: dict[str, int]) -> dict[str, int]:
        return item

    @router.get("/{name}/books")
    async def books(name: str) -> list[str]:
        return [name]

    app.include_router(router, prefix="/v1")
    Instrumentator(registry=CollectorRegistry()).instrument(app).expose(app, include_in_schema=False)
    return TestClient(app)


def counted(client: TestClient) -> dict[str, float]:
    lines = client.get("/metrics").text.splitlines()
    found = dict(line.rsplit(" ", 1) for line in lines if line.startswith("http_requests_total"))
    return {name.partition("{")[2].rstrip("}"): float(value) for name, value in found.items()}


def test_requests_are_counted_by_template_method_and_class_of_status() -> None:
    client = make_client()
    for path in ("/items/1", "/items/2", "/items/0", "/items/x", "/v1/shop/x/books"):
        client.get(path)
    client.post("/items", json={"a": 1})
    assert counted(client) == {
        'handler="/items/{item_id}",method="GET",status="2xx"': 2,
        'handler="/items/{item_id}",method="GET",status="4xx"': 2,
        'handler="/items",method="POST",status="2xx"': 1,
        'handler="/v1/shop/{name}/books",method="GET",status="2xx"': 1,
    }


def test_what_no_route_answers_has_one_name() -> None:
    client = make_client()
    client.get("/nothing/here")
    client.get("/nothing/there")
    assert counted(client) == {'handler="none",method="GET",status="4xx"': 2}


def test_metrics_are_no_part_of_the_document() -> None:
    client = make_client()
    assert "/metrics" not in client.get("/openapi.json").json()["paths"]
    assert "http_request_duration_seconds" in client.get("/metrics").text
