"""fastapi-pagination: `add_pagination` gives routes that answer a Page the parameters of one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_pagination import LimitOffsetPage, Page, Params, add_pagination, paginate, set_page
from fastapi_pagination.customization import CustomizedPage, UseParamsFields
from fastapi_pagination.ext.sqlalchemy import apaginate
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

pytestmark = pytest.mark.filterwarnings("ignore::fastapi_pagination.utils.FastAPIPaginationWarning")


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Item(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: int
    name: str


ITEMS = [Item(id=number, name=f"item {number}") for number in range(1, 121)]
Small = CustomizedPage[Page[Item], UseParamsFields(size=5)]


def make_app(database: Path) -> FastAPI:
    engine = create_async_engine(f"sqlite+aiosqlite:///{database}")

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all([Row(id=item.id, name=item.name) for item in ITEMS])
            await session.commit()
        yield
        await engine.dispose()

    async def open_session() -> AsyncIterator[AsyncSession]:
        async with AsyncSession(engine) as session:
            yield session

    app = FastAPI(lifespan=lifespan)
    router = APIRouter(prefix="/in")

    @app.get("/pages")
    async def pages() -> Page[Item]:
        page: Page[Item] = paginate(ITEMS)
        return page

    @app.get("/sync", response_model=Page[Item])
    def sync_pages() -> Any:
        return paginate(ITEMS)

    @app.get("/plain")
    async def plain() -> list[Item]:
        return ITEMS[:1]

    @app.get("/offset", response_model=LimitOffsetPage[Item])
    async def offset() -> Any:
        return paginate(ITEMS)

    @app.get("/small", response_model=Small)
    async def small() -> Any:
        return paginate(ITEMS)

    @app.get("/by-hand")
    async def by_hand(params: Annotated[Params, Depends()]) -> Page[Item]:
        with set_page(Page[Item]):
            page: Page[Item] = paginate(ITEMS, params)
            return page

    @router.get("/cluded", response_model=Page[Item])
    async def included(session: Annotated[AsyncSession, Depends(open_session)]) -> Any:
        return await apaginate(session, select(Row).order_by(Row.id))

    app.include_router(router)
    add_pagination(app)
    return app


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(make_app(tmp_path / "rows.db")) as client:
        yield client


@pytest.mark.parametrize("path", ["/pages", "/sync", "/by-hand", "/in/cluded"])
def test_a_page_of_items(client: TestClient, path: str) -> None:
    page = client.get(path, params={"page": 2, "size": 50}).json()
    assert [item["id"] for item in page["items"]] == list(range(51, 101))
    assert {key: page[key] for key in ("total", "page", "size", "pages")} == {
        "total": 120, "page": 2, "size": 50, "pages": 3
    }  # fmt: skip
    assert len(client.get(path).json()["items"]) == 50


@pytest.mark.parametrize("path", ["/pages", "/sync", "/in/cluded"])
def test_parameters_that_no_page_has_are_refused(client: TestClient, path: str) -> None:
    answer = client.get(path, params={"page": 0, "size": 101})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [["query", "page"], ["query", "size"]]


def test_other_kinds_of_pages(client: TestClient) -> None:
    assert [item["id"] for item in client.get("/offset?limit=2&offset=4").json()["items"]] == [5, 6]
    assert len(client.get("/small").json()["items"]) == 5


def test_other_routes_are_left_alone(client: TestClient) -> None:
    assert client.get("/plain").json() == [{"id": 1, "name": "item 1"}]


def test_the_document_shows_the_parameters(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for path in ("/pages", "/sync", "/in/cluded"):
        assert [each["name"] for each in paths[path]["get"]["parameters"]] == ["page", "size"], path
    assert "parameters" not in paths["/plain"]["get"]


@pytest.mark.better_here
def test_its_routes_are_compiled(client: TestClient) -> None:
    client.get("/pages")
    app: Any = client.app
    for path in ("/pages", "/sync", "/in/cluded"):
        assert "not compiled" not in str(app.explain(path)), path
