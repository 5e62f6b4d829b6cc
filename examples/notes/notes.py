"""Somebody's own notes."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Response, status
from pydantic import BaseModel, Field
from sqlmodel import col, select

from notes.database import Note, SessionDep
from notes.security import UserDep

router = APIRouter(prefix="/notes", tags=["notes"], responses={401: {"description": "Nobody is logged in"}})


class NewNote(BaseModel):
    """A note as it is written."""

    title: str = Field(min_length=1, max_length=100)
    text: str = ""
    tag: str | None = None


class ShownNote(NewNote):
    """A note as it is shown."""

    id: int
    written: datetime


class Search(BaseModel):
    """Which notes to list."""

    model_config = {"extra": "forbid"}

    tag: str | None = None
    limit: int = Field(default=20, ge=1, le=100)
    offset: int = Field(default=0, ge=0)


def own_note(note_id: Annotated[int, Path(ge=1)], user: UserDep, session: SessionDep) -> Note:
    """Return a note of the user's; those of others are not there for them."""
    note = session.get(Note, note_id)
    if note is None or note.owner_id != user.id:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no note {note_id}")
    return note


OwnNote = Annotated[Note, Depends(own_note)]


@router.get("", response_model=list[ShownNote])
def list_notes(search: Annotated[Search, Query()], user: UserDep, session: SessionDep) -> list[Note]:
    """List notes, the newest first."""
    found = select(Note).where(Note.owner_id == user.id)
    if search.tag is not None:
        found = found.where(Note.tag == search.tag)
    return list(session.exec(found.order_by(col(Note.id).desc()).offset(search.offset).limit(search.limit)))


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ShownNote)
def add_note(new: NewNote, user: UserDep, session: SessionDep, response: Response) -> Note:
    """Keep a note."""
    note = Note(owner_id=user.id or 0, **new.model_dump())
    session.add(note)
    session.commit()
    session.refresh(note)
    response.headers["Location"] = f"/notes/{note.id}"
    return note


@router.get("/{note_id}", response_model=ShownNote)
def show_note(note: OwnNote) -> Note:
    """Return a note."""
    return note


@router.delete("/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
def throw_note_away(note: OwnNote, session: SessionDep) -> None:
    """Forget a note."""
    session.delete(note)
    session.commit()
