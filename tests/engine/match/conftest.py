"""Convertors of users, as tests of the Table register them."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from starlette.convertors import CONVERTOR_TYPES, Convertor, IntegerConvertor, StringConvertor, register_url_convertor


class DateConvertor(Convertor[date]):
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def convert(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_string(self, value: date) -> str:
        return value.isoformat()


class PairConvertor(Convertor[tuple[str, ...]]):
    """Matches a slash, and has a group of its own."""

    regex = "a(/b)?"

    def convert(self, value: str) -> tuple[str, ...]:
        return tuple(value.split("/"))

    def to_string(self, value: tuple[str, ...]) -> str:
        return "/".join(value)


class UpperConvertor(StringConvertor):
    """Starlette's regex, but another value."""

    def convert(self, value: str) -> str:
        if value == "a":
            raise ValueError("a is no match")
        return value.upper()


class EvenConvertor(IntegerConvertor):
    def convert(self, value: str) -> int:
        number = int(value)
        if number % 2:
            raise ValueError(f"{number} is odd")
        return number


OURS: dict[str, Convertor[Any]] = {
    "date": DateConvertor(),
    "pair": PairConvertor(),
    "upper": UpperConvertor(),
    "even": EvenConvertor(),
}


@pytest.fixture(scope="module", autouse=True)
def convertors() -> Iterator[None]:
    for key, convertor in OURS.items():
        register_url_convertor(key, convertor)
    yield
    for key in OURS:
        del CONVERTOR_TYPES[key]
