"""The bookshop's SQLite file: opening it, and filling it the first time."""

import csv
import os
from pathlib import Path

from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel, create_engine, func, select

from bookshop.models import Book

SEED = Path(__file__).with_name("books.csv")


def path_from_environment() -> Path:
    """Return where the file is: `$BOOKSHOP_DB`, else `bookshop.db` in the directory the service was started in."""
    return Path(os.environ.get("BOOKSHOP_DB") or "bookshop.db").absolute()


def open_database(path: Path) -> Engine:
    """Open the file at `path`, made and filled where it is not there yet.

    Args:
        path: the file; its directory must exist.
    """
    # Endpoints run in threads and a session may change thread between two calls; the session keeps them in order.
    engine = create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False, "timeout": 10})

    @event.listens_for(engine, "connect")
    def _prepare(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]  # DB-API connections have no common type
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")  # readers go on while one writes
        cursor.close()

    with engine.begin() as connection:
        # One transaction makes and fills it: of several workers that start at once, one does, and the others wait.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        SQLModel.metadata.create_all(connection)
        with Session(connection) as session:
            if count_books(session) == 0:
                session.add_all(seed())
                session.flush()
    return engine


def count_books(session: Session) -> int:
    """Return how many books there are."""
    return session.exec(select(func.count()).select_from(Book)).one()


def seed() -> list[Book]:
    """Return the books of `books.csv`, priced and stocked by a rule, so that every fresh shop is the same."""
    with SEED.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [
        Book(
            title=row["title"],
            author=row["author"],
            year=int(row["year"]),
            subject=row["subject"],
            price_cents=795 + 50 * (len(row["title"]) % 40),
            stock=number * 7 % 13,
        )
        for number, row in enumerate(rows, start=1)
    ]
