"""sqladmin: its pages, mounted on the app, listing, adding and exporting rows."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqladmin import Admin, ModelView
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class UserAdmin(ModelView, model=User):
    column_list = [User.id, User.name]  # noqa: RUF012 - as sqladmin has it


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path / 'users.db'}")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        yield
        await engine.dispose()

    app = FastAPI(lifespan=lifespan)

    @app.get("/")
    async def home() -> dict[str, bool]:
        return {"home": True}

    Admin(app, engine, title="The backroom").add_view(UserAdmin)
    with TestClient(app) as client:
        yield client


def test_the_pages_are_served_beside_the_app(client: TestClient) -> None:
    assert client.get("/").json() == {"home": True}
    page = client.get("/admin/")
    assert page.status_code == 200
    assert "The backroom" in page.text
    assert client.get("/admin/statics/css/tabler.min.css").status_code == 200


def test_a_row_is_added_listed_and_removed(client: TestClient) -> None:
    answer = client.post("/admin/user/create", data={"name": "Ada", "save": "Save"})
    assert answer.status_code == 200, answer.text
    assert "Ada" in client.get("/admin/user/list").text
    assert "Ada" in client.get("/admin/user/details/1").text
    assert client.get("/admin/user/export/csv").text.split() == ["id,name", "1,Ada"]
    assert client.delete("/admin/user/delete?pks=1").status_code == 200
    assert "Ada" not in client.get("/admin/user/list").text


def test_the_document_leaves_the_pages_out(client: TestClient) -> None:
    assert set(client.get("/openapi.json").json()["paths"]) == {"/"}
