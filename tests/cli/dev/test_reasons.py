"""Why an answer is no success, in a few words."""

import json
from typing import Any

import pytest

from martlet.cli.dev.reasons import of_answer, of_error, of_exception, plain
from martlet.exceptions import ResponseValidationError

PRICE = {"type": "float_parsing", "loc": ["body", "price"], "msg": "Input should be a valid number", "input": "abc"}


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (422, {"detail": [PRICE]}, 'body.price: Input should be a valid number (got "abc")'),
        (422, {"detail": [PRICE, PRICE, PRICE]}, 'body.price: Input should be a valid number (got "abc") (and 2 more)'),
        (422, {"detail": []}, ""),
        (422, {"detail": [3]}, ""),
        (422, {"detail": [{}]}, ""),
        (422, {"detail": 3}, ""),
        (404, {"detail": "Not Found"}, ""),
        (404, {"detail": "No such book"}, "No such book"),
        (403, {"detail": "not \033[31m you"}, "not \\u001b[31m you"),
        (499, {"detail": "Not Found"}, "Not Found"),
        (400, {"error": "x"}, ""),
        (400, [], ""),
        (400, "x", ""),
    ],
)
def test_answers(status: int, body: Any, reason: str) -> None:
    assert of_answer(status, b"application/json", json.dumps(body).encode()) == reason


def test_answers_that_are_no_json() -> None:
    assert of_answer(404, b"text/plain", b'{"detail": "x"}') == ""
    assert of_answer(404, b"application/json", b"{") == ""


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ({"type": "missing", "loc": ["query", "q"], "msg": "Field required", "input": None}, "query.q: Field required"),
        ({"loc": [], "msg": "wrong"}, "wrong"),
        ({"loc": ["body", "password"], "msg": "short", "input": "x"}, 'body.password: short (got "[redacted]")'),
        ({"loc": ["body"], "msg": "m", "input": {"password": "x"}}, 'body: m (got {"password": [redacted]})'),
        ({"loc": ["body"], "msg": "m", "input": "x" * 99}, f'body: m (got "{"x" * 58}…)'),
        ({"loc": ["body"], "msg": "m", "input": object}, "body: m (got \"<class 'object'>\")"),
    ],
)
def test_validation_errors(error: Any, text: str) -> None:
    assert of_error(error) == text


class Silent(Exception):
    def __str__(self) -> str:
        raise TypeError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("a\nb"), "ValueError: a"),
        (ValueError(), "ValueError"),
        (Silent(), "Silent: (its text cannot be made)"),
        (ValueError("postgres://me:x@y"), "ValueError: postgres://me:[redacted]@y"),
        (ValueError("x" * 500), "ValueError: " + "x" * 119 + "…"),
    ],
)
def test_exceptions(error: Exception, text: str) -> None:
    assert of_exception(error) == text


def test_the_place_of_an_exception() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        divmod(1, 0)
    assert of_exception(caught.value).startswith("ZeroDivisionError: integer division or modulo by zero  ")
    assert "test_reasons.py:" in of_exception(caught.value)


def test_responses_that_do_not_fit() -> None:
    error = ResponseValidationError(
        [PRICE], endpoint_ctx={"file": "/x/shop.py", "line": 3, "function": "f", "path": "/"}
    )
    said = 'ResponseValidationError: body.price: Input should be a valid number (got "abc")'
    assert of_exception(error) == f"{said}  /x/shop.py:3"
    assert of_exception(ResponseValidationError([PRICE])) == said


def test_nothing_acts_on_the_terminal() -> None:
    assert plain("a\n\x1b[31m\u202eä") == "a\\n\\u001b[31m\\u202eä"
