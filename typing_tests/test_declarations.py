"""What type checkers say of declarations: this file is checked, never run.

A line that must be refused carries the ignore of each checker; one that is not needed is an error itself.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, assert_type

from pydantic import BaseModel

from martlet import APIRouter, BackgroundTasks, Depends, FastAPI, Header, HTTPException, Path, Query, Response, Security
from martlet.responses import JSONResponse
from martlet.security import APIKeyHeader, SecurityScopes
from martlet.testclient import TestClient


class Item(BaseModel):
    name: str


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield


app = FastAPI(title="Typed", lifespan=lifespan, dependencies=[Depends(lambda: None)])
router = APIRouter(prefix="/items", tags=["items"])


@router.get("/{item_id}", response_model=Item, status_code=200, tags=["one"], responses={404: {"model": Item}})
async def read_item(item_id: Annotated[int, Path(ge=1)], q: Annotated[str | None, Query(max_length=3)] = None) -> Item:
    return Item(name=f"{item_id}{q}")


async def check_endpoint_keeps_its_type() -> None:
    assert_type(await read_item(1), Item)
    assert_type(await read_item(1, "q"), Item)
    await read_item("one")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


@app.post("/plain", status_code=201, response_class=JSONResponse)
def make_item(item: Item, response: Response, tasks: BackgroundTasks, agent: str = Header()) -> dict[str, str]:
    return {item.name: agent}


assert_type(make_item(Item(name=""), Response(), BackgroundTasks(), "agent"), dict[str, str])


@app.get("/", sumary="misspelt")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue, reportUntypedFunctionDecorator]
def misspelt() -> None: ...


@app.get("/", status_code="two hundred")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
def wrong_type() -> None: ...


APIRouter(prefiks="/x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
FastAPI(titel="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
app.include_router(router, prefix=7)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Query(max_lenght=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


@app.exception_handler(KeyError)
async def answer_key_error(request: object, error: KeyError) -> JSONResponse:
    raise HTTPException(404, detail={"any": "JSON"}, headers={"X-Why": "missing"})


def scoped(scopes: SecurityScopes, key: Annotated[str, Security(APIKeyHeader(name="k"), scopes=["a"])]) -> str:
    return key


assert_type(scoped(SecurityScopes(), "k"), str)
assert_type(TestClient(app).get("/").status_code, int)
