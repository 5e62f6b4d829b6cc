"""redis-om: a Pydantic-based object mapper, on a real redis-server.

The server is started for these tests on a port of its own, keeps nothing on disk, and is ended with them. Where the
program is not installed the tests are skipped; `make test-system` installs it.
"""

import contextlib
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import pytest
import redis
from aredis_om import Field, HashModel, NotFoundError, get_redis_connection
from fastapi import Body, FastAPI, HTTPException
from fastapi.testclient import TestClient
from pydantic import BaseModel

from tests.serving import free_port

PROGRAM = shutil.which("redis-server")
pytestmark = [pytest.mark.skipif(PROGRAM is None, reason="needs redis-server: apt-get install redis-server")]


class Customer(HashModel, index=True):
    name: str = Field(min_length=2)
    age: int = Field(ge=0)
    bio: str | None = None

    class Meta:
        global_key_prefix = "guests"


class CustomerOut(BaseModel):
    pk: str
    name: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, folder = free_port(), tmp_path_factory.mktemp("redis")
    words = [PROGRAM or "", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(words, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(port)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int) -> None:
    with redis.Redis(port=port) as probe:
        for _ in range(500):
            with contextlib.suppress(redis.ConnectionError):
                probe.ping()
                return
            time.sleep(0.02)
    raise TimeoutError("redis-server did not answer")


def make_app(url: str) -> FastAPI:
    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        connection: Any = get_redis_connection(url=url, decode_responses=True)
        await connection.flushall()
        Customer._meta.database = connection
        yield
        await connection.aclose()

    app = FastAPI(lifespan=lifespan)

    @app.post("/customers", status_code=201)
    async def add(customer: Customer) -> Customer | None:
        return await customer.save()

    @app.get("/customers")
    async def read_all() -> list[CustomerOut]:
        keys: Any = await Customer.all_pks()  # type: ignore[no-untyped-call]  # as are its other methods
        found: Any = [await Customer.get(key) async for key in keys]
        return sorted(found, key=lambda each: str(each.name))

    @app.get("/customers/{key}", response_model=Customer, response_model_exclude_none=True)
    async def read(key: str) -> Any:
        try:
            return await Customer.get(key)
        except NotFoundError:
            raise HTTPException(404, "no such customer") from None

    @app.patch("/customers/{key}", response_model=CustomerOut)
    async def rename(key: str, name: Annotated[str, Body(embed=True, min_length=2)]) -> Any:
        customer = await Customer.get(key)
        await customer.update(name=name)  # type: ignore[no-untyped-call]  # as above
        return customer

    return app


@pytest.fixture
def client(server: str) -> Iterator[TestClient]:
    with TestClient(make_app(server)) as client:
        yield client


def test_a_model_of_the_request_is_saved_and_one_of_the_database_is_the_answer(client: TestClient) -> None:
    answer = client.post("/customers", json={"name": "Ada", "age": 36})
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert {**made, "pk": ""} == {"pk": "", "name": "Ada", "age": 36, "bio": None}
    assert client.get(f"/customers/{made['pk']}").json() == {"pk": made["pk"], "name": "Ada", "age": 36}


def test_what_the_model_refuses_is_not_saved(client: TestClient) -> None:
    answer = client.post("/customers", json={"name": "A", "age": -1})
    assert [error["loc"] for error in answer.json()["detail"]] == [["body", "name"], ["body", "age"]]
    assert client.get("/customers").json() == []


def test_several_through_another_model(client: TestClient) -> None:
    for name in ("Grace", "Edsger"):
        client.post("/customers", json={"name": name, "age": 40})
    assert [set(each) for each in client.get("/customers").json()] == [{"pk", "name"}] * 2
    assert [each["name"] for each in client.get("/customers").json()] == ["Edsger", "Grace"]


def test_one_that_is_changed_and_one_that_is_not_there(client: TestClient) -> None:
    key = client.post("/customers", json={"name": "Ada", "age": 36}).json()["pk"]
    assert client.patch(f"/customers/{key}", json={"name": "Ada L."}).json() == {"pk": key, "name": "Ada L."}
    assert client.get("/customers/none").json() == {"detail": "no such customer"}
