"""Registering, logging in, and asking who one is."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from fastapi.security import OAuth2PasswordRequestForm
from pydantic import BaseModel, Field, SecretStr
from sqlmodel import select

from notes.database import SessionDep, User
from notes.security import PASSWORDS, UserDep, make_token
from notes.settings import SettingsDep

router = APIRouter(tags=["users"])


class Registration(BaseModel):
    """Who somebody wants to be."""

    name: str = Field(min_length=2, max_length=40, pattern="^[a-z][a-z0-9-]*$")
    password: SecretStr = Field(min_length=8)


class Person(BaseModel):
    """Somebody, without what is nobody's business."""

    id: int
    name: str


class Token(BaseModel):
    """What OAuth 2.0 answers with."""

    access_token: str
    token_type: str = "bearer"  # noqa: S105 - the name of a kind


@router.post("/users", status_code=status.HTTP_201_CREATED, response_model=Person)
def register(registration: Registration, session: SessionDep) -> User:
    """Add somebody."""
    if session.exec(select(User).where(User.name == registration.name)).first():
        raise HTTPException(status.HTTP_409_CONFLICT, f"There is a {registration.name!r} already")
    user = User(name=registration.name, password_hash=PASSWORDS.hash(registration.password.get_secret_value()))
    session.add(user)
    session.commit()
    session.refresh(user)
    return user


@router.post("/token")
def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()], session: SessionDep, settings: SettingsDep) -> Token:
    """Return a token for a name and its password."""
    user = session.exec(select(User).where(User.name == form.username)).first()
    if user is None or not PASSWORDS.verify(form.password, user.password_hash):
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, "Wrong name or password", headers={"WWW-Authenticate": "Bearer"}
        )
    return Token(access_token=make_token(user.name, settings))


@router.get("/me", response_model=Person)
def show_me(user: UserDep) -> User:
    """Return who is asking."""
    return user
