"""Models and data that the programs have in common."""

from pydantic import BaseModel


class Item(BaseModel):
    """What `items` and `list` answer with."""

    id: int
    name: str
    price: float
    tags: list[str] = []


class Line(BaseModel):
    """One line of an order."""

    sku: str
    quantity: int
    price: float


class Address(BaseModel):
    """Where an order goes."""

    street: str
    city: str
    zip: str


class Order(BaseModel):
    """What `orders` takes and gives back."""

    customer: str
    email: str
    address: Address
    lines: list[Line]
    note: str | None = None


ITEMS = [Item(id=n, name=f"item {n}", price=n + 0.5, tags=["new", "blue"]) for n in range(100)]
ROUTES = 200
