"""Taking parcels in, and finding them."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import select

from martlet import APIRouter, Depends, HTTPException, Path, Query, Request, Response, UploadFile
from parcels.database import Parcel, SessionDep

router = APIRouter(prefix="/parcels", tags=["parcels"])

ParcelId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ParcelIn(BaseModel):
    """A parcel as it is taken in."""

    recipient: Text
    grams: Annotated[int, Field(ge=1, le=30_000)]


class ParcelOut(ParcelIn):
    """A parcel as it is shown."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    taken_at: datetime


async def find_parcel(parcel_id: ParcelId, session: SessionDep) -> Parcel:
    """Return the parcel or answer 404."""
    parcel = await session.get(Parcel, parcel_id)
    if parcel is None:
        raise HTTPException(status_code=404, detail=f"There is no parcel {parcel_id}")
    return parcel


ParcelDep = Annotated[Parcel, Depends(find_parcel)]


@router.post("", status_code=201, response_model=ParcelOut)
async def take_parcel(parcel: ParcelIn, request: Request, response: Response, session: SessionDep) -> Parcel:
    """Take a parcel in; `Location` says where it is shown, by the name and under the prefix that the client used."""
    taken = Parcel(**parcel.model_dump())
    session.add(taken)
    await session.commit()
    await session.refresh(taken)
    response.headers["Location"] = str(request.url_for("read_parcel", parcel_id=taken.id))
    return taken


@router.get("", response_model=list[ParcelOut])
async def list_parcels(
    session: SessionDep,
    recipient: Annotated[str | None, Query(max_length=200)] = None,
    after: Annotated[int, Query(ge=0, description="The number of the last parcel that was seen.")] = 0,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> list[Parcel]:
    """List parcels by their number, a page at a time."""
    wanted = select(Parcel).where(Parcel.id > after).order_by(Parcel.id).limit(limit)
    if recipient is not None:
        wanted = wanted.where(Parcel.recipient == recipient)
    return list(await session.scalars(wanted))


@router.get("/{parcel_id}", response_model=ParcelOut)
async def read_parcel(parcel: ParcelDep) -> Parcel:
    """Show a parcel."""
    return parcel


@router.put("/{parcel_id}/photo", status_code=204)
async def keep_photo(parcel: ParcelDep, photo: UploadFile, session: SessionDep) -> None:
    """Keep a photo of a parcel."""
    parcel.photo = await photo.read()
    await session.commit()


@router.get("/{parcel_id}/photo", response_class=Response)
async def show_photo(parcel_id: ParcelId, session: SessionDep) -> Response:
    """Show the photo of a parcel."""
    photo = await session.scalar(select(Parcel.photo).where(Parcel.id == parcel_id))
    if photo is None:
        raise HTTPException(status_code=404, detail=f"There is no photo of a parcel {parcel_id}")
    return Response(photo, media_type="application/octet-stream")
