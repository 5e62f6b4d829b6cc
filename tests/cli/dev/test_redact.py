"""What is not shown of values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel, SecretStr

from martlet.cli.dev.redact import HIDDEN, described, is_secret, redacted, redacted_code, shown_pairs


class Account(BaseModel):
    name: str
    password: str
    pin: SecretStr = SecretStr("1234")


@dataclass
class Point:
    x: int
    token: str = "abc"
    unseen: int = field(default=0, repr=False)


class Rude:
    def __repr__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "db_password",
        "PASSWD",
        "api_key",
        "X-Api-Key",
        "authorization",
        "Cookie",
        "set-cookie",
        "access_token",
        "client_secret",
        "csrf_token",
        "session_id",
        "credentials",
        "private_key",
        "pin",
        "auth",
    ],
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["author", "keyword", "monkey", "pinned", "passenger", "user", "compass", "path"])
def test_names_of_others(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://me:hunter2@db/x", f"postgres://me:{HIDDEN}@db/x"),
        ("Authorization: Bearer abcdef123456", f"Authorization: Bearer {HIDDEN}"),
        ("eyJhbGciOi.eyJzdWIi.abc-_", HIDDEN),
        ("password=hunter2&x=1", f"password={HIDDEN}&x=1"),
        ('{"api_key": "a b", "x": 1}', f'{{"api_key": {HIDDEN}, "x": 1}}'),
        ("http://host/path?x=1", "http://host/path?x=1"),
    ],
)
def test_secrets_in_texts(text: str, shown: str) -> None:
    assert redacted(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('password = "hunter2"', f"password = '{HIDDEN}'"),
        ('def f(password: str = "x"):', f"def f(password: str = '{HIDDEN}'):"),
        ("token = make_token(user)", "token = make_token(user)"),
        ('d = {"token": "x"}', f"d = {{\"token\": '{HIDDEN}'}}"),
    ],
)
def test_secrets_in_code(line: str, shown: str) -> None:
    assert redacted_code(line) == shown


def numbers() -> Iterator[int]:
    yield 1


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("it's", '"it\'s"'),
        (b"x", "b'x'"),
        (1.5, "1.5"),
        ([1, (2,), {3}], "[1, (2), {3}]"),
        ({"a": {"token": "x", 1: 2}}, "{'a': {'token': [redacted], 1: 2}}"),
        (Account(name="a", password="b"), "Account(name='a', password=[redacted], pin=[redacted])"),
        (Point(1), "Point(x=1, token=[redacted])"),
        (Rude(), "<Rude: its repr raises ValueError>"),
        ([[[[[1]]]]], "[[[[[…]]]]]"),
        (list(range(30)), "[" + ", ".join(map(str, range(20))) + ", …]"),
        (Point, "<class 'tests.cli.dev.test_redact.Point'>"),
    ],
)
def test_values(value: Any, shown: str) -> None:
    assert described(value) == shown


def test_long_values_are_cut() -> None:
    assert len(described("x" * 10_000)) == 600
    assert described("x" * 10_000).endswith("…")


def test_headers() -> None:
    assert shown_pairs([("Cookie", "a=b"), ("Host", "x")]) == [("Cookie", HIDDEN), ("Host", "x")]
