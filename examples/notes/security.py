"""Passwords, tokens, and who is asking."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException, status
from fastapi.security import OAuth2PasswordBearer
from pwdlib import PasswordHash
from sqlmodel import select

from notes.database import SessionDep, User
from notes.settings import Settings, SettingsDep

ALGORITHM = "HS256"
PASSWORDS = PasswordHash.recommended()

read_token = OAuth2PasswordBearer(tokenUrl="token")


def make_token(name: str, settings: Settings) -> str:
    """Return a token that says who its bearer is, for a while."""
    until = datetime.now(UTC) + timedelta(minutes=settings.token_minutes)
    return jwt.encode({"sub": name, "exp": until}, settings.secret.get_secret_value(), ALGORITHM)


def get_user(token: Annotated[str, Depends(read_token)], session: SessionDep, settings: SettingsDep) -> User:
    """Return the bearer of the request's token."""
    refusal = HTTPException(
        status.HTTP_401_UNAUTHORIZED, "This token is not valid", headers={"WWW-Authenticate": "Bearer"}
    )
    try:
        claims = jwt.decode(token, settings.secret.get_secret_value(), [ALGORITHM])
    except jwt.InvalidTokenError:
        raise refusal from None
    user = session.exec(select(User).where(User.name == claims.get("sub"))).first()
    if user is None:
        raise refusal
    return user


UserDep = Annotated[User, Depends(get_user)]
