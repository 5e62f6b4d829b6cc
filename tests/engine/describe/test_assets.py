"""Serving what the docs pages are made of: how it is compressed, and how long browsers keep it."""

import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from martlet import FastAPI
from martlet._engine.describe import assets
from martlet._engine.describe.assets import address, coding_of
from martlet.middleware.gzip import GZipMiddleware
from martlet.testclient import TestClient

NAME = "redoc@2.1/redoc.standalone.0123.js"
URL = f"/redoc?asset={NAME}"
TEXT = b"script;" * 200


@pytest.fixture
def browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(assets, "DIRECTORY", tmp_path)
    (tmp_path / NAME).parent.mkdir()
    (tmp_path / f"{NAME}.gz").write_bytes(gzip.compress(TEXT))
    (tmp_path / f"{NAME}.br").write_bytes(b"brotli")
    index = {"files": {"redoc.js": {"name": NAME, "type": "text/javascript"}}}
    (tmp_path / "index.json").write_text(json.dumps(index))
    app = FastAPI()
    app.add_middleware(GZipMiddleware, minimum_size=1)
    with TestClient(app) as client:
        yield client


def asked(browser: TestClient, coding: str, **headers: str) -> tuple[httpx2.Response, bytes]:
    """Ask for the file, and return the answer with its body as it came."""
    with browser.stream("GET", URL, headers={"accept-encoding": coding, **headers}) as answer:
        return answer, b"".join(answer.iter_raw())


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("GZIP;q=0.1", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000, *", "gzip"),
        ("br;x=y, gzip", "br"),
        ("*", "br"),
        ("*;q=0", ""),
        ("identity", ""),
        ("", ""),
    ],
)
def test_the_best_coding_that_a_client_takes_is_used(accepted: str, coding: str) -> None:
    assert coding_of(accepted) == coding


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_file_is_sent_as_it_was_packed(browser: TestClient, coding: str) -> None:
    answer, body = asked(browser, coding)
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == coding
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["content-length"] == str(len(body))
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["vary"].lower() == "accept-encoding"
    assert body == b"brotli" if coding == "br" else gzip.decompress(body) == TEXT


def test_a_client_that_takes_no_coding_gets_it_plain(browser: TestClient) -> None:
    answer, body = asked(browser, "identity")
    assert "content-encoding" not in answer.headers
    assert body == TEXT


def test_a_browser_that_has_it_is_told_so(browser: TestClient) -> None:
    tags = {coding: asked(browser, coding)[0].headers["etag"] for coding in ("br", "gzip", "identity")}
    assert len(set(tags.values())) == 3
    answer, body = asked(browser, "br", **{"if-none-match": f'W/"other", {tags["br"]}'})
    assert (answer.status_code, body, answer.headers["etag"]) == (304, b"", tags["br"])
    assert "immutable" in answer.headers["cache-control"]
    assert asked(browser, "gzip", **{"if-none-match": tags["br"]})[0].status_code == 200


def test_head_has_the_headers(browser: TestClient) -> None:
    answer = browser.head(URL, headers={"accept-encoding": "br"})
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "6")


@pytest.mark.parametrize("name", ["", "redoc@2.1/redoc.standalone.other.js", "../../applications.py", f"{NAME}.gz"])
def test_what_is_not_part_of_a_page_is_not_found(browser: TestClient, name: str) -> None:
    assert browser.get(f"/redoc?asset={name}").status_code == 404


def test_other_queries_are_the_pages(browser: TestClient) -> None:
    assert "<redoc" in browser.get("/redoc?theme=x").text


@pytest.mark.parametrize("zipped", [False, True])
def test_where_nothing_was_packed_that_is_said_once(
    zipped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if zipped:
        (tmp_path / "martlet.zip").touch()
    monkeypatch.setattr(assets, "DIRECTORY", tmp_path / "martlet.zip" / "_assets")
    with caplog.at_level(logging.WARNING, "fastapi"):
        assert address("redoc.js", "/redoc") == "https://cdn.jsdelivr.net/npm/redoc@2/bundles/redoc.standalone.js"
        address("scalar.js", "/scalar")
    (record,) = caplog.records
    said = record.getMessage()
    assert said.startswith("The docs pages load Swagger UI, ReDoc and Scalar from https://cdn.jsdelivr.net: ")
    assert said.endswith(" In a checkout `scripts/assets` packs them, with npm and a network.")


def test_what_this_checkout_has_packed_can_be_served() -> None:
    if not (assets.DIRECTORY / "index.json").exists():
        pytest.skip("this checkout has none: neither npm nor a network was there")
    browser = TestClient(FastAPI(scalar_url="/scalar"))
    for role, page in (
        ("swagger.js", "/docs"),
        ("swagger.css", "/docs"),
        ("redoc.js", "/redoc"),
        ("scalar.js", "/scalar"),
    ):
        url = address(role, page)
        answers = [browser.get(url, headers={"accept-encoding": coding}) for coding in ("gzip", "identity")]
        assert answers[0].content == answers[1].content
        assert len(answers[0].content) > 100_000
