"""Routers in routers, and what they add to operations."""

from martlet import APIRouter, Depends, FastAPI
from martlet.security import HTTPBasic
from tests.engine.describe.apps.models import Address, Person

app = FastAPI(responses={500: {"model": Address}}, deprecated=True)
outer = APIRouter(prefix="/outer", tags=["outer"], responses={404: {"description": "Not here"}})
inner = APIRouter(tags=["inner"], dependencies=[Depends(HTTPBasic())])


@inner.get("/leaf/{x}", tags=["leaf"], responses={404: {"model": Person}})
def leaf(x: int) -> Address:
    raise NotImplementedError


@outer.post("/leaf")
def outer_leaf(address: Address) -> None: ...


outer.include_router(inner, prefix="/inner")
app.include_router(outer)
app.include_router(inner, prefix="/again", include_in_schema=False)
app.include_router(outer, prefix="/third", generate_unique_id_function=lambda route: "third" + route.name)


@inner.get("/late")
def late() -> None: ...
