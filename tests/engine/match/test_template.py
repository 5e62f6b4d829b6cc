import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.convertors import CONVERTOR_TYPES, Convertor, IntegerConvertor, StringConvertor
from starlette.routing import compile_path

from martlet._engine.match.template import Template
from martlet._engine.words.errors import DuplicateParameterError, InvalidPathError

PATHS = (
    *("", "/", "/items", "/items/", "/items/{item_id}", "/items/{item_id:int}", "/{a}/{b:path}", "/{a}.{b}", "/{a}{b}"),
    *(
        "items/{item_id}",
        "{sub}.example.org",
        "{sub}.example.org:8000",
        "/{not-a-name}",
        "/{}",
        "/{a:}",
        "/a.b*c",
        "/é",
    ),
    *("/{a:date}/x", "/{a:pair}"),
)


@pytest.mark.parametrize("path", PATHS)
def test_it_is_what_starlette_makes_of_it(path: str) -> None:
    template = Template.parse(path)
    regex, path_format, convertors = compile_path(path)
    assert template.regex == regex
    assert template.path_format == path_format
    assert template.converters == convertors
    assert template.param_names == tuple(convertors)


@given(st.text("/ab{}:int_1.\n\\", max_size=16))
def test_it_is_what_starlette_makes_of_any_text(path: str) -> None:
    try:
        regex, path_format, convertors = compile_path(path)
    except (AssertionError, ValueError) as error:
        with pytest.raises(type(error), match=re.escape(str(error))):
            Template.parse(path)
        return
    template = Template.parse(path)
    assert (template.regex, template.path_format, template.converters) == (regex, path_format, convertors)


def test_parameters_and_texts_are_tokens() -> None:
    template = Template.parse("/items/{item_id:int}/{rest}")
    assert template.tokens[::2] == ("/items/", "/")
    assert [parameter.name for parameter in template.parameters] == ["item_id", "rest"]
    assert isinstance(template.converters["item_id"], IntegerConvertor)
    assert isinstance(template.converters["rest"], StringConvertor)


@pytest.mark.parametrize(
    ("path", "start"), [("/items/{item_id}/x", "/items/"), ("/items", "/items"), ("{host}.example.com", ""), ("", "")]
)
def test_what_every_matching_path_begins_with(path: str, start: str) -> None:
    assert Template.parse(path).start == start


def test_templates_of_one_path_are_equal() -> None:
    assert Template.parse("/items/{item_id}") == Template.parse("/items/{item_id}")
    assert Template.parse("/items/{item_id}") != Template.parse("/items/{item}")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/{a}/{a}", "Duplicated param name a at path /{a}/{a}"),
        ("/{b}/{a}/{b}/{a}", "Duplicated param names a, b at path /{b}/{a}/{b}/{a}"),
    ],
)
def test_two_parameters_of_one_name_are_refused(path: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}\n  Give each") as caught:
        Template.parse(path)
    assert isinstance(caught.value, DuplicateParameterError)


@pytest.mark.parametrize(
    ("kind", "advice"),
    [("in", "Did you mean 'int'?"), ("xxx", "Known are date, even, float, int, pair, path, str, upper, uuid.")],
)
def test_an_unknown_convertor_is_refused(kind: str, advice: str) -> None:
    with pytest.raises(AssertionError) as caught:
        Template.parse(f"/{{a:{kind}}}")
    assert isinstance(caught.value, InvalidPathError)
    assert str(caught.value) == f"Unknown path convertor '{kind}'\n  It is in the path '/{{a:{kind}}}'. {advice}"


def test_a_convertor_whose_regex_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(Convertor[str]):
        regex = "("

    monkeypatch.setitem(CONVERTOR_TYPES, "broken", Broken())
    with pytest.raises(InvalidPathError, match="cannot be compiled: missing \\)"):
        _ = Template.parse("/{a:broken}").regex


def test_a_template_keeps_the_convertors_it_was_declared_with(monkeypatch: pytest.MonkeyPatch) -> None:
    template = Template.parse("/{a:date}")
    monkeypatch.setitem(CONVERTOR_TYPES, "date", IntegerConvertor())
    assert template.regex.match("/2026-02-01")
