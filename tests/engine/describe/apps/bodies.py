"""Request bodies that are no forms."""

import warnings
from typing import Annotated, Any

from martlet import Body, FastAPI
from tests.engine.describe.apps.models import Address, Color, Entry, Names, Page, Person, Point, Shape, Size

app = FastAPI()


@app.post("/one")
def one(person: Person) -> Person:
    raise NotImplementedError


@app.put("/optional")
def optional(address: Address | None = None) -> None: ...


@app.post("/several")
def several(person: Person, address: Address, importance: Annotated[int, Body(gt=0)], note: str = Body("")) -> None: ...


@app.post("/all-optional")
def all_optional(a: Annotated[int, Body()] = 1, b: Annotated[Address | None, Body()] = None) -> None: ...


@app.post("/embedded")
def embedded(address: Annotated[Address, Body(embed=True, description="An address.", title="Adr")]) -> None: ...


@app.post("/media")
def media(address: Annotated[Address, Body(media_type="application/vnd.address+json")]) -> None: ...


@app.post("/examples")
def examples(
    address: Annotated[
        Address, Body(examples=[{"street": "A"}], openapi_examples={"one": {"value": {"street": None}}})
    ],
) -> None: ...


with warnings.catch_warnings():
    warnings.simplefilter("ignore")

    @app.post("/example")
    def example(address: Annotated[Address, Body(example={"street": "A", "city": None})]) -> None: ...


@app.post("/scalar")
def scalar(
    value: Annotated[int, Body(alias="the-value")], other: Annotated[int, Body(alias="other-value")]
) -> None: ...


@app.post("/list")
def a_list(people: list[Person], page: Page[Address]) -> None: ...


@app.post("/only-list")
def only_list(people: list[Person]) -> list[Person]:
    raise NotImplementedError


@app.post("/types")
def types(
    shape: Shape,
    names: Names,
    entry: Entry,
    point: Point,
    anything: Annotated[Any, Body()],
    raw: Annotated[bytes, Body()],
) -> None: ...


@app.post("/mapping")
def mapping(weights: dict[int, float]) -> dict[Color, list[Size]]:
    raise NotImplementedError


@app.api_route("/get-with-body", methods=["GET"])
def get_with_body(address: Address) -> None: ...


@app.trace("/trace")
def trace(address: Address) -> None: ...


@app.delete("/delete", response_model=None)
def delete(address: Annotated[Address | None, Body()] = None) -> Any: ...
