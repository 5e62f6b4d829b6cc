"""The documents of Martlet and of genuine FastAPI are equal, key by key and in order."""

import pytest

from martlet.testclient import TestClient
from tests.engine.describe.oracle import NAMES, differences, fastapi_apps, martlet_apps


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", NAMES)
def test_document_is_that_of_fastapi(name: str) -> None:
    theirs, ours = fastapi_apps(name), martlet_apps(name)
    assert theirs.keys() == ours.keys() != set()
    for key, app in ours.items():
        assert not list(differences(theirs[key].openapi(), app.openapi())), key


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", NAMES)
def test_document_is_served_as_it_is(name: str) -> None:
    for app in martlet_apps(name).values():
        answer = TestClient(app).get("/openapi.json")
        assert answer.status_code == 200
        assert answer.json() == app.openapi()


def test_differences_in_order_type_and_length_are_seen() -> None:
    assert not list(differences({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}))
    assert list(differences({"a": 1, "b": 2}, {"b": 2, "a": 1})) == [": keys ['a', 'b'] became ['b', 'a']"]
    assert list(differences([1], [1.0])) == ["/0: 1 became 1.0"]
    assert list(differences([1], [1, 2])) == [": [1] became [1, 2]"]
    assert list(differences({"a": 1}, {"a": 2})) == ["/a: 1 became 2"]
