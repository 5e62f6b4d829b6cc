import inspect
from typing import Any, Required, TypedDict, Unpack

import pytest

from martlet._engine.words.errors import UnknownOptionError
from martlet._engine.words.keywords import check_options, option_names, spelled_out, with_defaults
from martlet._engine.words.unset import UNSET


class Base(TypedDict, total=False):
    colour: str


class Options(Base, total=False):
    size: Required[int]
    weight: float


def test_names_are_own_and_inherited_ones() -> None:
    assert option_names(Options) == {"colour", "size", "weight"}


def test_known_options_pass() -> None:
    check_options({}, Options, "paint")
    check_options({"colour": "red", "size": 3}, Options, "paint")


@pytest.mark.parametrize(
    ("name", "advice"), [("color", "\n  Did you mean 'colour'?"), ("wieght", "\n  Did you mean 'weight'?"), ("xyz", "")]
)
def test_an_unknown_option_is_refused(name: str, advice: str) -> None:
    with pytest.raises(UnknownOptionError) as caught:
        check_options({"size": 3, name: 1}, Options, "paint")
    assert str(caught.value) == f"paint() got an unexpected keyword argument {name!r}{advice}"


def test_a_signature_shows_the_options() -> None:
    @spelled_out(Options)
    def paint(wall: str, *coats: str, weight: float = 1.0, **options: Unpack[Base]) -> Any:
        return wall, coats, weight, options

    parameters = inspect.signature(paint).parameters
    assert list(parameters) == ["wall", "coats", "weight", "colour", "size"]
    assert parameters["weight"].default == 1.0
    assert parameters["colour"].default is UNSET
    assert parameters["colour"].annotation is str
    assert paint("north", "a", colour="red") == ("north", ("a",), 1.0, {"colour": "red"})


def test_defaults_fill_in_what_was_not_said() -> None:
    assert with_defaults({"size": UNSET, "colour": None}, {"size": 3, "weight": 1.5}) == {
        "size": 3,
        "weight": 1.5,
        "colour": None,
    }
