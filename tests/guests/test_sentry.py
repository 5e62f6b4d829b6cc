"""sentry-sdk: it finds FastAPI by itself, and sees names of transactions, errors and what a request held.

Nothing is sent: the transport collects.
"""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
import sentry_sdk
from fastapi import APIRouter, Depends, FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

pytestmark = [pytest.mark.lasting, pytest.mark.filterwarnings("ignore::DeprecationWarning:sentry_sdk")]

sent: list[dict[str, Any]] = []


class Collecting(Transport):
    def capture_envelope(self, envelope: Envelope) -> None:
        for item in envelope.items:
            payload = item.payload.json
            if payload is not None:
                sent.append({"kind": item.type, **payload})


class Order(BaseModel):
    name: str
    amount: int


def make_app() -> FastAPI:
    app = FastAPI()
    router = APIRouter(prefix="/shop")

    async def number(item_id: int) -> int:
        return item_id

    @app.get("/items/{item_id}")
    async def read(item_id: Annotated[int, Depends(number)]) -> dict[str, int]:
        return {"id": item_id, "inverse": 1 // item_id}

    @app.get("/sync/{item_id}")
    def read_sync(item_id: int) -> dict[str, int]:
        return {"inverse": 1 // item_id}

    @app.post("/orders")
    async def order(order: Order) -> Order:
        if order.amount > 99:
            raise LookupError("not so many")
        return order

    @app.get("/missing")
    async def missing() -> None:
        raise HTTPException(404)

    @app.get("/teapot")
    async def teapot() -> None:
        raise HTTPException(503)

    @router.get("/{name}/books")
    async def books(name: str) -> list[str]:
        return [name]

    app.include_router(router, prefix="/v1")
    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    sentry_sdk.init(dsn="http://key@127.0.0.1:9/1", transport=Collecting, traces_sample_rate=1.0, send_default_pii=True)
    sent.clear()
    yield TestClient(make_app(), raise_server_exceptions=False)
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def of(kind: str) -> list[dict[str, Any]]:
    return [each for each in sent if each["kind"] == kind]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/items/7", "/items/{item_id}"),
        ("/sync/7", "/sync/{item_id}"),
        ("/v1/shop/waves/books", "/v1/shop/{name}/books"),
        ("/missing", "/missing"),
    ],
)
def test_a_transaction_is_named_after_the_route(client: TestClient, path: str, name: str) -> None:
    client.get(path)
    (transaction,) = of("transaction")
    assert transaction["transaction"].endswith(name)
    assert transaction["request"]["url"] == f"http://testserver{path}"


@pytest.mark.parametrize("path", ["/items/0", "/sync/0"])
def test_an_error_is_told_with_its_transaction_and_its_line(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 500
    (event,) = of("event")
    (error,) = event["exception"]["values"]
    assert (error["type"], error["mechanism"]["handled"]) == ("ZeroDivisionError", False)
    assert error["stacktrace"]["frames"][-1]["function"] in ("read", "read_sync")
    assert error["stacktrace"]["frames"][-1]["filename"].endswith("test_sentry.py")
    assert event["transaction"].startswith(path[:-1])


def test_the_body_of_the_request_is_told_too(client: TestClient) -> None:
    order = {"name": "hat", "amount": 100}
    assert client.post("/orders", json=order).status_code == 500
    (event,) = of("event")
    assert event["request"]["data"] == order
    assert event["exception"]["values"][0]["value"] == "not so many"


def test_what_clients_did_wrong_is_no_error_and_what_servers_did_is(client: TestClient) -> None:
    assert client.post("/orders", json={"name": "hat"}).status_code == 422
    assert client.get("/missing").status_code == 404
    assert of("event") == []
    assert client.get("/teapot").status_code == 503
    assert [event["exception"]["values"][0]["type"] for event in of("event")] == ["HTTPException"]


def test_answers_are_what_they_are_without_it(client: TestClient) -> None:
    assert client.get("/items/1").json() == {"id": 1, "inverse": 1}
    assert client.post("/orders", json={"name": "hat", "amount": "2"}).json() == {"name": "hat", "amount": 2}
    detail = client.post("/orders", json={"name": 1}).json()["detail"]
    assert [error["loc"] for error in detail] == [["body", "name"], ["body", "amount"]]
