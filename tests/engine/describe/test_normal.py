"""Parts and items that go by themselves come out as those of a document that goes through the models as a whole."""

import json
from enum import Enum
from typing import Any

import pytest
from pydantic import ValidationError

from martlet._engine.describe import document as describing
from martlet._engine.describe.normal import Settled, drop_none, normal, settled
from martlet.openapi.models import OpenAPI
from tests.engine.describe.oracle import NAMES, martlet_apps

INFO = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1.0"}}
ANSWERS = {"200": {"content": {"application/json": {"schema": {"title": "A", "type": "string"}}}, "description": "Yes"}}
BODY = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}, "required": True}
BY_PATH = {"name": "x", "in": "path", "required": True, "schema": {"title": "X", "minimum": 1, "type": "integer"}}


class Tag(Enum):
    shop = "shop"


def as_a_whole(document: dict[str, Any]) -> dict[str, Any]:
    """Return the normal form by the definition of it."""
    said = {key: value for key, value in document.items() if value is not None}
    plain = OpenAPI.model_validate(said).model_dump(mode="json", by_alias=True, exclude_none=True)
    drop_none(plain)
    return plain


def in_parts(document: dict[str, Any]) -> dict[str, Any]:
    return normal({**document, "paths": {path: settled(item) for path, item in document["paths"].items()}})


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", NAMES)
def test_documents_are_what_they_are_as_a_whole(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw: list[dict[str, Any]] = []

    def kept(document: dict[str, Any]) -> dict[str, Any]:
        raw.append(document)
        return document

    monkeypatch.setattr(describing, "settled", dict)
    monkeypatch.setattr(describing, "normal", kept)
    for app in martlet_apps(name).values():
        app.openapi()
    assert raw
    for document in raw:
        assert json.dumps(in_parts(document)) == json.dumps(as_a_whole(document))


@pytest.mark.parametrize(
    "operation",
    [
        {"responses": ANSWERS},
        {"responses": ANSWERS, "requestBody": BODY, "tags": ["shop"]},
        {"responses": ANSWERS, "requestBody": BODY, "tags": [Tag.shop]},
        {"responses": ANSWERS, "requestBody": {**BODY, "required": "true"}},
        {"responses": ANSWERS, "requestBody": {"$ref": "#/components/requestBodies/Item"}},
        {"responses": ANSWERS, "requestBody": None},
        {"responses": ANSWERS, "requestBody": "no body"},
        {"responses": {**ANSWERS, "404": "no answer", "500": None, "_sa": {}}},
        {"responses": {200: {"description": "Yes"}}},
        {"responses": []},
        {"responses": ANSWERS, "parameters": [BY_PATH]},
        {"responses": ANSWERS, "parameters": [{**BY_PATH, "in": "nowhere"}]},
        {"responses": ANSWERS, "parameters": [{"$ref": "#/components/parameters/x"}]},
        {"responses": ANSWERS, "parameters": [{**BY_PATH, "$ref": "#/components/parameters/x"}]},
        {"responses": ANSWERS, "parameters": ["no parameter"]},
        {"responses": ANSWERS, "parameters": "no parameters"},
        {"responses": ANSWERS, "x-extension": {"kept": None, "_sa_state": 1, "as": [1, {"none": None}, [None]]}},
        {"responses": ANSWERS, "parameters": [BY_PATH], "description": "half a pair: \ud83d", "x-none": None},
    ],
)
@pytest.mark.parametrize("method", ["get", "query"])
def test_operations_are_what_they_are_in_a_whole(operation: dict[str, Any], method: str) -> None:
    document = {**INFO, "paths": {"/a": {method: operation}, "/b": {"put": operation, "get": {"responses": ANSWERS}}}}
    assert json.dumps(in_parts(document)) == json.dumps(as_a_whole(document))


def test_an_item_is_settled_only_where_the_models_would_keep_it() -> None:
    assert isinstance(settled({"get": {"parameters": [BY_PATH], "responses": ANSWERS}}), Settled)
    assert not isinstance(settled({"query": {"parameters": [BY_PATH], "responses": ANSWERS}}), Settled)
    assert not isinstance(settled({"get": {"responses": ANSWERS}}), Settled)


def test_what_is_shared_before_is_not_shared_afterwards() -> None:
    item = {"post": {"requestBody": BODY, "responses": ANSWERS}}
    paths = in_parts(
        {**INFO, "paths": {"/a": item, "/b": item, "/c": {"get": {"parameters": [BY_PATH], **item["post"]}}}}
    )["paths"]
    paths["/a"]["post"]["responses"]["200"]["description"] = "changed"
    paths["/c"]["get"]["requestBody"]["content"].clear()
    assert paths["/b"]["post"] == item["post"]
    assert BODY["content"]


def test_what_is_no_openapi_is_refused() -> None:
    with pytest.raises(ValidationError):
        in_parts({**INFO, "paths": {}, "tags": [{"description": "nameless"}]})
