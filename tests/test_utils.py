"""The small functions that packages import from `utils`."""

from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from martlet import utils
from martlet._engine.words.errors import FastAPIDeprecationWarning, InvalidFieldTypeError
from tests.engine.declare.frameworks import Framework, both


class Unknown:
    """No type that pydantic knows."""


@both
def test_the_names_are_fastapis(framework: Framework) -> None:
    module = framework.module("utils")
    assert all(hasattr(module, name) for name in utils.__all__)


@both
def test_statuses_without_a_body(framework: Framework) -> None:
    allowed = framework.module("utils").is_body_allowed_for_status_code
    statuses = (None, 100, 200, 204, 205, 304, 404, "204", "2XX", "default")
    assert [allowed(status) for status in statuses] == [
        True,
        False,
        True,
        False,
        False,
        False,
        True,
        False,
        True,
        True,
    ]


@both
def test_names_in_a_path(framework: Framework) -> None:
    assert framework.module("utils").get_path_param_names("/{a}/b/{c}") == {"a", "c"}


@both
def test_a_field_of_a_type(framework: Framework) -> None:
    create = framework.module("utils").create_model_field
    field = create("n", int, default=3, alias="a")
    assert (field.name, field.alias, field.get_default()) == ("n", "a", 3)
    assert create("n", int).field_info.is_required()
    assert create("n", int, mode="serialization").mode == "serialization"
    info = FieldInfo(annotation=str, default="x")
    assert create("n", str, field_info=info).field_info is info


def test_a_field_of_no_type() -> None:
    with pytest.raises(InvalidFieldTypeError, match="Invalid args for response field! Hint"):
        utils.create_model_field("n", Unknown)


@both
@pytest.mark.parametrize(
    ("main", "update", "result"),
    [
        ({}, {"a": 1}, {"a": 1}),
        ({"a": 1}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": [1]}, {"a": [2]}, {"a": [1, 2]}),
        ({"a": [1]}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": None}, {"a": None}),
    ],
)
def test_dictionaries_are_updated_deeply(framework: Framework, main: Any, update: Any, result: Any) -> None:
    changed = {key: dict(value) if isinstance(value, dict) else value for key, value in main.items()}
    framework.module("utils").deep_dict_update(changed, update)
    assert changed == result


@both
def test_the_first_value_that_is_no_placeholder(framework: Framework) -> None:
    choose = framework.module("utils").get_value_or_default
    default = framework.module("datastructures").Default
    assert choose(default(1), 2, 3) == 2
    assert choose(1, 2) == 1
    assert choose(default(1), default(2)) == default(1)


@both
def test_an_id_of_the_first_years(framework: Framework) -> None:
    deprecated = framework.module("exceptions").FastAPIDeprecationWarning
    with pytest.warns(deprecated, match="generate_operation_id_for_path"):
        found = framework.module("utils").generate_operation_id_for_path(name="read", path="/a/{b}", method="GET")
    assert found == "read_a__b__get"
    assert issubclass(FastAPIDeprecationWarning, UserWarning)


def test_a_model_is_a_type() -> None:
    class Model(BaseModel):
        a: int

    assert utils.create_model_field("n", Model).field_info.annotation is Model
