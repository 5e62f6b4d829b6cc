"""The OpenAPI 3.1 document of an app, from its Plans.

It is what FastAPI writes, key by key and in its order, since documents are kept in repositories and compared. The order
is that of the models in `martlet.openapi.models`, through which the whole document goes at the end: they refuse what
is no OpenAPI, write URLs and numbers in one way, and drop what is None.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from martlet._engine.describe.normal import normal, settled
from martlet._engine.describe.operation import Outline, outline, path_item, refers_to_validation_error, slots_of
from martlet._engine.describe.schemas import JsonSchema, Schemas, schemas_of
from martlet._engine.describe.security import security_schemes
from martlet._engine.read.plan import Plan
from martlet.openapi.constants import REF_PREFIX

VALIDATION_ERROR: JsonSchema = {
    "title": "ValidationError",
    "type": "object",
    "properties": {
        "loc": {
            "title": "Location",
            "type": "array",
            "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        },
        "msg": {"title": "Message", "type": "string"},
        "type": {"title": "Error Type", "type": "string"},
        "input": {"title": "Input"},
        "ctx": {"title": "Context", "type": "object"},
    },
    "required": ["loc", "msg", "type"],
}
"""One error of a 422."""

HTTP_VALIDATION_ERROR: JsonSchema = {
    "title": "HTTPValidationError",
    "type": "object",
    "properties": {
        "detail": {"title": "Detail", "type": "array", "items": {"$ref": f"{REF_PREFIX}ValidationError"}},
    },
}
"""The body of a 422."""

ERROR_SCHEMAS: dict[str, JsonSchema] = {
    "ValidationError": VALIDATION_ERROR,
    "HTTPValidationError": HTTP_VALIDATION_ERROR,
}


@dataclass(frozen=True, slots=True)
class Info:
    """What the document says of the app as a whole; an empty value says nothing.

    Args:
        title: the name of the API.
        version: the API's own version.
        openapi_version: the version of the specification that the document claims to follow.
        summary: one line on the API.
        description: what the API is for, in Markdown.
        terms_of_service: the address of the terms of service.
        contact: name, url and email of who answers for the API.
        license_info: name and either identifier or url of the licence.
        tags: name, description and externalDocs of tags, in the order in which pages show them.
        servers: url, description and variables of where the API is served.
        external_docs: description and url of further documentation.
        separate_input_output_schemas: whether a model that is read and written differently has two schemas.
        error_schemas: the schemas behind the automatic 422.
    """

    title: str
    version: str
    openapi_version: str = "3.1.0"
    summary: str | None = None
    description: str | None = None
    terms_of_service: str | None = None
    contact: Mapping[str, Any] | None = None
    license_info: Mapping[str, Any] | None = None
    tags: Sequence[Mapping[str, Any]] | None = None
    servers: Sequence[Mapping[str, Any]] | None = None
    external_docs: Mapping[str, Any] | None = None
    separate_input_output_schemas: bool = True
    error_schemas: Mapping[str, JsonSchema] = field(default_factory=lambda: ERROR_SCHEMAS)


def describe(info: Info, plans: Sequence[Plan], webhooks: Sequence[Plan] = ()) -> dict[str, Any]:
    """Return the document.

    Args:
        info: what it says of the app.
        plans: the path operations, in the order of their declaration.
        webhooks: the operations that the app calls and its clients serve.

    Warns:
        UserWarning: two operations have one id.

    Raises:
        pydantic.ValidationError: something that the user wrote by hand is no OpenAPI.
    """
    called, calling = [*map(outline, plans)], [*map(outline, webhooks)]
    shown = schemas_of(slots_of([*called, *calling]), separate=info.separate_input_output_schemas)
    schemas = shown.without_none()
    taken_ids: set[str] = set()
    document = {
        "openapi": info.openapi_version,
        "info": _info(info),
        "servers": info.servers or None,
        "paths": _paths(called, schemas, taken_ids, settled),
        "webhooks": _paths(calling, schemas, taken_ids, dict) or None,
        "components": _components([*called, *calling], schemas, info.error_schemas) or None,
        "tags": info.tags or None,
        "externalDocs": info.external_docs or None,
    }
    return normal(document)


def _info(info: Info) -> dict[str, Any]:
    said = {
        "summary": info.summary,
        "description": info.description,
        "termsOfService": info.terms_of_service,
        "contact": info.contact,
        "license": info.license_info,
    }
    return {"title": info.title, "version": info.version, **{key: value for key, value in said.items() if value}}


def _paths(
    outlines: Sequence[Outline], schemas: Schemas, taken_ids: set[str], finish: Callable[[dict[str, Any]], Any]
) -> dict[str, Any]:
    """Return the operations by path; of two for one path and method the last stands.

    Args:
        outlines: those of the paths.
        schemas: those of the document.
        taken_ids: the ids of the operations before; those of these are added.
        finish: is given the operations of a path once they are all there, and returns what is to stand there.
    """
    awaited = Counter(each.plan.path_format for each in outlines)
    paths: dict[str, Any] = {}
    for each in outlines:
        path = each.plan.path_format
        item = path_item(each, schemas, taken_ids)
        if item:
            paths.setdefault(path, {}).update(item)
        awaited[path] -= 1
        if not awaited[path] and path in paths:
            paths[path] = finish(paths[path])
    return paths


def _components(
    outlines: Sequence[Outline], schemas: Schemas, error_schemas: Mapping[str, JsonSchema]
) -> dict[str, dict[str, Any]]:
    shown = [each for each in outlines if each.plan.include_in_schema]
    definitions = dict(schemas.definitions)
    if any(map(refers_to_validation_error, shown)):
        definitions.update(error_schemas)
    components = {
        "schemas": {name: definitions[name] for name in sorted(definitions)},
        "securitySchemes": security_schemes(use for each in shown for use in each.inputs.schemes),
    }
    return {key: value for key, value in components.items() if value}
