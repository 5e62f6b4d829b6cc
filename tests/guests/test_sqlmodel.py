"""SQLModel over async SQLAlchemy: one class is the table, the body and the answer.

An object that a request made goes straight into a session, and one that the database made goes straight out.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.orm import selectinload
from sqlmodel import Field, Relationship, SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession


class Team(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    heroes: list["Hero"] = Relationship(back_populates="team")


class HeroBase(SQLModel):
    name: str = Field(min_length=2, max_length=20)
    age: int | None = Field(default=None, ge=0)
    team_id: int | None = Field(default=None, foreign_key="team.id")


class Hero(HeroBase, table=True):
    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime = Field(default_factory=lambda: datetime(2026, 1, 2, tzinfo=UTC))
    secret: str = "made up"
    team: Team | None = Relationship(back_populates="heroes")


class HeroOut(HeroBase):
    id: int


class HeroPatch(SQLModel):
    name: str | None = None
    age: int | None = None


class TeamOut(SQLModel):
    id: int
    name: str
    heroes: list[HeroOut]


def make_app(database: Path, closed: list[str]) -> FastAPI:
    engine: AsyncEngine = create_async_engine(f"sqlite+aiosqlite:///{database}")
    event.listen(engine.sync_engine, "checkin", lambda *_: closed.append("back in the pool"))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        closed.clear()
        yield
        await engine.dispose()

    async def open_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    Session = Annotated[AsyncSession, Depends(open_session)]
    app = FastAPI(lifespan=lifespan)

    @app.post("/teams", status_code=201)
    async def add_team(team: Team, session: Session) -> Team:
        session.add(team)
        await session.commit()
        await session.refresh(team)
        return team

    @app.get("/teams/{team_id}", response_model=TeamOut)
    async def read_team(team_id: int, session: Session) -> Team | None:
        load = selectinload(Team.heroes)  # type: ignore[arg-type]  # SQLModel's attributes have two types, one for mypy
        return (await session.exec(select(Team).where(Team.id == team_id).options(load))).first()

    @app.post("/heroes", response_model=HeroOut, status_code=201)
    async def add_hero(hero: HeroBase, session: Session) -> Hero:
        made = Hero.model_validate(hero)
        session.add(made)
        await session.commit()
        await session.refresh(made)
        return made

    @app.get("/heroes")
    async def read_heroes(
        session: Session, offset: int = 0, limit: Annotated[int, Query(le=100)] = 100
    ) -> list[HeroOut]:
        found = await session.exec(select(Hero).order_by(col(Hero.id)).offset(offset).limit(limit))
        return list(found.all())  # type: ignore[arg-type]  # FastAPI's habit: the declared model filters what is returned

    @app.get("/heroes/{hero_id}", response_model=Hero)
    async def read_hero(hero_id: int, session: Session) -> Hero:
        hero = await session.get(Hero, hero_id)
        if hero is None:
            raise HTTPException(404, "no such hero")
        return hero

    @app.patch("/heroes/{hero_id}", response_model=HeroOut)
    async def change_hero(hero_id: int, patch: HeroPatch, session: Session) -> Hero:
        hero = await session.get_one(Hero, hero_id)
        hero.sqlmodel_update(patch.model_dump(exclude_unset=True))
        await session.commit()
        await session.refresh(hero)
        return hero

    @app.delete("/heroes/{hero_id}", status_code=204)
    async def remove_hero(hero_id: int, session: Session) -> None:
        await session.delete(await session.get_one(Hero, hero_id))
        await session.commit()

    return app


@pytest.fixture
def events() -> list[str]:
    return []


@pytest.fixture
def client(tmp_path: Path, events: list[str]) -> Iterator[TestClient]:
    with TestClient(make_app(tmp_path / "heroes.db", events)) as client:
        yield client


def test_an_object_of_the_request_goes_into_the_session_and_comes_out_again(client: TestClient) -> None:
    answer = client.post("/teams", json={"name": "Preventers"})
    assert (answer.status_code, answer.json()) == (201, {"id": 1, "name": "Preventers"})


def test_the_answer_is_filtered_by_the_declared_model(client: TestClient) -> None:
    answer = client.post("/heroes", json={"name": "Deadpond", "age": 30})
    assert answer.json() == {"name": "Deadpond", "age": 30, "team_id": None, "id": 1}
    assert client.get("/heroes").json() == [answer.json()]
    whole = client.get("/heroes/1").json()
    assert (whole["secret"], whole["made_at"][:10]) == ("made up", "2026-01-02")


def test_relationships_are_in_the_answer_where_they_were_loaded(client: TestClient) -> None:
    client.post("/teams", json={"name": "Z-Force"})
    for name in ("Rusty-Man", "Spider-Boy"):
        client.post("/heroes", json={"name": name, "team_id": 1})
    heroes = client.get("/teams/1").json()["heroes"]
    assert [(hero["id"], hero["name"]) for hero in heroes] == [(1, "Rusty-Man"), (2, "Spider-Boy")]


def test_only_what_was_sent_is_changed(client: TestClient) -> None:
    client.post("/heroes", json={"name": "Tarantula", "age": 32})
    assert client.patch("/heroes/1", json={"age": 33}).json()["name"] == "Tarantula"
    assert client.get("/heroes", params={"limit": 1}).json()[0]["age"] == 33


def test_what_the_model_refuses_never_reaches_the_database(client: TestClient) -> None:
    answer = client.post("/heroes", json={"name": "x", "age": -1})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [["body", "name"], ["body", "age"]]
    assert client.get("/heroes", params={"limit": 101}).status_code == 422
    assert client.get("/heroes").json() == []


def test_what_is_not_there_and_what_is_removed(client: TestClient) -> None:
    assert client.get("/heroes/1").json() == {"detail": "no such hero"}
    client.post("/heroes", json={"name": "Captain"})
    assert client.delete("/heroes/1").status_code == 204
    assert client.get("/heroes/1").status_code == 404


def test_every_session_is_closed(client: TestClient, events: list[str]) -> None:
    client.post("/heroes", json={"name": "Captain"})
    client.post("/heroes", json={"name": "x"})
    client.get("/heroes/7")
    assert events
    assert set(events) == {"back in the pool"}


def test_the_document_knows_the_tables_as_schemas(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert {"Team", "Hero", "HeroOut", "HeroPatch", "TeamOut"} <= set(schemas)
    assert "heroes" not in schemas["Team"]["properties"]
