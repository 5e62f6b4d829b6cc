"""Models as they are read and as they are written, with two schemas each and with one for both."""

from typing import Any

from martlet import Body, FastAPI
from tests.engine.describe.apps.models import (
    Address,
    Area,
    Boxed,
    Bytes,
    Color,
    Computed,
    Entry,
    Left,
    Names,
    Nested,
    Page,
    Person,
    Point,
    Shape,
    Size,
    WithDefaults,
    another_address,
)

Other: Any = another_address()
Third: Any = another_address()

TYPES: list[Any] = [
    Person,
    Nested,
    Computed,
    list[Computed],
    Left,
    Bytes,
    bytes,
    WithDefaults,
    Boxed,
    Point,
    Page[Person],
    Page[Nested],
    Page[int],
    Names,
    Entry,
    Shape,
    Other,
    Third,
    Address,
    dict[str, Other],
    Page[Address] | Other | None,
    Color,
    Size | None,
    tuple[Color, Size],
]


def declare(app: FastAPI, types: list[Any]) -> None:
    """Declare an endpoint for each type that takes and returns it."""
    for number, type_ in enumerate(types):

        def endpoint(body: Any = Body()) -> Any: ...

        endpoint.__annotations__.update({"body": type_, "return": type_})
        app.post(f"/schemas/{number}", name=f"schema {number}")(endpoint)


separate = FastAPI()
declare(separate, TYPES)

joined = FastAPI(separate_input_output_schemas=False)
declare(joined, TYPES)

computed = FastAPI(separate_input_output_schemas=False)
declare(computed, [Area, list[Nested], dict[str, Nested], Person])

written = FastAPI()


@written.get("/out")
def out() -> WithDefaults:
    raise NotImplementedError
