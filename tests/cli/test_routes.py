"""`martlet routes`: the table, what chooses among its rows, the data, and what goes wrong."""

import pytest

from tests.cli.programs import Program

SHOP = """
    from typing import Annotated

    from martlet import APIRouter, Depends, FastAPI, WebSocket
    from pydantic import BaseModel

    app = FastAPI(openapi_url=None)

    class Book(BaseModel):
        title: str

    def page(): ...

    books = APIRouter(prefix="/books")

    @books.get("/{book_id}")
    async def read_book(book_id: int, page: Annotated[None, Depends(page)]) -> list[Book]: ...

    @books.post("")
    def add_book(book: Book): ...

    @books.websocket("/live")
    async def live(socket: WebSocket): ...

    app.include_router(books)
    app.mount("/raw", lambda scope, receive, send: None)
"""


@pytest.fixture(autouse=True)
def shop(program: Program) -> None:
    program.write(SHOP)


def test_every_route_is_a_row(program: Program) -> None:
    said = program.run("routes")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines() == [
        "METHOD  PATH              NAME       HANDLER     ANSWER      DEPENDENCIES",
        "GET     /books/{book_id}  read_book  main.py:16  list[Book]  page",
        "POST    /books            add_book   main.py:19  -           -",
        "WS      /books/live       live       main.py:22  -           -",
        "*       /raw              -          main.py:26  -           -",
    ]


def test_rows_are_data(program: Program) -> None:
    first = program.run("routes", "--json").data[0]
    assert first == {
        "kind": "operation",
        "methods": ["GET"],
        "path": "/books/{book_id}",
        "name": "read_book",
        "handler": "read_book",
        "file": str(program.folder / "main.py"),
        "line": 16,
        "dependencies": ["page"],
        "response_model": "list[Book]",
    }


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--method", "post"], ["add_book", None]),
        (["--method", "ws"], ["live"]),
        (["--grep", "READ"], ["read_book"]),
        (["--grep", "^/raw", "--method", "GET"], [None]),
        (["--grep", "nowhere"], []),
    ],
)
def test_rows_are_chosen(program: Program, options: list[str], names: list[str | None]) -> None:
    assert [row["name"] for row in program.run("routes", "--json", *options).data] == names


def test_what_was_left_out_is_counted_beside_the_data(program: Program) -> None:
    said = program.run("routes", "--method", "DELETE", "--grep", "books")
    assert (said.code, said.out, said.err) == (0, "", "0 of 4 routes\n")


def test_a_pattern_that_is_none_is_refused(program: Program) -> None:
    said = program.run("routes", "--grep", "[")
    assert (said.code, said.out) == (2, "")
    assert "'[' is no regular expression" in said.err


@pytest.mark.parametrize("command", [["routes"], ["openapi"], ["check"], ["explain", "GET", "/"]])
@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        (None, 1, "Could not find a default file"),
        ("import nothing_of_this_name", 3, "nothing_of_this_name"),
        ("x = 1", 1, "Could not find FastAPI app"),
    ],
)
def test_without_an_app_a_command_says_why(
    program: Program, command: list[str], text: str | None, code: int, told: str
) -> None:
    file = program.folder / "main.py"
    file.unlink()
    if text is not None:
        program.write(text)
    said = program.run(*command)
    assert (said.code, said.out) == (code, "")
    assert told in said.err


def test_colours_stay_away_from_files(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\033" not in program.run("check").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\033" in program.run("check").out
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\033" not in program.run("check").out
