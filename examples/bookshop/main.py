"""The bookshop's app: `make demo`, or `uvicorn --app-dir examples bookshop.main:app`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import BaseModel

from bookshop import audit, books, orders
from bookshop.database import count_books, open_database, path_from_environment
from bookshop.depends import SessionDep
from martlet import FastAPI, Request
from martlet.responses import JSONResponse, RedirectResponse

DESCRIPTION = """
A small shop of real books, on an embedded SQLite file.

* **Search** by words, author, subject and years, and page through what is found.
* **Order** some; the shelf can run out, and says so.
* **Keep the shelf** with the key `demo-key` in the header `X-API-Key`.
"""
TAGS = [
    {"name": "books", "description": "The shelf: searching is free, changing it needs the key."},
    {"name": "orders", "description": "Copies leave the shelf when an order is placed."},
    {"name": "audit", "description": "What happened, written after each answer was sent."},
]


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the file when the service starts, and close it when it ends."""
    app.state.engine = open_database(path_from_environment())
    yield
    app.state.engine.dispose()


app = FastAPI(title="Bookshop", version="1.0.0", description=DESCRIPTION, openapi_tags=TAGS, lifespan=lifespan)
app.include_router(books.router)
app.include_router(orders.router)
app.include_router(audit.router)


@app.exception_handler(orders.OutOfStock)
async def answer_out_of_stock(_request: Request, refused: orders.OutOfStock) -> JSONResponse:
    """Answer 409: the order was fine, the shelf was not."""
    return JSONResponse({"detail": str(refused)}, status_code=409)


@app.get("/", include_in_schema=False)
async def enter() -> RedirectResponse:
    """Show people who open the shop in a browser to its documentation."""
    return RedirectResponse("/docs")


class Health(BaseModel):
    """That the shop is open."""

    status: str
    books: int


@app.get("/health", tags=["service"])
def read_health(session: SessionDep) -> Health:
    """Say whether the file can be read, and how many books it has."""
    return Health(status="ok", books=count_books(session))
