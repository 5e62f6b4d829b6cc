"""fastapi-users: its routers for registering, logging in, and users, on SQLAlchemy; bearer tokens and cookies."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, ClassVar

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, CookieTransport, JWTStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SECRET = "made up for these tests, and thirty-two bytes at least"
ADA = {"email": "ada@example.com", "password": "correct horse", "nickname": "countess"}


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    nickname: Mapped[str] = mapped_column(default="")


class UserRead(schemas.BaseUser[uuid.UUID]):
    nickname: str


class UserCreate(schemas.BaseUserCreate):
    nickname: str = ""


class UserUpdate(schemas.BaseUserUpdate):
    nickname: str | None = None


class Users(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = SECRET
    verification_token_secret = SECRET
    tokens: ClassVar[dict[str, str]] = {}

    async def on_after_forgot_password(self, user: User, token: str, request: Request | None = None) -> None:
        self.tokens[user.email] = token


def make_strategy() -> JWTStrategy[User, uuid.UUID]:
    return JWTStrategy(SECRET, lifetime_seconds=3600)


def make_app(database: Path) -> FastAPI:
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield
        await engine.dispose()

    async def open_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            yield session

    async def get_database(
        session: Annotated[AsyncSession, Depends(open_session)],
    ) -> AsyncIterator[SQLAlchemyUserDatabase[User, uuid.UUID]]:
        yield SQLAlchemyUserDatabase(session, User)

    async def get_users(
        database: Annotated[SQLAlchemyUserDatabase[User, uuid.UUID], Depends(get_database)],
    ) -> AsyncIterator[Users]:
        yield Users(database)

    bearer = AuthenticationBackend("jwt", BearerTransport("auth/jwt/login"), make_strategy)
    cookie = AuthenticationBackend("cookie", CookieTransport(cookie_secure=False), make_strategy)
    users = FastAPIUsers[User, uuid.UUID](get_users, [bearer, cookie])
    app = FastAPI(lifespan=lifespan)
    app.include_router(users.get_auth_router(bearer), prefix="/auth/jwt", tags=["auth"])
    app.include_router(users.get_auth_router(cookie), prefix="/auth/cookie", tags=["auth"])
    app.include_router(users.get_register_router(UserRead, UserCreate), prefix="/auth", tags=["auth"])
    app.include_router(users.get_reset_password_router(), prefix="/auth", tags=["auth"])
    app.include_router(users.get_users_router(UserRead, UserUpdate), prefix="/users", tags=["users"])

    @app.get("/hello")
    async def hello(user: Annotated[User, Depends(users.current_user(active=True))]) -> dict[str, str]:
        return {"hello": user.nickname}

    @app.get("/maybe")
    async def maybe(user: Annotated[User | None, Depends(users.current_user(optional=True))]) -> bool:
        return user is not None

    return app


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(make_app(tmp_path / "users.db")) as client:
        yield client


def log_in(client: TestClient, password: str = ADA["password"]) -> dict[str, str]:
    answer = client.post("/auth/jwt/login", data={"username": ADA["email"], "password": password})
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def test_a_user_registers_once(client: TestClient) -> None:
    answer = client.post("/auth/register", json=ADA)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["email"], made["nickname"], made["is_superuser"]) == (ADA["email"], "countess", False)
    assert "password" not in answer.text
    assert client.post("/auth/register", json=ADA).json() == {"detail": "REGISTER_USER_ALREADY_EXISTS"}
    bad = client.post("/auth/register", json={"email": "ada", "password": "x"})
    assert [error["loc"] for error in bad.json()["detail"]] == [["body", "email"]]


def test_a_token_opens_what_is_closed(client: TestClient) -> None:
    client.post("/auth/register", json=ADA)
    assert client.get("/hello").status_code == 401
    token = log_in(client)
    assert client.get("/hello", headers=token).json() == {"hello": "countess"}
    assert client.get("/users/me", headers=token).json()["email"] == ADA["email"]
    assert [client.get("/maybe").json(), client.get("/maybe", headers=token).json()] == [False, True]


def test_a_cookie_does_too_until_it_is_taken_back(client: TestClient) -> None:
    client.post("/auth/register", json=ADA)
    form = {"username": ADA["email"], "password": ADA["password"]}
    assert client.post("/auth/cookie/login", data=form).status_code == 204
    assert client.get("/hello").json() == {"hello": "countess"}
    assert client.post("/auth/cookie/logout").status_code == 204
    assert client.get("/hello").status_code == 401


def test_wrong_passwords_and_missing_rights(client: TestClient) -> None:
    client.post("/auth/register", json=ADA)
    form = {"username": ADA["email"], "password": "wrong"}
    assert client.post("/auth/jwt/login", data=form).json() == {"detail": "LOGIN_BAD_CREDENTIALS"}
    assert client.get(f"/users/{uuid.uuid4()}", headers=log_in(client)).status_code == 403


def test_a_user_changes(client: TestClient) -> None:
    client.post("/auth/register", json=ADA)
    answer = client.patch("/users/me", json={"nickname": "ada"}, headers=log_in(client))
    assert answer.json()["nickname"] == "ada"


def test_a_forgotten_password(client: TestClient) -> None:
    client.post("/auth/register", json=ADA)
    assert client.post("/auth/forgot-password", json={"email": ADA["email"]}).status_code == 202
    token = Users.tokens[ADA["email"]]
    assert client.post("/auth/reset-password", json={"token": token, "password": "new one"}).status_code == 200
    log_in(client, "new one")


def test_the_document_has_both_schemes(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"OAuth2PasswordBearer", "APIKeyCookie"}
    assert {"OAuth2PasswordBearer": []} in document["paths"]["/hello"]["get"]["security"]
