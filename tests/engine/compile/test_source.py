"""The text of functions, and the names under which they find things."""

import builtins
import linecache
import traceback
from typing import Any

import pytest

from martlet._engine.compile.source import Source


def test_blocks_are_indented() -> None:
    source = Source("title")
    with source.block("def answer():"):
        with source.block("if True:"):
            source.line("return 1")
        source.line("return 2")
    assert source.text == "def answer():\n    if True:\n        return 1\n    return 2\n"
    assert source.function("answer")() == 1


def test_a_listing_is_on_one_line_or_on_many() -> None:
    source = Source("title")
    source.listing("value = dict(", [], ")")
    source.listing("value = dict(", ["a=1", "b=2"], ")")
    with source.block("if True:"):
        source.listing("value = dict(", [f"{'long' * 10}{number}=1" for number in range(3)], ")")
    assert source.text.splitlines() == [
        "value = dict()",
        "value = dict(a=1, b=2)",
        "if True:",
        "    value = dict(",
        *(f"        {'long' * 10}{number}=1," for number in range(3)),
        "    )",
    ]


def test_a_name_stands_for_one_object() -> None:
    source = Source("title")
    one, other = object(), object()
    assert source.bind("thing", one) == "thing"
    assert source.bind("thing", one) == "thing"
    assert source.bind("thing", other) == "thing_1"
    assert source.bind("thing", object()) == "thing_2"


@pytest.mark.parametrize("name", ["scope", "d7", "values2", "len", "None", "print", "ValueError"])
def test_a_name_of_a_variable_or_a_builtin_is_left_to_it(name: str) -> None:
    source = Source("title", {"scope", "d", "values"})
    assert source.bind(name, object()) == f"{name}_1"
    assert source.bind(name, object()) == f"{name}_2"


def named(name: Any) -> Any:
    def function() -> None: ...

    function.__name__ = name
    return function


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("get_db", "get_db"),
        ("<lambda>", "dependency"),
        ("größe", "dependency"),
        ("class", "dependency"),
        ("__call__", "dependency"),
        ("", "dependency"),
        ("scope", "scope_1"),
        ("type", "type_1"),
    ],
)
def test_a_callable_has_its_own_name_where_that_can_be_written(name: str, bound: str) -> None:
    source = Source("title", {"scope"})
    assert source.bind_callable(named(name), 1, "dependency") == bound


def test_a_callable_without_a_name_has_another_one() -> None:
    class Callable:
        def __call__(self) -> None: ...

    source = Source("title")
    assert source.bind_callable(Callable(), 1, "dependency") == "dependency"


def test_no_input_can_break_the_text() -> None:
    """What users name goes into titles and objects, never into the text."""
    source = Source('GET /"""\n\\{x}')
    value = source.bind("value", '"""; import os')
    with source.block("def answer():"):
        source.line(f"return {value}")
    assert source.function("answer")() == '"""; import os'


def test_lines_are_found_by_tracebacks_and_each_function_has_a_file_of_its_own() -> None:
    functions = []
    for _ in range(2):
        source = Source("title")
        with source.block("def fail():"):
            source.line("raise ValueError  # here")
        functions.append(source.function("fail"))
    names = {function.__code__.co_filename for function in functions}
    assert len(names) == 2
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - any will do
        functions[0]()
    frame = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert (frame.name, frame.line) == ("fail", "raise ValueError  # here")
    linecache.checkcache()
    assert linecache.getline(frame.filename, 1) == "def fail():\n"


def test_a_function_has_the_builtins() -> None:
    source = Source("title")
    with source.block("def answer():"):
        source.line("return len")
    assert source.function("answer")() is builtins.len
