"""The app: `martlet run parcels.main:app`, behind nginx."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker

from martlet import FastAPI, Request
from parcels import parcels, scans
from parcels.database import SessionDep, open_engine

# What nginx lets through is `client_max_body_size` in its template: the same number, or one of the two never applies.
MAX_BODY_SIZE: Final = 1024 * 1024


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pool of this worker, and close it when all its requests have ended."""
    engine = open_engine()
    try:
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))  # a worker that cannot reach its database does not get ready
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        yield
    finally:
        await engine.dispose()


app = FastAPI(title="Parcels", version="1.0.0", lifespan=lifespan, max_body_size=MAX_BODY_SIZE)
app.include_router(parcels.router)
app.include_router(scans.router)


class Health(BaseModel):
    """That a worker can do its work."""

    worker: int
    client: str
    scheme: str


@app.get("/health", tags=["service"])
async def read_health(request: Request, session: SessionDep) -> Health:
    """Say that the database answers, which worker asked it, and for whom: what a proxy's headers came to."""
    await session.execute(text("SELECT 1"))
    return Health(worker=os.getpid(), client=request.client.host if request.client else "", scheme=request.url.scheme)
