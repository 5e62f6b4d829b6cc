"""fastapi-filter: query parameters that become a `where` and an `order_by`."""

from typing import Annotated, Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from fastapi_filter import FilterDepends, with_prefix
from fastapi_filter.contrib.sqlalchemy import Filter
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship
from sqlalchemy.pool import StaticPool


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    year: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship(lazy="joined")


class AuthorFilter(Filter):
    name__in: list[str] | None = None

    class Constants(Filter.Constants):
        model = Author


class BookFilter(Filter):
    title__ilike: str | None = None
    year__gte: int | None = None
    order_by: list[str] | None = ["title"]  # noqa: RUF012 - a field of a model
    author: AuthorFilter | None = FilterDepends(with_prefix("author", AuthorFilter))

    class Constants(Filter.Constants):
        model = Book


@pytest.fixture
def client() -> TestClient:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        austen, shelley = Author(name="Austen"), Author(name="Shelley")
        session.add_all(
            [
                Book(title="Persuasion", year=1817, author=austen),
                Book(title="Emma", year=1815, author=austen),
                Book(title="Frankenstein", year=1818, author=shelley),
            ]
        )
        session.commit()
    app = FastAPI()

    @app.get("/books")
    def books(wanted: Annotated[BookFilter, FilterDepends(BookFilter)]) -> list[str]:
        query = wanted.sort(wanted.filter(select(Book).join(Author)))
        with Session(engine) as session:
            return [book.title for book in session.scalars(query)]

    return TestClient(app)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["Emma", "Frankenstein", "Persuasion"]),
        ("year__gte=1816", ["Frankenstein", "Persuasion"]),
        ("order_by=-year", ["Frankenstein", "Persuasion", "Emma"]),
        ("author__name__in=Austen&order_by=%2Byear", ["Emma", "Persuasion"]),
        ("author__name__in=Austen,Shelley&title__ilike=%25n%25", ["Frankenstein", "Persuasion"]),
    ],
)
def test_what_is_asked_for_is_found(client: TestClient, asked: str, found: list[str]) -> None:
    assert client.get(f"/books?{asked}").json() == found


def test_a_field_that_is_none_is_refused(client: TestClient) -> None:
    answer = client.get("/books?order_by=colour")
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["order_by"]


def test_the_document_lists_the_filters(client: TestClient) -> None:
    shown: list[Any] = client.get("/openapi.json").json()["paths"]["/books"]["get"]["parameters"]
    assert {each["name"] for each in shown} == {"title__ilike", "year__gte", "order_by", "author__name__in"}
