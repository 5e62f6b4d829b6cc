"""The bookshop, over a real socket: under uvicorn as `make demo` serves it, and under Granian."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.serving import NotServing, bookshop, environment, free_port, serving

KEY = {"X-API-Key": "demo-key"}
ADDRESS = {"name": "Inês", "street": "Rua Garrett 73", "city": "Lisboa", "postal_code": "1200-203", "country": "pt"}
BOOK = {"title": "The Waves", "author": "Virginia Woolf", "year": 1931, "price_cents": 1250, "stock": 3}


def start(directory: Path, server: str = "demo") -> Any:
    port = free_port()
    extra = {"PORT": str(port), "BOOKSHOP_DB": str(directory / "shop.db")}
    return serving(bookshop(server, port), port, directory / f"{server}.log", extra)


@pytest.fixture(scope="module", params=["demo", "granian"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx2.Client]:
    directory = tmp_path_factory.mktemp("shop")
    with start(directory, request.param) as served, httpx2.Client(base_url=served.url) as client:
        yield client


def search(shop: httpx2.Client, **parameters: Any) -> dict[str, Any]:
    answer = shop.get("/books", params=parameters)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def titles(page: dict[str, Any]) -> list[str]:
    return [book["title"] for book in page["items"]]


def add(shop: httpx2.Client, **changes: Any) -> dict[str, Any]:
    answer = shop.post("/books", json={**BOOK, **changes}, headers=KEY)
    assert answer.status_code == 201, answer.text
    book: dict[str, Any] = answer.json()
    return book


def test_whoever_comes_in_by_the_door_is_shown_to_the_documentation(shop: httpx2.Client) -> None:
    answer = shop.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")
    assert "/" not in shop.get("/openapi.json").json()["paths"]


def test_a_new_shop_is_filled(shop: httpx2.Client) -> None:
    assert shop.get("/health").json()["status"] == "ok"
    assert search(shop)["total"] > 200


def test_words_are_found_in_titles_and_authors_in_either_case(shop: httpx2.Client) -> None:
    found = titles(search(shop, q="HOMER"))
    assert found == ["The Iliad", "The Odyssey"]
    assert titles(search(shop, q="odyss")) == ["The Odyssey"]


def test_what_is_a_wildcard_in_sql_is_a_character_here(shop: httpx2.Client) -> None:
    assert search(shop, q="%")["total"] == 0


def test_conditions_hold_together(shop: httpx2.Client) -> None:
    page = search(shop, author="darwin", from_year=1850, to_year=1860, subject="science")
    assert titles(page) == ["On the Origin of Species"]


@pytest.mark.parametrize(("by", "field"), [("year", "year"), ("price", "price_cents"), ("title", "title")])
def test_a_search_is_sorted_both_ways(shop: httpx2.Client, by: str, field: str) -> None:
    up = [book[field] for book in search(shop, sort=by, limit=100)["items"]]
    down = [book[field] for book in search(shop, sort=f"-{by}", limit=100)["items"]]
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)


def test_pages_follow_each_other(shop: httpx2.Client) -> None:
    together = titles(search(shop, limit=10))
    assert titles(search(shop, limit=5)) + titles(search(shop, limit=5, offset=5)) == together


def test_only_what_is_in_stock(shop: httpx2.Client) -> None:
    assert all(book["stock"] for book in search(shop, in_stock=True, limit=100)["items"])


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"limit": 101}, ["query", "limit"]),
        ({"offset": -1}, ["query", "offset"]),
        ({"sort": "colour"}, ["query", "sort"]),
        ({"from_year": "soon"}, ["query", "from_year"]),
        ({"from_year": 1900, "to_year": 1800}, ["query"]),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(
    shop: httpx2.Client, parameters: dict[str, Any], where: list[str]
) -> None:
    answer = shop.get("/books", params=parameters)
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [where]


def test_a_book_is_shown_or_missed(shop: httpx2.Client) -> None:
    assert shop.get("/books/2").json()["title"] == "The Odyssey"
    missed = shop.get("/books/1000000")
    assert (missed.status_code, missed.json()) == (404, {"detail": "There is no book 1000000"})
    assert shop.get("/books/two").status_code == 422


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/books"), ("PATCH", "/books/1"), ("PUT", "/books/1"), ("DELETE", "/books/1")]
)
def test_writing_needs_the_key(shop: httpx2.Client, method: str, path: str) -> None:
    without = shop.request(method, path, json=BOOK)
    assert without.status_code == 401
    assert "WWW-Authenticate" in without.headers
    assert shop.request(method, path, json=BOOK, headers={"X-API-Key": "guess"}).status_code == 403


def test_a_book_comes_changes_and_goes(shop: httpx2.Client) -> None:
    answer = shop.post("/books", json=BOOK, headers=KEY)
    book = answer.json()
    assert answer.status_code == 201
    assert shop.get(answer.headers["Location"]).json() == book == {**BOOK, "subject": "novel", "id": book["id"]}

    where = f"/books/{book['id']}"
    changed = shop.patch(where, json={"stock": 9}, headers=KEY)
    assert changed.json() == {**book, "stock": 9}
    replaced = shop.put(where, json={**BOOK, "title": "Orlando", "year": 1928}, headers=KEY)
    assert replaced.json() == {**book, "title": "Orlando", "year": 1928}
    assert shop.get(where).json() == replaced.json()

    gone = shop.delete(where, headers=KEY)
    assert (gone.status_code, gone.content) == (204, b"")
    assert shop.get(where).status_code == 404
    assert shop.delete(where, headers=KEY).status_code == 404


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"title": " ", "author": "A", "year": 1900}, ["body", "title"]),
        ({"title": "T", "year": 1900}, ["body", "author"]),
        ({"title": "T", "author": "A", "year": "nineteen"}, ["body", "year"]),
        ({"title": "T", "author": "A", "year": 1900, "stock": -1}, ["body", "stock"]),
    ],
)
def test_a_bad_book_is_refused(shop: httpx2.Client, body: dict[str, Any], where: list[str]) -> None:
    answer = shop.post("/books", json=body, headers=KEY)
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [where]


def test_a_change_cannot_empty_a_column(shop: httpx2.Client) -> None:
    answer = shop.patch("/books/1", json={"title": None}, headers=KEY)
    assert answer.status_code == 422
    assert "title cannot be null" in answer.text


def test_an_order_takes_copies_off_the_shelf(shop: httpx2.Client) -> None:
    one, other = add(shop, title="One"), add(shop, title="Other", price_cents=100)
    lines = [{"book_id": one["id"]}, {"book_id": other["id"], "quantity": 2}]
    answer = shop.post("/orders", json={"lines": lines, "address": ADDRESS})
    order = answer.json()
    assert answer.status_code == 201, answer.text
    assert order["total_cents"] == 1250 + 2 * 100
    assert [(line["title"], line["quantity"]) for line in order["lines"]] == [("One", 1), ("Other", 2)]
    assert order["address"]["country"] == "PT"
    assert shop.get(f"/orders/{order['id']}").json() == order
    assert [shop.get(f"/books/{book['id']}").json()["stock"] for book in (one, other)] == [2, 1]


def test_an_order_for_too_many_is_refused_whole(shop: httpx2.Client) -> None:
    there, scarce = add(shop), add(shop, title="Scarce", stock=1)
    lines = [{"book_id": there["id"]}, {"book_id": scarce["id"], "quantity": 2}]
    answer = shop.post("/orders", json={"lines": lines, "address": ADDRESS})
    assert (answer.status_code, answer.json()) == (409, {"detail": "Only 1 of 'Scarce' left"})
    assert shop.get(f"/books/{there['id']}").json()["stock"] == 3


def test_an_order_is_refused_for_what_is_wrong_in_it(shop: httpx2.Client) -> None:
    sold_out = add(shop, title="Sold", stock=0)["id"]
    lines = [{"book_id": sold_out}]
    assert shop.post("/orders", json={"lines": lines, "address": ADDRESS}).json() == {"detail": "'Sold' is sold out"}
    assert shop.post("/orders", json={"lines": [{"book_id": 0}], "address": ADDRESS}).status_code == 404
    nested = shop.post(
        "/orders", json={"lines": [{"book_id": 1, "quantity": 0}], "address": {**ADDRESS, "country": "Portugal"}}
    )
    assert nested.status_code == 422
    assert [error["loc"] for error in nested.json()["detail"]] == [
        ["body", "lines", 0, "quantity"],
        ["body", "address", "country"],
    ]
    assert shop.get("/orders/1000000").status_code == 404


def test_what_happened_is_written_in_the_background(shop: httpx2.Client) -> None:
    book = add(shop, title="Noted")
    until = time.monotonic() + 5
    noted: list[str] = []
    while f"added book {book['id']}: Noted" not in noted and time.monotonic() < until:
        noted = [row["what"] for row in shop.get("/audit", headers=KEY).json()]
        time.sleep(0.02)
    assert f"added book {book['id']}: Noted" in noted


def test_the_document_says_it_all(shop: httpx2.Client) -> None:
    assert "text/html" in shop.get("/docs").headers["content-type"]
    document = shop.get("/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert sorted(document["paths"]) == [
        "/audit", "/books", "/books/{book_id}", "/health", "/orders", "/orders/{order_id}"
    ]  # fmt: skip
    assert sorted(document["paths"]["/books/{book_id}"]) == ["delete", "get", "patch", "put"]
    assert document["paths"]["/books/{book_id}"]["delete"]["security"] == [{"APIKeyHeader": []}]
    assert [tag["name"] for tag in document["tags"]] == ["books", "orders", "audit"]
    sort = next(each for each in document["paths"]["/books"]["get"]["parameters"] if each["name"] == "sort")
    assert sort["in"] == "query"


def test_ctrl_c_ends_the_demo(tmp_path: Path) -> None:
    with start(tmp_path) as served:
        assert served.end(signal.SIGINT) == 0
        assert "The shop is closed." in served.printed
        assert "Traceback" not in served.printed


def test_the_demo_says_where_to_look(tmp_path: Path) -> None:
    with start(tmp_path) as served:
        assert f"{served.url}/docs" in served.printed
        assert str(tmp_path / "shop.db") in served.printed
        assert served.printed.count(f"'{served.url}/books") == 2


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    with start(tmp_path) as served:
        where = httpx2.post(f"{served.url}/books", json=BOOK, headers=KEY).headers["Location"]
        total = httpx2.get(f"{served.url}/health").json()["books"]
    path = where.removeprefix(served.url)
    with start(tmp_path) as served:
        assert httpx2.get(f"{served.url}{path}").json()["title"] == BOOK["title"]
        assert httpx2.get(f"{served.url}/health").json()["books"] == total


def refused(tmp_path: Path, port: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bookshop"],
        env=environment({"PORT": port, "BOOKSHOP_DB": str(tmp_path / "shop.db")}),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_a_port_in_use_is_said_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = refused(tmp_path, str(port))
    assert done.returncode == 1
    assert f"Cannot listen on 127.0.0.1:{port}: Address already in use" in done.stderr
    assert f"make demo PORT={port + 1}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_none_is_refused(tmp_path: Path) -> None:
    done = refused(tmp_path, "http")
    assert done.returncode == 1
    assert "PORT='http' is no port" in done.stderr


def test_a_broken_start_is_told(tmp_path: Path) -> None:
    port = free_port()
    extra = {"PORT": str(port), "BOOKSHOP_DB": str(tmp_path / "nowhere" / "shop.db")}
    with (
        pytest.raises(NotServing, match="unable to open database file"),
        serving(bookshop("demo", port), port, tmp_path / "log", extra),
    ):
        pytest.fail("it answers")
