"""Parameters of all kinds, and everything that can be said of one."""

import warnings
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import annotated_types
from pydantic import AfterValidator, AliasChoices, AliasPath, Field, WithJsonSchema

from martlet import Cookie, FastAPI, Header, Path, Query
from tests.engine.describe.apps.models import Color, Size

app = FastAPI()
EXAMPLES: dict[str, Any] = {"one": {"summary": "One", "value": 1}, "none": {"value": None, "x-extra": None}}


@app.get("/items/{item_id}/{file:path}/{size}")
def one(
    item_id: Annotated[int, Path(title="The ID", ge=1, lt=1000)],
    file: str,
    size: Size,
    q: str | None = None,
    needed: str = Query(),
    limit: Annotated[int, Query(gt=0, le=100, multiple_of=5, description="At most so many.")] = 10,
    price: Annotated[Decimal, Query(max_digits=5, decimal_places=2, allow_inf_nan=False)] = Decimal("1.5"),
    code: Annotated[str, Query(min_length=2, max_length=9, pattern="^[a-z]+$")] = "abc",
    color: Color = Color.blue,
    colors: Annotated[tuple[Color, ...], Query()] = (Color.red,),
    kind: Literal["a", "b"] = "a",
    words: Annotated[set[str] | None, Query(max_length=3)] = None,
    when: datetime | None = None,
    day: date = date(2026, 1, 2),
    span: timedelta = timedelta(seconds=90),
    key: UUID | None = None,
    flag: bool = False,
    ratio: float = 0.5,
) -> None: ...


@app.get("/names")
def names(
    a: Annotated[int, Query(alias="item-query")],
    b: Annotated[int, Query(validation_alias="bee", title="Bee!")],
    c: Annotated[int, Query(validation_alias=AliasChoices("sea", "c"))],
    d: Annotated[int, Query(validation_alias=AliasChoices("dee", AliasPath("d", 0)))],
    e_f: Annotated[int, Query(serialization_alias="ef")],
    x_token: Annotated[str, Header()],
    x_raw: Annotated[str, Header(convert_underscores=False)],
    x_named: Annotated[str, Header(alias="X_Named")],
    x_choice: Annotated[str, Header(validation_alias=AliasChoices("X_One", "X-Two"))],
    x_many: Annotated[list[str] | None, Header()] = None,
    session_id: Annotated[str | None, Cookie()] = None,
    other: Annotated[str | None, Cookie(alias="Other")] = None,
) -> None: ...


@app.get("/said")
def said(
    old: Annotated[int, Query(deprecated=True)] = 1,
    hidden: Annotated[int, Query(include_in_schema=False)] = 1,
    examples: Annotated[int, Query(examples=[1, None, 3])] = 1,
    named: Annotated[
        int,
        Query(
            examples=[1],
            openapi_examples=EXAMPLES,
        ),
    ] = 1,
    extra: Annotated[int, Query(json_schema_extra={"x-unit": "km", "x-none": None, "_sa_gone": 1})] = 1,
    described: Annotated[int, Query(description=""), Field(description="From the field.")] = 1,
    made_by: Annotated[list[int], Query(default_factory=list)] = ...,
    metadata: Annotated[int, annotated_types.Ge(3), annotated_types.Lt(9)] = 4,
    schema: Annotated[int, WithJsonSchema({"type": "string", "title": "Own"})] = 4,
    checked: Annotated[int, AfterValidator(abs)] = 4,
) -> None: ...


with warnings.catch_warnings():
    warnings.simplefilter("ignore")

    @app.get("/old")
    def old(
        one: Annotated[int, Query(example=3)] = 1,
        none: Annotated[int | None, Query(example=None)] = 1,
        pattern: Annotated[str, Query(regex="^a")] = "a",
    ) -> None: ...
