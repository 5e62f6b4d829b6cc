"""One validator for many slots: where their values stand, and models that several of them share."""

from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BaseModel, ValidationError

from martlet._engine.compile.validator import Value, validator, whole_validator
from martlet._engine.read.slot import Slot
from martlet._engine.run.notes import note_in
from martlet._engine.words.markers import Query


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Forest(BaseModel):
    trees: list[Tree]


def value(name: str, type_: Any, *places: tuple[str, ...], **options: Any) -> Value:
    return Value(None, Slot(Query(annotation=type_, **options), name), name, places)


def test_values_are_found_at_their_places_in_order() -> None:
    check = validator(
        [
            value("a", int, ("query", "a"), ("query", "A")),
            value("b", str, ("header", "b"), default="none"),
        ],
        noted=False,
    )
    assert check.validate_python({"query": {"A": "2"}, "header": {}}) == {"a": 2, "b": "none"}
    assert check.validate_python({"query": {"A": "2", "a": "1"}, "header": {"b": "x"}}) == {"a": 1, "b": "x"}
    with pytest.raises(ValidationError):
        check.validate_python({"query": {}, "header": {}})


def test_recursive_models_are_shared_by_slots() -> None:
    check = validator(
        [value("one", Tree, ("one",)), value("other", Forest, ("other",)), value("more", Tree, ("more",))],
        noted=False,
    )
    tree = {"value": "1", "children": [{"value": 2}]}
    found = check.validate_python({"one": tree, "other": {"trees": [tree]}, "more": tree})
    assert found["one"] == found["more"] == found["other"].trees[0] == Tree(value=1, children=[Tree(value=2)])


def test_a_value_waits_for_its_turn_where_the_users_code_validates() -> None:
    assert value("a", Annotated[int, AfterValidator(abs)], ("a",)).late
    assert not value("a", int, ("a",)).late


def test_what_the_users_code_makes_of_values_is_noted() -> None:
    late = [
        value("a", Annotated[int, AfterValidator(abs)], ("a",)),
        value("b", Annotated[Tree, AfterValidator(lambda tree: tree)], ("b",), default=None),
        value("c", int, ("c",), default=1),
    ]
    check, notes = validator(late, noted=True), dict[int, Any]()
    note_in(notes)
    assert check.validate_python({"a": -1, "c": 3}) == {"a": 1, "b": None, "c": 3}
    assert notes == {id(late[0].slot): (1, None)}
    with pytest.raises(ValidationError):
        check.validate_python({"a": "x", "b": "no tree"})
    value_of_a, refusal = notes[id(late[0].slot)]
    assert (value_of_a, refusal.errors()[0]["type"]) == (None, "int_parsing")
    assert id(late[1].slot) not in notes  # of what is no mapping, the careful way speaks otherwise


def test_a_whole_body_is_noted_as_well() -> None:
    late, plain = value("a", Annotated[Tree, AfterValidator(lambda tree: tree)], ("a",)), value("b", Tree, ("b",))
    notes: dict[int, Any] = {}
    note_in(notes)
    found = whole_validator(late, noted=True).validate_json(b'{"value": 1}')
    assert notes == {id(late.slot): (found, None)}
    for same in (whole_validator(late, noted=False), whole_validator(plain, noted=True)):
        assert same.validate_json(b'{"value": 1}') == Tree(value=1)
    assert len(notes) == 1
