"""What the bookshop stores, and what it says and takes over HTTP.

Tables are SQLModel classes with `table=True`; everything else is what travels. Prices are whole cents: SQLite has no
decimals, and floats lose pennies.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from sqlmodel import Field as Column
from sqlmodel import SQLModel

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Year = Annotated[int, Field(ge=-3000, le=2100, description="Year of first publication; negative before our era.")]
Cents = Annotated[int, Field(ge=0, le=1_000_000)]
Copies = Annotated[int, Field(ge=0, le=10_000)]


def now() -> datetime:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


# ------------------------------------------------------------------------------------------------------------- tables


class Book(SQLModel, table=True):
    """A book on the shelf."""

    id: int | None = Column(default=None, primary_key=True)
    title: str = Column(index=True)
    author: str = Column(index=True)
    year: int = Column(index=True)
    subject: str = Column(index=True)
    price_cents: int
    stock: int


class Order(SQLModel, table=True):
    """An order with the address it goes to."""

    __tablename__ = "orders"  # pyright: ignore[reportAssignmentType]  # SQLModel declares it for computed names only

    id: int | None = Column(default=None, primary_key=True)
    name: str
    street: str
    city: str
    postal_code: str
    country: str
    total_cents: int
    placed_at: datetime = Column(default_factory=now)


class OrderLine(SQLModel, table=True):
    """Some copies of one book in an order, at the price they had."""

    id: int | None = Column(default=None, primary_key=True)
    order_id: int = Column(foreign_key="orders.id", index=True)
    book_id: int
    title: str
    quantity: int
    price_cents: int


class AuditRow(SQLModel, table=True):
    """One thing that happened, written after the answer was sent."""

    id: int | None = Column(default=None, primary_key=True)
    at: datetime = Column(default_factory=now)
    what: str


# -------------------------------------------------------------------------------------------------------------- books


class BookIn(BaseModel):
    """A book as it is added."""

    title: Text
    author: Text
    year: Year
    subject: Text = "novel"
    price_cents: Cents = Field(default=1200, examples=[1499])
    stock: Copies = 1


class BookPatch(BaseModel):
    """What may be changed of a book; what is left out stays."""

    title: Text | None = None
    author: Text | None = None
    year: Year | None = None
    subject: Text | None = None
    price_cents: Cents | None = None
    stock: Copies | None = None

    @model_validator(mode="after")
    def nothing_is_emptied(self) -> "BookPatch":
        """Refuse null: every column has a value."""
        emptied = [name for name in sorted(self.model_fields_set) if getattr(self, name) is None]
        if emptied:
            raise ValueError(f"{', '.join(emptied)} cannot be null; leave it out to keep it")
        return self


class BookOut(BookIn):
    """A book as it is answered."""

    model_config = ConfigDict(from_attributes=True)

    id: int


class BookPage(BaseModel):
    """One page of a search."""

    total: int = Field(description="How many books match, on all pages.")
    limit: int
    offset: int
    items: list[BookOut]


class SortBy(StrEnum):
    """The orders a search can come in; a minus turns one round."""

    TITLE = "title"
    TITLE_DOWN = "-title"
    AUTHOR = "author"
    AUTHOR_DOWN = "-author"
    YEAR = "year"
    YEAR_DOWN = "-year"
    PRICE = "price"
    PRICE_DOWN = "-price"


class BookSearch(BaseModel):
    """The query parameters of a search, as one model."""

    model_config = ConfigDict(extra="ignore")

    q: str | None = Field(default=None, max_length=100, description="Part of the title or of the author's name.")
    author: str | None = Field(default=None, max_length=100, description="Part of the author's name.")
    subject: str | None = Field(default=None, max_length=50)
    from_year: Year | None = None
    to_year: Year | None = None
    in_stock: bool = Field(default=False, description="Only what can be ordered now.")
    sort: SortBy = SortBy.TITLE

    @model_validator(mode="after")
    def years_in_order(self) -> "BookSearch":
        """Refuse a range that holds no year."""
        if self.from_year is not None and self.to_year is not None and self.from_year > self.to_year:
            raise ValueError("from_year is after to_year")
        return self


# ------------------------------------------------------------------------------------------------------------- orders


class Address(BaseModel):
    """Where an order goes."""

    name: Text
    street: Text
    city: Text
    postal_code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=12)]
    country: Annotated[str, StringConstraints(to_upper=True, pattern=r"^[A-Za-z]{2}$")] = Field(
        description="ISO 3166 code of two letters.", examples=["PT"]
    )


class LineIn(BaseModel):
    """Some copies of one book."""

    book_id: int
    quantity: Annotated[int, Field(ge=1, le=100)] = 1


class OrderIn(BaseModel):
    """An order as it is placed."""

    lines: Annotated[list[LineIn], Field(min_length=1, max_length=50)]
    address: Address


class LineOut(LineIn):
    """One line of an order, priced."""

    model_config = ConfigDict(from_attributes=True)

    title: str
    price_cents: int


class OrderOut(BaseModel):
    """An order as it is answered."""

    id: int
    placed_at: datetime
    total_cents: int
    lines: list[LineOut]
    address: Address


class Event(BaseModel):
    """One row of the audit."""

    model_config = ConfigDict(from_attributes=True)

    at: datetime
    what: str


class Problem(BaseModel):
    """What a refusal says."""

    detail: str
