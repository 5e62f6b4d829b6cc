"""SQLAlchemy's own declarative classes, async: answered by models that read attributes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import BackgroundTasks, Depends, FastAPI
from fastapi.testclient import TestClient
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "author"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(lazy="selectin", cascade="all, delete-orphan")


class Book(Base):
    __tablename__ = "book"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))


class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class AuthorIn(BaseModel):
    name: str
    titles: list[str]


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str
    books: list[BookOut]


def make_app(database: Path) -> FastAPI:
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")
    make_session = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield
        await engine.dispose()

    async def transaction() -> AsyncIterator[AsyncSession]:
        async with make_session() as session, session.begin():
            yield session

    Transaction = Annotated[AsyncSession, Depends(transaction, scope="function")]
    app = FastAPI(lifespan=lifespan)

    @app.post("/authors", response_model=AuthorOut)
    async def add(author: AuthorIn, session: Transaction) -> Author:
        made = Author(name=author.name, books=[Book(title=title) for title in author.titles])
        session.add(made)
        await session.flush()
        if author.name == "Nobody":
            raise RuntimeError("after the flush, before the commit")
        return made

    @app.get("/authors", response_model=list[AuthorOut])
    async def read(session: Transaction) -> list[Author]:
        return list(await session.scalars(select(Author).order_by(Author.id)))

    async def add_later(name: str) -> None:
        async with make_session() as session, session.begin():
            session.add(Author(name=name))

    @app.put("/authors/{name}", status_code=202)
    async def later(name: str, tasks: BackgroundTasks) -> dict[str, str]:
        tasks.add_task(add_later, name)
        return {"later": name}

    return app


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(make_app(tmp_path / "books.db"), raise_server_exceptions=False) as client:
        yield client


def test_a_graph_of_objects_goes_in_and_comes_out(client: TestClient) -> None:
    made = {"id": 1, "name": "Woolf", "books": [{"title": "The Waves"}, {"title": "Orlando"}]}
    answer = client.post("/authors", json={"name": "Woolf", "titles": ["The Waves", "Orlando"]})
    assert answer.json() == made
    assert client.get("/authors").json() == [made]


def test_a_failure_behind_the_yield_rolls_back(client: TestClient) -> None:
    assert client.post("/authors", json={"name": "Nobody", "titles": []}).status_code == 500
    assert client.get("/authors").json() == []


def test_a_background_task_opens_a_session_of_its_own(client: TestClient) -> None:
    assert client.put("/authors/Homer").json() == {"later": "Homer"}
    assert [author["name"] for author in client.get("/authors").json()] == ["Homer"]
