"""Placing orders: a nested body, stock that can run out, and a confirmation in the background."""

from typing import Annotated, Any

from sqlmodel import Session, col, select, update

from bookshop.audit import record
from bookshop.depends import SessionDep
from bookshop.models import Address, Book, LineIn, LineOut, Order, OrderIn, OrderLine, OrderOut, Problem
from martlet import APIRouter, BackgroundTasks, Body, HTTPException, Path, Request
from martlet.openapi.models import Example

router = APIRouter(prefix="/orders", tags=["orders"])


class OutOfStock(Exception):  # noqa: N818 - it reads as what happened
    """Someone asked for more copies than there are.

    Args:
        title: the book.
        left: how many copies there are.
    """

    def __init__(self, title: str, left: int) -> None:
        super().__init__(f"Only {left} of {title!r} left" if left else f"{title!r} is sold out")


def _take(session: Session, line: LineIn) -> OrderLine:
    """Take copies off the shelf in one statement: two orders for the last copy cannot both have it."""
    book = session.get(Book, line.book_id)
    if book is None:
        raise HTTPException(status_code=404, detail=f"There is no book {line.book_id}")
    taken = session.exec(
        update(Book)
        .where(col(Book.id) == line.book_id, col(Book.stock) >= line.quantity)
        .values(stock=Book.stock - line.quantity)
    )
    if taken.rowcount == 0:
        session.refresh(book)
        raise OutOfStock(book.title, book.stock)
    return OrderLine(
        order_id=0, book_id=line.book_id, title=book.title, quantity=line.quantity, price_cents=book.price_cents
    )


def _shown(order: Order, lines: list[OrderLine]) -> OrderOut:
    address = Address(
        name=order.name, street=order.street, city=order.city, postal_code=order.postal_code, country=order.country
    )
    return OrderOut(
        id=order.id or 0,
        placed_at=order.placed_at,
        total_cents=order.total_cents,
        lines=[LineOut.model_validate(line) for line in lines],
        address=address,
    )


REFUSALS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such book"},
    409: {"model": Problem, "description": "Not enough copies"},
}
EXAMPLES: dict[str, Example] = {
    "lisbon": {
        "summary": "Two books to Lisbon",
        "value": {
            "lines": [{"book_id": 1, "quantity": 1}, {"book_id": 3, "quantity": 2}],
            "address": {
                "name": "Inês",
                "street": "Rua Garrett 73",
                "city": "Lisboa",
                "postal_code": "1200-203",
                "country": "PT",
            },
        },
    }
}


@router.post("", status_code=201, responses=REFUSALS)
def place_order(
    order: Annotated[OrderIn, Body(openapi_examples=EXAMPLES)],
    request: Request,
    session: SessionDep,
    tasks: BackgroundTasks,
) -> OrderOut:
    """Order some books: all of them, or none where one has run out."""
    lines = [_take(session, line) for line in order.lines]
    placed = Order(**order.address.model_dump(), total_cents=sum(line.quantity * line.price_cents for line in lines))
    session.add(placed)
    session.flush()
    for line in lines:
        line.order_id = placed.id or 0
    session.add_all(lines)
    session.commit()
    tasks.add_task(record, request.app.state.engine, f"confirmed order {placed.id} to {placed.name}")
    return _shown(placed, lines)


@router.get("/{order_id}", responses={404: {"model": Problem, "description": "There is no such order"}})
def read_order(order_id: Annotated[int, Path(ge=1)], session: SessionDep) -> OrderOut:
    """Show one order."""
    order = session.get(Order, order_id)
    if order is None:
        raise HTTPException(status_code=404, detail=f"There is no order {order_id}")
    lines = session.exec(select(OrderLine).where(col(OrderLine.order_id) == order_id).order_by(col(OrderLine.id)))
    return _shown(order, list(lines))
