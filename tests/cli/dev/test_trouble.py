"""What is gathered about an exception, and the pages that show it."""

import base64
import hashlib
import re
from itertools import pairwise
from typing import Any

import pytest

from martlet.cli.dev.page import failure_page, trouble_json, trouble_page
from martlet.cli.dev.trouble import trouble_of
from martlet.cli.failures import ImportFailure
from martlet.exceptions import ResponseValidationError

SCOPE: Any = {
    "method": "GET",
    "path": "/<x>",
    "root_path": "/api",
    "client": ("127.0.0.1", 5),
    "headers": [(b"x-<y>", b"\xe4<z>")],
    "query_string": b"a=<b>&token=c&empty=",
    "path_params": {"book_id": "<3>", "n": 3},
}


class Odd(Exception):
    pass


def caught(act: Any) -> BaseException:
    with pytest.raises(BaseException) as found:  # noqa: PT011 - any
        act()
    return found.value


def raise_odd() -> None:
    raise Odd("<message>")


def test_everything_is_escaped() -> None:
    page = trouble_page(trouble_of(caught(raise_odd), SCOPE))
    for raw in ("<x>", "<y>", "<z>", "<b>\n", "<message>", "<3>"):
        assert raw not in page
    assert "<h1>tests.cli.dev.test_trouble.Odd</h1>" in page
    assert "<th>root path</th><td>/api</td>" in page
    assert "<th>client</th><td>127.0.0.1:5</td>" in page
    assert "<th>token</th><td>[redacted]</td>" in page
    assert "<th>{n}</th><td>3</td>" in page
    assert "<script" not in page


def test_an_exception_without_text_traceback_and_client() -> None:
    scope = {"method": "GET", "path": "/", "headers": []}
    page = trouble_page(trouble_of(ValueError(), scope))
    assert "Not your code" in page
    assert "All " not in page
    assert "class=message" not in page
    assert "class=place" not in page
    assert '"place": ""' in trouble_json(trouble_of(ValueError(), scope))


def test_frames_of_modules_have_no_locals() -> None:
    code = compile("raise KeyError", "/nowhere/module.py", "exec")
    trouble = trouble_of(caught(lambda: exec(code, {"secret": 1})), SCOPE)
    [frame, *_] = trouble.raised[0].frames
    assert (frame.is_users, frame.values, frame.code) == (True, [], [])


def test_exceptions_that_caused_each_other_end() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert [raised.message for raised in trouble_of(first, SCOPE).raised] == ["first", "second"]
    chain = [ValueError(str(number)) for number in range(9)]
    for error, cause in pairwise(chain):
        error.__cause__ = cause
    assert len(trouble_of(chain[0], SCOPE).raised) == 5


def test_a_misfit_without_a_known_endpoint() -> None:
    error = ResponseValidationError([{"loc": ("response",), "msg": "<wrong>", "input": 1}])
    trouble = trouble_of(error, {**SCOPE, "endpoint": print})
    page = trouble_page(trouble)
    assert "What <code>print</code> returned is not what it declares:" in page
    assert "response: &lt;wrong&gt; (got 1)" in page


def test_the_page_of_a_failure() -> None:
    page = failure_page(ImportFailure("Cannot import <x>", details=["a <b>", "c"], advice="Do <d>"))
    assert "<h1>Cannot import &lt;x&gt;</h1>" in page
    assert "a &lt;b&gt;\nc" in page
    assert "<p class=advice>Do &lt;d&gt;</p>" in page
    assert "<pre" not in failure_page(ImportFailure("x"))


def test_the_page_of_a_failure_runs_its_own_script_and_no_other() -> None:
    page = failure_page(ImportFailure("Cannot import <script>1</script>"))
    [script] = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    assert "location.reload()" in script
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"connect-src 'self'; script-src 'sha256-{digest}'\"" in page
