"""The tables, and a session for each request."""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated

from fastapi import Depends
from sqlalchemy import Engine
from sqlalchemy.pool import NullPool
from sqlmodel import Field, Session, SQLModel, create_engine

from notes.settings import get_settings


class User(SQLModel, table=True):
    """Somebody who keeps notes."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True, unique=True)
    password_hash: str


class Note(SQLModel, table=True):
    """A note of somebody's."""

    id: int | None = Field(default=None, primary_key=True)
    owner_id: int = Field(foreign_key="user.id", index=True)
    title: str
    text: str = ""
    tag: str | None = Field(default=None, index=True)
    written: datetime = Field(default_factory=lambda: datetime.now(UTC))


@lru_cache
def get_engine() -> Engine:
    """Return the engine for the database that the settings name."""
    # Each request closes its connection where it ends: SQLite opens one in no time.
    return create_engine(get_settings().database, poolclass=NullPool)


def create_tables() -> None:
    """Make the tables that are not there yet."""
    SQLModel.metadata.create_all(get_engine())


def get_session() -> Iterator[Session]:
    """Yield a session, and take back what was not committed."""
    with Session(get_engine()) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
