import re
import warnings
from typing import Any

import pytest

from martlet._engine.declare.route import APIRoute
from martlet._engine.describe.names import claim_operation_id, operation_id_for_method, summary


def read_item() -> None: ...


def plan(**options: Any) -> Any:
    return APIRoute("/items/{item_id:int}", read_item, **options).plan


def test_summary_is_the_users() -> None:
    assert summary(plan(summary="Own")) == "Own"


def test_summary_is_made_from_the_name() -> None:
    assert summary(plan()) == "Read Item"
    assert summary(plan(name="", summary="")) == ""


def test_id_is_claimed_once_without_a_word() -> None:
    taken: set[str] = set()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert claim_operation_id(plan(), taken) == "read_item_items__item_id__get"
        assert claim_operation_id(plan(operation_id="own"), taken) == "own"
    assert taken == {"read_item_items__item_id__get", "own"}


def test_a_taken_id_is_warned_of_with_the_endpoint_and_its_file() -> None:
    expected = f"Duplicate Operation ID own for function read_item at {__file__}"
    with pytest.warns(UserWarning, match=re.escape(expected)):
        assert claim_operation_id(plan(operation_id="own"), {"own"}) == "own"


def test_a_taken_id_of_something_without_name_or_file() -> None:
    class Callable:
        def __call__(self) -> None: ...

    route = APIRoute("/", Callable(), operation_id="own")
    with pytest.warns(UserWarning, match=r"^Duplicate Operation ID own for function <unnamed_endpoint>$"):
        claim_operation_id(route.plan, {"own"})


def test_id_of_older_versions() -> None:
    assert operation_id_for_method(plan(), "POST") == "read_item_items__item_id__post"
    assert operation_id_for_method(plan(operation_id="own"), "POST") == "own"
