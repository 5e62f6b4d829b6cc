"""What is stored, and how it is reached.

The tables are made by the migrations, never by a worker that starts: several start at once, none of them needs the
right to change tables, and while a release goes out the workers of the last one still serve. A migration therefore only
adds; what nobody reads any more goes with the release after.
"""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Final

from sqlalchemy import DateTime, ForeignKey, LargeBinary, func
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.requests import HTTPConnection

from martlet import Depends

# A worker never has more connections than these together. All workers, of two releases while one takes over from the
# other, must fit into Postgres' max_connections (100 unless set): 2 x 2 workers x 15 are 60.
POOL_SIZE: Final = 5
MAX_OVERFLOW: Final = 10


class Base(DeclarativeBase):
    """All tables."""


class Parcel(Base):
    """A parcel."""

    __tablename__ = "parcels"

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(index=True)
    grams: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    photo: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)  # read only where it is asked for


class Scan(Base):
    """That a parcel was somewhere."""

    __tablename__ = "scans"

    id: Mapped[int] = mapped_column(primary_key=True)
    parcel_id: Mapped[int] = mapped_column(ForeignKey("parcels.id"), index=True)
    place: Mapped[str]
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


def url_from_environment() -> str:
    """Return where the database is: `$PARCELS_DATABASE`, else the database `parcels` of this machine."""
    return os.environ.get("PARCELS_DATABASE") or "postgresql+psycopg:///parcels"


def open_engine() -> AsyncEngine:
    """Make the engine with its pool of connections; nothing is connected yet."""
    return create_async_engine(
        url_from_environment(),
        pool_size=POOL_SIZE,
        max_overflow=MAX_OVERFLOW,
        pool_timeout=5,  # who waits longer for a connection is told so, by a 500, and holds up nobody
        pool_pre_ping=True,  # connections that a restart of Postgres has cut are made anew
    )


Sessions = async_sessionmaker[AsyncSession]


def get_sessions(connection: HTTPConnection) -> Sessions:
    """Lend what makes sessions, to those that live longer than a session should."""
    sessions: Sessions = connection.app.state.sessions
    return sessions


async def get_session(sessions: Annotated[Sessions, Depends(get_sessions)]) -> AsyncIterator[AsyncSession]:
    """Lend a session for one request; what an endpoint did not commit is rolled back."""
    async with sessions() as session:
        yield session


SessionsDep = Annotated[Sessions, Depends(get_sessions)]
# The connection goes back to the pool before the answer is sent: a slow client keeps none.
SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
