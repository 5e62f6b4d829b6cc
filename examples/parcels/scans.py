"""Following parcels: scanners say where they are, over a WebSocket or by HTTP, and a stream tells it to whoever waits.

The scanner and the one who waits are most likely at different workers, which share no memory: what one learns, the
other finds in Postgres. Neither a stream nor a WebSocket holds a connection of the pool while nothing happens.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from martlet import APIRouter, Depends, Header, WebSocket
from martlet.sse import EventSourceResponse, ServerSentEvent
from parcels.database import Parcel, Scan, SessionDep, SessionsDep
from parcels.parcels import ParcelDep, ParcelId, Text, find_parcel

router = APIRouter(tags=["scans"])

# How often a stream looks for new scans, in seconds. (LISTEN and NOTIFY of Postgres would save the looking.)
LOOKS_EVERY: Final = 0.2
# Whoever waits longer connects anew, and goes on behind the last event: browsers do that by themselves.
LONGEST_STREAM: Final = 15 * 60


class ScanIn(BaseModel):
    """That a parcel is somewhere."""

    place: Text


class ScannerScan(ScanIn):
    """The same, said by a scanner, which meets many parcels."""

    parcel_id: int


class ScanOut(ScanIn):
    """A scan as it is shown."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    parcel_id: int
    at: datetime


async def _keep(session: AsyncSession, parcel_id: int, place: str) -> Scan:
    scan = Scan(parcel_id=parcel_id, place=place)
    session.add(scan)
    await session.commit()
    await session.refresh(scan)
    return scan


@router.post("/parcels/{parcel_id}/scans", status_code=201, response_model=ScanOut)
async def scan_parcel(parcel: ParcelDep, scan: ScanIn, session: SessionDep) -> Scan:
    """Keep where a parcel is."""
    return await _keep(session, parcel.id, scan.place)


@router.get("/parcels/{parcel_id}/scans", response_class=EventSourceResponse, dependencies=[Depends(find_parcel)])
async def follow_parcel(
    parcel_id: ParcelId, sessions: SessionsDep, last_event_id: Annotated[int, Header(ge=0)] = 0
) -> AsyncIterator[ServerSentEvent]:
    """Tell where a parcel was, and go on to tell it as it happens."""
    until = time.monotonic() + LONGEST_STREAM
    while time.monotonic() < until:
        async with sessions() as session:
            wanted = select(Scan).where(Scan.parcel_id == parcel_id, Scan.id > last_event_id).order_by(Scan.id)
            scans = [ScanOut.model_validate(scan) for scan in await session.scalars(wanted)]
        for scan in scans:
            last_event_id = scan.id
            yield ServerSentEvent(data=scan, event="scan", id=str(scan.id))
        await asyncio.sleep(LOOKS_EVERY)


@router.websocket("/scanner")
async def scanner(websocket: WebSocket, sessions: SessionsDep) -> None:
    """Take scans from a scanner as long as it is there, and confirm each."""
    await websocket.accept()
    async for text in websocket.iter_text():
        try:
            said = ScannerScan.model_validate_json(text)
        except ValidationError as refusal:
            await websocket.send_json({"refused": refusal.error_count()})
            continue
        async with sessions() as session:
            if await session.get(Parcel, said.parcel_id) is None:
                await websocket.send_json({"refused": f"There is no parcel {said.parcel_id}"})
                continue
            kept = await _keep(session, said.parcel_id, said.place)
        await websocket.send_text(ScanOut.model_validate(kept).model_dump_json())
