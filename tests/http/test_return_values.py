"""Return values of all kinds under declared types of all kinds: what is written, or refused, is what FastAPI writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, Optional, TypeVar, Union

import pytest
from pydantic import BaseModel, ConfigDict, Field, Json, RootModel, SecretStr, computed_field, field_serializer
from starlette.responses import JSONResponse

from tests.asking import WAYS, App, Framework, Way, ask, get

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("way", WAYS),
    pytest.mark.filterwarnings("ignore:Pydantic serializer warnings"),
]

T = TypeVar("T")


class Item(BaseModel):
    number: int = 1
    at: datetime = datetime.fromisoformat("2024-02-29T12:00:00Z")


class Sub(Item):
    more: int = 2


class Numbers(RootModel[list[int]]):
    pass


class Computed(BaseModel):
    number: int = 1

    @computed_field  # type: ignore[prop-decorator]  # as pydantic's documentation has it
    @property
    def double(self) -> int:
        return self.number * 2

    @field_serializer("number")
    def as_text(self, value: int) -> str:
        return str(value)


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=False)
    number: int = Field(1, alias="Number")


class FromAttributes(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    number: int


class Box(BaseModel, Generic[T]):
    value: T


class Row:
    number = 5


@dataclass
class Data:
    number: int = 1


class Color(Enum):
    red = "red"


TYPED: dict[str, tuple[Any, Callable[[], Any]]] = {
    "subclass": (Item, Sub),
    "model from an unvalidated instance": (Item, lambda: Item.model_construct(number="no number")),
    "none for a model": (Item, lambda: None),
    "optional": (Optional[Item], Item),
    "union": (Union[Item, FromAttributes], lambda: FromAttributes(number=1)),
    "root": (Numbers, lambda: Numbers([1])),
    "root from a list": (Numbers, lambda: [1, "2"]),
    "computed": (Computed, Computed),
    "aliased": (Aliased, lambda: Aliased(Number=2)),
    "attributes": (FromAttributes, Row),
    "list with a subclass": (list[Item], lambda: [Item(), Sub()]),
    "list of unvalidated": (list[Item], lambda: [Item.model_construct(number="x")]),
    "list of attributes": (list[FromAttributes], lambda: [Row(), {"number": "7"}]),
    "list from an iterator": (list[Item], lambda: iter([Item()])),
    "list from a tuple": (list[Item], lambda: (Item(),)),
    "plain list": (list, lambda: [Item(), Data(), {1: None}]),
    "dict of models": (dict[str, Item], lambda: {"a": Sub()}),
    "plain dict": (dict, lambda: {"a": Row}),
    "set": (set[int], lambda: {1}),
    "dataclass": (Data, Data),
    "dataclass from a dict": (Data, lambda: {"number": "3"}),
    "generic": (Box[int], lambda: Box[int](value=1)),
    "generic without its argument": (Box[int], lambda: Box(value=1)),
    "enum": (Color, lambda: Color.red),
    "decimal": (Decimal, lambda: Decimal("1.10")),
    "timedelta": (timedelta, lambda: timedelta(days=1)),
    "nan": (float, lambda: float("nan")),
    "infinity": (float, lambda: float("inf")),
    "bytes": (bytes, lambda: b"abc"),
    "surrogate": (str, lambda: "\ud800"),
    "large int": (int, lambda: 10**30),
    "json": (Json[int], lambda: "1"),
    "secret": (SecretStr, lambda: "x"),
    "any dict": (Any, lambda: {1: 2, None: 3}),
    "any model": (Any, Sub),
    "any object": (Any, object),
    "object": (object, lambda: 1),
    "untyped nan": (None, lambda: {"a": float("nan")}),
    "untyped model": (None, Sub),
    "untyped list": (None, lambda: [Item(), Data(), Color.red, Decimal("1.10"), timedelta(1), (1,), {2}]),
    "untyped none": (None, lambda: None),
    "untyped surrogate": (None, lambda: "\ud800"),
    "untyped large int": (None, lambda: 10**30),
}


def make(fw: Framework, name: str) -> App:
    app = fw.app()
    model, result = TYPED[name]

    async def endpoint() -> Any:
        return result()

    def in_thread() -> Any:
        return result()

    app.add_api_route("/async", endpoint, response_model=model)
    app.add_api_route("/def", in_thread, response_model=model)
    app.add_api_route("/async/class", endpoint, response_model=model, response_class=JSONResponse)
    app.add_api_route("/def/class", in_thread, response_model=model, response_class=JSONResponse)
    return app


@pytest.mark.parametrize("name", TYPED)
async def test_answer_is_that_of_fastapi(name: str, way: Way) -> None:
    ours, theirs = make(Framework("martlet", way), name), make(Framework("fastapi", way), name)
    for path in ("/async", "/def", "/async/class", "/def/class"):
        assert await ask(ours, get(path)) == await ask(theirs, get(path)), path
