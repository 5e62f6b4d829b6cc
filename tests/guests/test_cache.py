"""fastapi-cache2: `@cache` rewrites an endpoint's signature to get at Request and Response."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from fastapi_cache import FastAPICache
from fastapi_cache.backends.inmemory import InMemoryBackend
from fastapi_cache.decorator import cache
from pydantic import BaseModel

calls: list[str] = []


class Book(BaseModel):
    title: str
    price: float


@pytest.fixture
def client() -> Iterator[TestClient]:
    calls.clear()
    FastAPICache.init(InMemoryBackend(), prefix="guests")
    app = FastAPI()

    @app.get("/books/{title}")
    @cache(expire=60)
    async def read(title: str, price: float = 10) -> Book:
        calls.append(title)
        return Book(title=title, price=price)

    @app.get("/sync/{title}")
    @cache(expire=60)  # type: ignore[arg-type]  # it takes plain functions, and says it does not
    def read_sync(title: str) -> Book:
        calls.append(title)
        return Book(title=title, price=1)

    yield TestClient(app)
    FastAPICache.reset()


@pytest.mark.parametrize("path", ["/books/emma", "/sync/emma"])
def test_an_answer_is_made_once(client: TestClient, path: str) -> None:
    first, second = client.get(path), client.get(path)
    assert first.json() == second.json()
    assert (first.headers["x-fastapi-cache"], second.headers["x-fastapi-cache"]) == ("MISS", "HIT")
    assert calls == ["emma"]


def test_other_arguments_are_another_answer_and_a_client_may_have_it_already(client: TestClient) -> None:
    first = client.get("/books/orlando?price=2")
    assert first.json() == {"title": "orlando", "price": 2}
    assert client.get("/books/orlando").json()["price"] == 10
    assert client.get("/books/orlando?price=2", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    client.get("/books/orlando?price=2", headers={"cache-control": "no-store"})
    assert calls == ["orlando"] * 3


def test_the_signature_that_users_see_is_their_own(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/books/{title}"]["get"]
    assert [each["name"] for each in operation["parameters"]] == ["title", "price"]
