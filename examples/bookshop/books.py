"""Searching the shelf, and keeping it."""

from typing import Annotated, Any

from sqlmodel import Session, col, func, or_, select

from bookshop.audit import record
from bookshop.depends import PagingDep, SessionDep, with_key
from bookshop.models import Book, BookIn, BookOut, BookPage, BookPatch, BookSearch, Problem
from martlet import APIRouter, BackgroundTasks, HTTPException, Path, Query, Request, Response

router = APIRouter(prefix="/books", tags=["books"])

BookId = Annotated[int, Path(ge=1, le=2**31, description="The book's number.")]
NOT_THERE: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "There is no such book"}}

COLUMNS = {"title": col(Book.title), "author": col(Book.author), "year": col(Book.year), "price": col(Book.price_cents)}


def find_book(session: Session, book_id: int) -> Book:
    """Return the book or answer 404."""
    book = session.get(Book, book_id)
    if book is None:
        raise HTTPException(status_code=404, detail=f"There is no book {book_id}")
    return book


def _matching(search: BookSearch) -> list[Any]:
    conditions: list[Any] = []
    if search.q:
        conditions.append(
            or_(
                col(Book.title).icontains(search.q, autoescape=True),
                col(Book.author).icontains(search.q, autoescape=True),
            )
        )
    if search.author:
        conditions.append(col(Book.author).icontains(search.author, autoescape=True))
    if search.subject:
        conditions.append(col(Book.subject) == search.subject)
    if search.from_year is not None:
        conditions.append(col(Book.year) >= search.from_year)
    if search.to_year is not None:
        conditions.append(col(Book.year) <= search.to_year)
    if search.in_stock:
        conditions.append(col(Book.stock) > 0)
    return conditions


@router.get("", summary="Search the shelf")
def search_books(search: Annotated[BookSearch, Query()], paging: PagingDep, session: SessionDep) -> BookPage:
    """Find books by words, author, subject and years.

    All conditions must hold. Without any, every book is listed.
    """
    conditions = _matching(search)
    column = COLUMNS[search.sort.removeprefix("-")]
    order = column.desc() if search.sort.startswith("-") else column.asc()
    total = session.exec(select(func.count()).select_from(Book).where(*conditions)).one()
    found = session.exec(
        select(Book).where(*conditions).order_by(order, col(Book.id)).limit(paging.limit).offset(paging.offset)
    )
    return BookPage(
        total=total,
        limit=paging.limit,
        offset=paging.offset,
        items=[BookOut.model_validate(book) for book in found],
    )


@router.get("/{book_id}", response_model=BookOut, responses=NOT_THERE)
def read_book(book_id: BookId, session: SessionDep) -> Book:
    """Show one book."""
    return find_book(session, book_id)


@router.post("", status_code=201, response_model=BookOut, dependencies=[with_key])
def add_book(book: BookIn, request: Request, response: Response, session: SessionDep, tasks: BackgroundTasks) -> Book:
    """Add a book; `Location` says where it is."""
    added = Book(**book.model_dump())
    session.add(added)
    session.commit()
    session.refresh(added)
    response.headers["Location"] = str(request.url_for("read_book", book_id=added.id))
    tasks.add_task(record, request.app.state.engine, f"added book {added.id}: {added.title}")
    return added


@router.patch("/{book_id}", response_model=BookOut, responses=NOT_THERE, dependencies=[with_key])
def change_book(
    book_id: BookId, change: BookPatch, request: Request, session: SessionDep, tasks: BackgroundTasks
) -> Book:
    """Change some of a book; what the body leaves out stays as it is."""
    book = find_book(session, book_id)
    changed = change.model_dump(exclude_unset=True)
    book.sqlmodel_update(changed)
    session.add(book)
    session.commit()
    session.refresh(book)
    tasks.add_task(
        record, request.app.state.engine, f"changed book {book_id}: {', '.join(sorted(changed)) or 'nothing'}"
    )
    return book


@router.put("/{book_id}", response_model=BookOut, responses=NOT_THERE, dependencies=[with_key])
def replace_book(book_id: BookId, book: BookIn, request: Request, session: SessionDep, tasks: BackgroundTasks) -> Book:
    """Replace all of a book."""
    replaced = find_book(session, book_id)
    replaced.sqlmodel_update(book.model_dump())
    session.add(replaced)
    session.commit()
    session.refresh(replaced)
    tasks.add_task(record, request.app.state.engine, f"replaced book {book_id}")
    return replaced


@router.delete("/{book_id}", status_code=204, responses=NOT_THERE, dependencies=[with_key])
def remove_book(book_id: BookId, request: Request, session: SessionDep, tasks: BackgroundTasks) -> None:
    """Take a book off the shelf. Orders keep the title they were placed with."""
    session.delete(find_book(session, book_id))
    session.commit()
    tasks.add_task(record, request.app.state.engine, f"removed book {book_id}")
