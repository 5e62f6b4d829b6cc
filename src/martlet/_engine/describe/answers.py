"""`responses` of an operation: the answer that the endpoint gives, those declared beside it, and the automatic 422.

A stream of items has an `itemSchema`, as in OpenAPI 3.2, under the media types of JSON Lines and server-sent events.
"""

import http.client
import inspect
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from starlette.responses import JSONResponse, Response

from martlet._engine.describe.merge import merged
from martlet._engine.describe.schemas import JsonSchema, Schemas
from martlet._engine.read.result import Result
from martlet._engine.read.slot import Slot
from martlet._engine.words.errors import InvalidStatusError
from martlet._engine.words.status import is_body_allowed_for_status_code
from martlet.openapi.constants import REF_PREFIX

STATUS_CODE_RANGES: dict[str, str] = {
    "1XX": "Information",
    "2XX": "Success",
    "3XX": "Redirection",
    "4XX": "Client Error",
    "5XX": "Server Error",
    "DEFAULT": "Default Response",
}
"""What OpenAPI's status code ranges mean, for answers without a description."""

_VALIDATION_ERROR: dict[str, Any] = {
    "description": "Validation Error",
    "content": {"application/json": {"schema": {"$ref": f"{REF_PREFIX}HTTPValidationError"}}},
}
_ANYTHING: JsonSchema = {}
_COVERS_VALIDATION_ERROR = frozenset({"422", "4XX", "default"})

# The fields of an event, as the WHATWG's HTML standard names them (9.2.6, "Interpreting an event stream").
_EVENT: dict[str, JsonSchema] = {
    "data": {"type": "string"},
    "event": {"type": "string"},
    "id": {"type": "string"},
    "retry": {"type": "integer", "minimum": 0},
}


def responses(result: Result, schemas: Schemas, *, refuses_input: bool) -> dict[str, dict[str, Any]]:
    """Return the operation's `responses`.

    Args:
        result: what the endpoint answers.
        schemas: those of the document.
        refuses_input: whether the operation takes anything that can be invalid.
    """
    if result.additional or result.stream or type(result.description) is not str:
        return _responses(result, schemas, refuses_input=refuses_input)
    schema = _schema(result.field, schemas)
    key = (id(schema), result.status_code, result.response_class, result.description, refuses_input)
    return schemas.once(key, lambda: _responses(result, schemas, refuses_input=refuses_input))


def _responses(result: Result, schemas: Schemas, *, refuses_input: bool) -> dict[str, dict[str, Any]]:
    described = {status_code(result): _own(result, schemas)}
    for status, declared in result.additional.items():
        key = _key(status)
        described[key] = _declared(status, declared, result, schemas, beneath=described.get(key, {}))
    if refuses_input and leaves_refusal_open(result):
        described["422"] = _VALIDATION_ERROR
    return described


def leaves_refusal_open(result: Result) -> bool:
    """Whether no declared answer covers a 422, so that the automatic one is described."""
    return _COVERS_VALIDATION_ERROR.isdisjoint({status_code(result), *map(_key, result.additional)})


def _key(status: int | str) -> str:
    upper = str(status).upper()
    return "default" if upper == "DEFAULT" else upper


def status_code(result: Result) -> str:
    """Return the status of a plain answer: the route's, or the default of the response class."""
    response_class: Any = result.response_class
    return str(_default_status(response_class) if result.status_code is None else result.status_code)


@lru_cache(maxsize=256)
def _default_status(response_class: type[Response]) -> int:
    parameter = inspect.signature(response_class.__init__).parameters.get("status_code")
    default = None if parameter is None else parameter.default
    return default if isinstance(default, int) else 200


def _own(result: Result, schemas: Schemas) -> dict[str, Any]:
    """Describe what the endpoint answers."""
    content = _content(result, schemas) if is_body_allowed_for_status_code(result.status_code) else {}
    return {"description": result.description, **({"content": content} if content else {})}


def _content(result: Result, schemas: Schemas) -> dict[str, Any]:
    if result.stream == "jsonl":
        return {"application/jsonl": {"itemSchema": _schema(result.item_field, schemas)}}
    if result.stream == "sse":
        return {"text/event-stream": {"itemSchema": _event(result.item_field, schemas)}}
    media_type = result.response_class.media_type
    if not media_type:
        return {}
    if not issubclass(result.response_class, JSONResponse):
        return {media_type: {"schema": {"type": "string"}}}
    return {media_type: {"schema": _schema(result.field, schemas)}}


def _schema(slot: Slot | None, schemas: Schemas) -> JsonSchema:
    return _ANYTHING if slot is None else schemas.of(slot)


def _event(item: Slot | None, schemas: Schemas) -> JsonSchema:
    """Describe a server-sent event, whose data is the item as JSON in a string."""
    if item is None:
        return {"type": "object", "properties": _EVENT}
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": schemas.of(item)}
    return {"type": "object", "properties": {**_EVENT, "data": data}, "required": ["data"]}


def _declared(
    status: int | str, declared: Mapping[str, Any], result: Result, schemas: Schemas, *, beneath: Mapping[str, Any]
) -> dict[str, Any]:
    """Describe an answer that a route or router declares, on top of what is said of that status already."""
    given = {key: value for key, value in declared.items() if key != "model"}
    field = result.additional_fields.get(status)
    if field is not None:
        given = _with_schema(given, result.response_class.media_type or "application/json", schemas.of(field))
    otherwise = _status_text(status)
    description = given.get("description") or beneath.get("description") or otherwise
    return {**merged(beneath, given), "description": description}


def _with_schema(response: Mapping[str, Any], media_type: str, schema: JsonSchema) -> dict[str, Any]:
    """Return the response with the model's schema on top of what its content says of the media type."""
    return merged(response, {"content": {media_type: {"schema": schema}}})


def _status_text(status: int | str) -> str:
    known = STATUS_CODE_RANGES.get(str(status).upper())
    if known:
        return known
    try:
        return http.client.responses.get(int(status), "Additional Response")
    except ValueError as refused:
        # COMPAT: FastAPI's ValueError, when the document is made (test_additional_responses_bad).
        advice = f"The keys of `responses` are status codes, ranges such as '4XX', or 'default', not {status!r}."
        raise InvalidStatusError(str(refused), advice=advice) from None
