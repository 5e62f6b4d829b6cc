"""Models of every kind, shared by the apps."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, EmailStr, Field, RootModel, SecretStr, computed_field
from pydantic.json_schema import SkipJsonSchema
from typing_extensions import TypedDict


class Color(Enum):
    red = "red"
    blue = "blue"


class Size(IntEnum):
    """How large.\fFor readers of the code."""

    small = 1
    large = 2


class Address(BaseModel):
    """Where someone lives.\f

    Not for the document: the form feed ends a line, since Python before 3.13 drops one that begins a line.
    """

    street: str
    city: str = "Bern"
    zip: int | None = Field(default=None, ge=1000, le=9999, examples=[3000])


class Person(BaseModel):
    name: str = Field(min_length=1, description="As in the passport.")
    address: Address
    friends: list["Person"] = []
    color: Color = Color.red
    secret: SecretStr | None = None


class Square(BaseModel):
    kind: Literal["square"] = "square"
    side: float


class Circle(BaseModel):
    kind: Literal["circle"] = "circle"
    radius: float


Shape = Annotated[Square | Circle, Field(discriminator="kind")]


class Computed(BaseModel):
    side: float

    @computed_field  # type: ignore[prop-decorator]  # mypy's limit
    @property
    def area(self) -> float:
        return self.side**2


class Nested(BaseModel):
    inner: Computed
    shape: Shape
    address: Address | None = None


Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    total: int


class Names(RootModel[list[str]]):
    pass


class Entry(TypedDict, total=False):
    key: str
    value: int


@dataclass
class Point:
    x: int
    y: int = 0


class Hidden(BaseModel):
    x: int


class Left(BaseModel):
    shown: Color
    hidden: Hidden = Field(exclude=True)
    skipped: SkipJsonSchema[Hidden | None] = None
    mail: EmailStr = "a@example.com"


class Bytes(BaseModel):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")

    data: bytes = Field(min_length=1, max_length=9)


class WithDefaults(BaseModel):
    needed: int
    given: list[Address] = []
    maybe: Decimal | None = None
    nothing: None = None


@dataclass
class Boxed:
    inner: Computed
    points: list[Point]


@dataclass
class Area:
    side: float

    @computed_field  # type: ignore[prop-decorator]  # mypy's limit
    @property
    def area(self) -> float:
        return self.side**2


def another_address() -> type[BaseModel]:
    """Return a class of a name that is taken, a new one each time."""

    class Address(BaseModel):
        other: int

    return Address
