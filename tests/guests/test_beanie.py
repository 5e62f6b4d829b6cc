"""Beanie's documents, as bodies and as answers.

Its server is MongoDB; `mongomock-motor` stands in for it, in memory. So these tests hold what Martlet does with
documents (they are Pydantic models with ids, links and hooks of their own), not what MongoDB does.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from beanie import Document, Indexed, PydanticObjectId, init_beanie
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from mongomock_motor import AsyncMongoMockClient
from pydantic import BaseModel, Field

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")


class Origin(BaseModel):
    country: str
    region: str | None = None


class Tea(Document):
    name: Indexed(str)  # type: ignore[valid-type]  # Beanie's way to ask for an index
    grams: int = Field(gt=0)
    origin: Origin
    tags: set[str] = Field(default_factory=set)

    class Settings:
        name = "teas"


class TeaView(BaseModel):
    name: str
    grams: int


async def no_collections(**asked: bool) -> list[str]:
    """What an empty server answers; the stand-in does not know the options that Beanie asks with."""
    return []


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    database: Any = AsyncMongoMockClient()["shop"]
    database.list_collection_names = no_collections
    await init_beanie(database=database, document_models=[Tea])
    yield


def make_app() -> FastAPI:
    app = FastAPI(lifespan=lifespan)

    @app.post("/teas", status_code=201)
    async def add(tea: Tea) -> Tea:
        await tea.insert()
        return tea

    @app.get("/teas", response_model=list[TeaView])
    async def read_all(least: int = 0) -> list[Tea]:
        return await Tea.find(Tea.grams >= least).sort("+name").to_list()

    @app.get("/teas/{tea_id}")
    async def read_one(tea_id: PydanticObjectId) -> Tea:
        tea = await Tea.get(tea_id)
        if tea is None:
            raise HTTPException(404, "no such tea")
        return tea

    @app.put("/teas/{tea_id}")
    async def change(tea_id: PydanticObjectId, view: TeaView) -> Tea:
        tea = await read_one(tea_id)
        tea.name, tea.grams = view.name, view.grams
        await tea.save()
        return tea

    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(make_app()) as client:
        yield client


SENCHA = {"name": "Sencha", "grams": 100, "origin": {"country": "jp"}, "tags": ["green"]}


def test_a_document_is_the_body_and_the_answer(client: TestClient) -> None:
    answer = client.post("/teas", json=SENCHA)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    tea_id = made.pop("_id")
    assert len(tea_id) == 24
    assert made == {**SENCHA, "origin": {"country": "jp", "region": None}}
    assert client.get(f"/teas/{tea_id}").json() == answer.json()


def test_documents_are_answered_through_another_model(client: TestClient) -> None:
    for name, grams in (("Yunnan", 50), ("Assam", 250)):
        client.post("/teas", json={**SENCHA, "name": name, "grams": grams})
    assert client.get("/teas").json() == [{"name": "Assam", "grams": 250}, {"name": "Yunnan", "grams": 50}]
    assert client.get("/teas", params={"least": 100}).json() == [{"name": "Assam", "grams": 250}]


def test_an_id_in_the_path_is_validated(client: TestClient) -> None:
    answer = client.get("/teas/none")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["path", "tea_id"]
    assert client.get("/teas/0123456789abcdef01234567").json() == {"detail": "no such tea"}


def test_a_document_that_is_changed(client: TestClient) -> None:
    tea_id = client.post("/teas", json=SENCHA).json()["_id"]
    client.put(f"/teas/{tea_id}", json={"name": "Sencha", "grams": 75})
    assert client.get("/teas").json() == [{"name": "Sencha", "grams": 75}]


def test_a_body_that_is_no_document_is_refused(client: TestClient) -> None:
    answer = client.post("/teas", json={**SENCHA, "grams": 0, "origin": {}})
    assert [error["loc"] for error in answer.json()["detail"]] == [["body", "grams"], ["body", "origin", "country"]]


def test_the_document_describes_the_document(client: TestClient) -> None:
    tea = client.get("/openapi.json").json()["components"]["schemas"]["Tea"]
    assert set(tea["properties"]) == {"_id", "name", "grams", "origin", "tags"}
