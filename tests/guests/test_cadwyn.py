"""Cadwyn: an API in several dated versions, each made of the newest by copying and changing routes and models."""

from datetime import date
from typing import Any

import pytest
from cadwyn import (
    Cadwyn,
    HeadVersion,
    RequestInfo,
    ResponseInfo,
    Version,
    VersionBundle,
    VersionChange,
    VersionedAPIRouter,
    convert_request_to_next_version_for,
    convert_response_to_previous_version_for,
    endpoint,
    schema,
)
from fastapi import APIRouter, Depends, Form, Header, UploadFile
from fastapi.testclient import TestClient
from pydantic import BaseModel

NEW, OLD = "2026-01-01", "2025-01-01"


class BookIn(BaseModel):
    titles: list[str]


class Book(BookIn):
    id: int


def reader(x_reader: str = Header("nobody")) -> str:
    return x_reader


def api() -> VersionedAPIRouter:
    books = VersionedAPIRouter(prefix="/books", tags=["books"])

    @books.post("", response_model=Book)
    async def add(book: BookIn, who: str = Depends(reader)) -> Any:
        return {"id": len(who), "titles": book.titles}

    @books.only_exists_in_older_versions
    @books.delete("/{book_id}")
    async def delete(book_id: int) -> int:
        return book_id

    @books.post("/cover")
    async def cover(file: UploadFile, title: str = Form()) -> list[Any]:
        return [title, (await file.read()).decode()]

    shelf = VersionedAPIRouter(prefix="/shelf")
    shelf.include_router(books)
    return shelf


def bundle() -> VersionBundle:
    class Titles(VersionChange):
        description = "A book has several titles, and can be deleted no more."
        instructions_to_migrate_to_previous_version = (
            schema(BookIn).field("titles").didnt_exist,
            schema(BookIn).field("title").existed_as(type=str),
            endpoint("/shelf/books/{book_id}", ["DELETE"]).existed,
        )

        @convert_request_to_next_version_for(BookIn)
        def one_title_in(request: RequestInfo) -> None:
            request.body["titles"] = [request.body.pop("title")]

        @convert_response_to_previous_version_for(Book)
        def one_title_out(response: ResponseInfo) -> None:
            response.body["title"] = response.body.pop("titles")[0]

    return VersionBundle(HeadVersion(), Version(date(2026, 1, 1), Titles), Version(date(2025, 1, 1)))


@pytest.fixture
def client() -> TestClient:
    app = Cadwyn(versions=bundle())
    app.generate_and_include_versioned_routers(api())
    health = APIRouter(prefix="/health")

    @health.get("")
    async def is_well() -> bool:
        return True

    app.include_router(health)
    return TestClient(app)


@pytest.mark.parametrize(
    ("version", "sent", "answered"),
    [
        (NEW, {"titles": ["Emma", "E"]}, {"titles": ["Emma", "E"], "id": 3}),
        (OLD, {"title": "Emma"}, {"title": "Emma", "id": 3}),
    ],
)
def test_each_version_takes_and_gives_its_own_models(
    client: TestClient, version: str, sent: Any, answered: Any
) -> None:
    headers = {"x-api-version": version, "x-reader": "ada"}
    assert client.post("/shelf/books", json=sent, headers=headers).json() == answered
    assert client.post("/shelf/books", json={}, headers=headers).status_code == 422
    form = client.post("/shelf/books/cover", data={"title": "t"}, files={"file": b"png"}, headers=headers)
    assert form.json() == ["t", "png"]


def test_a_route_of_older_versions_is_in_those_only(client: TestClient) -> None:
    answers = {version: client.delete("/shelf/books/3", headers={"x-api-version": version}) for version in (NEW, OLD)}
    assert answers[NEW].status_code == 404
    assert answers[OLD].json() == 3


def test_each_version_has_its_document_and_the_routes_without_one_too(client: TestClient) -> None:
    old = client.get(f"/openapi.json?version={OLD}").json()
    new = client.get(f"/openapi.json?version={NEW}").json()
    assert old["components"]["schemas"]["BookIn"]["required"] == ["title"]
    assert new["components"]["schemas"]["BookIn"]["required"] == ["titles"]
    assert old["paths"]["/shelf/books"]["post"]["tags"] == ["books"]
    assert client.get("/health").json() is True
    assert list(client.get("/openapi.json?version=unversioned").json()["paths"]) == ["/health"]
