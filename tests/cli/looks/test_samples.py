"""Paths that stand for templates: the template matches them."""

from collections.abc import Iterator

import pytest
from starlette.convertors import CONVERTOR_TYPES, Convertor, register_url_convertor

from martlet._engine.match.template import Template
from martlet.cli.looks.samples import sample_of


class Fussy(Convertor[str]):
    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]+"

    def convert(self, value: str) -> str:
        if "-" not in value:
            raise ValueError(value)
        return value

    def to_string(self, value: str) -> str:
        return value


class Odd(Fussy):
    regex = "no guess at all"


@pytest.fixture(autouse=True)
def convertors() -> Iterator[None]:
    register_url_convertor("fussy", Fussy())
    register_url_convertor("odd", Odd())
    yield
    del CONVERTOR_TYPES["fussy"], CONVERTOR_TYPES["odd"]


@pytest.mark.parametrize(
    ("path", "sample"),
    [
        ("/items", "/items"),
        ("/items/{item_id}", "/items/{item_id}"),
        ("/items/{item_id:int}", "/items/918273645"),
        ("/{a:float}/{b:uuid}", "/918273.645/9f1c27a0-5e64-4b7d-8a3e-0c6d1b2f4e58"),
        ("/files/{rest:path}", "/files/{rest}/{rest}"),
        ("/days/{day:fussy}", "/days/2026-11-22"),
        ("/odd/{x:odd}", None),
    ],
)
def test_a_template_has_a_sample(path: str, sample: str | None) -> None:
    template = Template.parse(path)
    assert sample_of(template) == sample
    assert sample is None or template.regex.match(sample)
