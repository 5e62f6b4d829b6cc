"""What an app as a whole is told: what is found, where, and what is none of it."""

import pytest

from tests.cli.programs import Program


def found(program: Program, text: str, code: str) -> list[str]:
    program.write("from martlet import FastAPI\n" + text)
    data = program.run("check", "--json").data
    return [
        f"{finding['line']}: {finding['message']}" for finding in data["findings"] if finding["code"].endswith(code)
    ]


CORS = """
from starlette.middleware.cors import CORSMiddleware
app = FastAPI()
app.add_middleware(CORSMiddleware, {})
"""


@pytest.mark.parametrize(
    ("options", "is_found"),
    [
        ("allow_origins=['*'], allow_credentials=True", True),
        ("allow_origin_regex='.*', allow_credentials=True", True),
        ("allow_origins=['*']", False),
        ("allow_origins=['https://a.example'], allow_credentials=True", False),
        ("allow_origin_regex='https://.*[.]example', allow_credentials=True", False),
    ],
)
def test_any_origin_with_credentials(program: Program, options: str, is_found: bool) -> None:
    said = found(program, CORS.format(options), "C104")
    assert [line.partition(":")[0] for line in said] == ["5"] * is_found


def test_other_middleware_is_passed_over(program: Program) -> None:
    text = """
from functools import partial
from starlette.middleware.gzip import GZipMiddleware
app = FastAPI()
app.add_middleware(GZipMiddleware)
app.add_middleware(partial(GZipMiddleware))
"""
    assert found(program, text, "C104") == found(program, text, "C106") == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("app = FastAPI(debug=True)", 2),
        ("app = FastAPI()\napp.debug = True", None),
        ("class Shop(FastAPI): ...\napp = Shop(\n    debug=True)", 3),
    ],
)
def test_debug(program: Program, text: str, line: int | None) -> None:
    assert [each.partition(":")[0] for each in found(program, text, "C105")] == [str(line)]


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("'x' * 15", ["5: The sessions' secret_key has 15 characters: whoever guesses it can be any user"]),
        ("'x' * 16", []),
    ],
)
def test_a_secret_that_can_be_guessed(program: Program, secret: str, said: list[str]) -> None:
    text = """
from starlette.middleware.sessions import SessionMiddleware
app = FastAPI()
app.add_middleware(SessionMiddleware, secret_key={})
"""
    assert found(program, text.format(secret), "C106") == said
    program.write("", "main.py")
    assert "'x'" not in "".join(said)


def test_a_secret_may_be_a_positional_argument(program: Program) -> None:
    text = """
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
app = FastAPI(middleware=[Middleware(SessionMiddleware, "short"), Middleware(SessionMiddleware)])
"""
    assert len(found(program, text, "C106")) == 2


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ("", "/docs, /redoc, /openapi.json"),
        ("docs_url=None", "/redoc, /openapi.json"),
        ("docs_url=None, redoc_url=None", "/openapi.json"),
        ("openapi_url=None", None),
    ],
)
def test_public_docs(program: Program, options: str, shown: str | None) -> None:
    said = found(program, f"app = FastAPI({options})", "C203")
    assert said == ([] if shown is None else [f"2: Anybody who reaches the app can read {shown}"])


def test_each_app_is_found_where_it_is_made(program: Program) -> None:
    text = """
TITLE = "made"
app = FastAPI(title="Outer")
inner = FastAPI(title="Inner")
plain = FastAPI()
computed = FastAPI(title=TITLE)
app.mount("/inner", inner)
app.mount("/again", inner)
inner.mount("/plain", plain)
inner.mount("/computed", computed)
"""
    assert [line.partition(":")[0] for line in found(program, text, "C203")] == ["4", "5", "6", "4"]


@pytest.mark.parametrize(("options", "count"), [("", 1), ("max_body_size=1000", 0)])
def test_bodies_of_any_size(program: Program, options: str, count: int) -> None:
    assert len(found(program, f"app = FastAPI({options})", "C204")) == count
