"""FastAPI's corner of the scope."""

from martlet._engine.words.scope import fastapi_scope, restore, telling, told, update_scope


def test_it_is_made_on_first_use() -> None:
    scope: dict[str, object] = {}
    assert told(scope, "key") is None
    assert scope == {}
    fastapi_scope(scope)["key"] = 1
    assert told(scope, "key") == 1


def test_it_can_be_told_something_for_a_while() -> None:
    scope: dict[str, object] = {}
    with telling(scope, "key", 1):
        with telling(scope, "key", 2):
            assert told(scope, "key") == 2
        assert told(scope, "key") == 1
    assert scope == {"fastapi": {}}


def test_nothing_is_restored_where_there_is_no_such_corner() -> None:
    scope = {"fastapi": "something else"}
    restore(scope, "key", 1)
    assert scope == {"fastapi": "something else"}


def test_a_match_adds_to_it() -> None:
    scope: dict[str, object] = {"fastapi": {"a": 1}, "path_params": {}}
    found = {"fastapi": {"b": 2}, "path_params": {"id": 1}}
    update_scope(scope, found)
    assert scope == {"fastapi": {"a": 1, "b": 2}, "path_params": {"id": 1}}
    assert found == {"fastapi": {"b": 2}, "path_params": {"id": 1}}
    update_scope(scope, {"endpoint": 2})
    assert scope["endpoint"] == 2
    other: dict[str, object] = {}
    update_scope(other, {"fastapi": {"b": 2}})
    assert other == {"fastapi": {"b": 2}}
