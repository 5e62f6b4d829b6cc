"""The models of a document are FastAPI's: the same fields, the same values accepted, the same order."""

import sys
from typing import Any

import fastapi.openapi.models as genuine
import pytest
from pydantic import BaseModel, ValidationError

from martlet.openapi import models as ours

MODELS = sorted(
    name
    for name, each in vars(genuine).items()
    if isinstance(each, type) and issubclass(each, BaseModel) and each is not BaseModel
)

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {
        "title": "T",
        "version": "1",
        "summary": "S",
        "contact": {"name": "A", "url": "https://example.com", "email": "a@EXAMPLE.com"},
        "license": {"name": "MIT", "identifier": "MIT"},
        "x-extension": 1,
    },
    "servers": [{"url": "/v1", "variables": {"a": {"enum": ["x"], "default": "x"}}}, {"url": "https://example.com"}],
    "paths": {
        "/items": {
            "get": {
                "tags": ["a"],
                "operationId": "read",
                "parameters": [
                    {"name": "q", "in": "query", "schema": {"type": ["string", "null"], "minLength": 1}},
                    {"$ref": "#/components/parameters/p"},
                ],
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {"$ref": "#/components/schemas/A"},
                            "encoding": {"a": {"headers": {"X": {"schema": {"type": "string"}}}}},
                        }
                    }
                },
                "responses": {"200": {"description": "OK", "links": {"l": {"operationId": "read"}}}, "x-y": 1},
                "callbacks": {"c": {"{$url}": {"post": {"summary": "s"}}}},
                "security": [{"key": []}],
            }
        },
        "x-paths": True,
    },
    "webhooks": {"new": {"post": {"responses": {"200": {"description": "OK"}}}}},
    "components": {
        "schemas": {
            "A": {
                "$defs": {"B": True},
                "allOf": [{"not": {"const": 1}}],
                "if": {"type": "object"},
                "else": False,
                "properties": {"a": {"items": {"$ref": "#/x"}, "multipleOf": 2.5}},
                "dependentRequired": {"a": ["b"]},
                "discriminator": {"propertyName": "kind", "mapping": {"a": "b"}},
                "xml": {"name": "n"},
                "externalDocs": {"url": "https://example.com"},
                "example": {"a": 1},
                "x-more": [1],
            }
        },
        "examples": {"e": {"summary": "s", "value": 1, "x-z": 2}},
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
            "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            "oauth": {"type": "oauth2", "flows": {"password": {"tokenUrl": "t", "scopes": {"a": "A"}}}},
            "openid": {"type": "openIdConnect", "openIdConnectUrl": "u"},
        },
    },
    "tags": [{"name": "a", "externalDocs": {"url": "https://example.com"}}],
}


@pytest.mark.parametrize("name", MODELS)
def test_a_model_has_the_fields_of_fastapis(name: str) -> None:
    mine, theirs = getattr(ours, name), getattr(genuine, name)
    assert [
        (key, field.alias, field.is_required(), repr(field.default)) for key, field in mine.model_fields.items()
    ] == [(key, field.alias, field.is_required(), repr(field.default)) for key, field in theirs.model_fields.items()]
    assert mine.model_config.get("extra") == theirs.model_config.get("extra")


def plain(schema: Any) -> Any:
    """A schema without the sentences, which are ours."""
    if isinstance(schema, dict):
        return {key: plain(value) for key, value in schema.items() if key != "description" or isinstance(value, dict)}
    return [plain(each) for each in schema] if isinstance(schema, list) else schema


def test_the_models_of_a_whole_document_demand_what_fastapis_demand() -> None:
    assert plain(ours.OpenAPI.model_json_schema()) == plain(genuine.OpenAPI.model_json_schema())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_document_goes_in_and_comes_out_as_from_fastapis() -> None:
    written = [
        module.OpenAPI(**DOCUMENT).model_dump_json(by_alias=True, exclude_none=True) for module in (ours, genuine)
    ]
    assert written[0] == written[1]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Schema", {"type": True}),
        ("Schema", {"multipleOf": 0}),
        ("Contact", {"email": "no address"}),
        ("Contact", {"email": 5}),
        ("APIKey", {"in": "body", "name": "a"}),
        ("HTTPBearer", {"scheme": "basic"}),
        ("ServerVariable", {"enum": [], "default": "a"}),
        ("OpenAPI", {}),
    ],
)
def test_a_bad_part_is_refused_as_by_fastapis(name: str, data: dict[str, Any]) -> None:
    errors = []
    for module in (ours, genuine):
        with pytest.raises(ValidationError) as refused:
            getattr(module, name)(**data)
        errors.append(refused.value.errors(include_url=False))
    assert errors[0] == errors[1]


def test_without_email_validator_an_address_is_any_text(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from pydantic import networks

    monkeypatch.setitem(sys.modules, "email_validator", None)
    monkeypatch.setattr(networks, "email_validator", None, raising=False)
    assert ours.Contact(email="no address").email == "no address"
    assert "email-validator not installed" in caplog.text


def test_security_schemes_are_a_union_in_fastapis_order() -> None:
    assert [each.__name__ for each in ours.SecurityScheme.__args__] == [
        each.__name__ for each in genuine.SecurityScheme.__args__
    ]


@pytest.mark.parametrize("name", ["APIKeyIn", "ParameterInType", "SecuritySchemeType"])
def test_enums_have_fastapis_members(name: str) -> None:
    assert {each.name: each.value for each in getattr(ours, name)} == {
        each.name: each.value for each in getattr(genuine, name)
    }
