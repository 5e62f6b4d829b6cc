"""fastapi-utils: views as classes, timings, and tasks that repeat."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_utils.api_model import APIModel
from fastapi_utils.cbv import cbv
from fastapi_utils.openapi import simplify_operation_ids
from fastapi_utils.tasks import repeat_every
from fastapi_utils.timing import add_timing_middleware, record_timing
from starlette.requests import Request

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Book(APIModel):
    first_line: str
    reader: str


def reader(x_reader: str = "nobody") -> str:
    return x_reader


def test_a_view_that_is_a_class() -> None:
    router = APIRouter()

    @cbv(router)
    class Books:
        who: str = Depends(reader)
        limit: int = 3

        @router.get("/books/{book_id}")
        def read(self, book_id: int) -> Book:
            return Book(first_line=f"{book_id} of {self.limit}", reader=self.who)

        @router.post("/books")
        async def add(self, book: Book) -> Book:
            return book

    app = FastAPI()
    app.include_router(router, prefix="/api")
    client = TestClient(app)
    assert client.get("/api/books/1?x_reader=ada&limit=9").json() == {"firstLine": "1 of 9", "reader": "ada"}
    sent = {"firstLine": "It is", "reader": "ada"}
    assert client.post("/api/books", json=sent).json() == sent
    paths = client.get("/openapi.json").json()["paths"]
    assert {each["name"] for each in paths["/api/books"]["post"]["parameters"]} == {"x_reader", "limit"}


def test_operations_are_called_by_their_function() -> None:
    app = FastAPI()

    @app.get("/books")
    def titles() -> list[str]:
        return []

    simplify_operation_ids(app)
    assert app.openapi()["paths"]["/books"]["get"]["operationId"] == "titles"


def test_requests_are_timed_by_the_name_of_their_endpoint() -> None:
    told: list[str] = []
    app = FastAPI()
    add_timing_middleware(app, record=told.append, prefix="app", exclude="quiet")

    @app.get("/loud")
    async def loud(request: Request) -> int:
        record_timing(request, note="half")
        return 1

    @app.get("/quiet")
    def quiet() -> int:
        return 2

    client = TestClient(app)
    assert [client.get("/loud").json(), client.get("/quiet").json()] == [1, 2]
    assert [("(half)" in each) for each in told] == [True, False]
    assert all("app" in each and "loud" in each for each in told)


def test_a_task_repeats_while_the_app_lives() -> None:
    ticks: list[int] = []
    done = asyncio.Event()

    @repeat_every(seconds=0.01, max_repetitions=3)
    async def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            done.set()

    @asynccontextmanager
    async def lifespan(_: FastAPI):  # type: ignore[no-untyped-def]
        await tick()
        yield
        await done.wait()

    with TestClient(FastAPI(lifespan=lifespan)):
        pass
    assert len(ticks) == 3
