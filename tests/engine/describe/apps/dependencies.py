"""Parameters and bodies that dependencies ask for."""

from collections.abc import Iterator
from typing import Annotated

from martlet import Depends, FastAPI, Header, Query, Request
from tests.engine.describe.apps.models import Address, Person


def application(x_app: int) -> None: ...


app = FastAPI(dependencies=[Depends(application)])


def paging(skip: int = 0, limit: Annotated[int, Query(description="The dependency's.")] = 10) -> None: ...


def needs(limit: Annotated[int, Query(title="Needed")], paging: Annotated[None, Depends(paging)]) -> None: ...


def cleaned(token: Annotated[str, Header()]) -> Iterator[None]:
    yield


def of_person(person: int) -> None: ...


class Common:
    def __init__(self, q: str | None = None) -> None: ...


@app.get("/both", dependencies=[Depends(cleaned)])
def both(
    first: Annotated[None, Depends(needs)],
    second: Annotated[None, Depends(paging)],
    common: Annotated[Common, Depends()],
    request: Request,
    limit: int = 5,
) -> None: ...


@app.post("/bodies")
def bodies(address: Address, person: Annotated[Person, Depends(of_person)]) -> None: ...
