"""`parameters` and `requestBody` of an operation: what a request carries.

The name of a parameter is the first under which the value is looked for. Where the endpoint and a dependency both
declare one, it is listed once, at the first's place: as the required one if either is, else as the last one says.
"""

from collections.abc import Iterator
from typing import Any

from martlet._engine.describe.inputs import Inputs
from martlet._engine.describe.schemas import Schemas
from martlet._engine.read.slot import Slot, model_slots, wire_names
from martlet._engine.words.unset import UNSET
from martlet.encoders import jsonable_encoder


def parameters(inputs: Inputs, schemas: Schemas) -> list[dict[str, Any]]:
    """Return the operation's `parameters`."""
    listed: list[dict[str, Any]] = []
    for place, slots in inputs.groups:
        for slot in slots:
            listed.extend(_described(place, slot, schemas))
    by_name = {(each["in"], each["name"]): each for each in listed}
    if len(by_name) == len(listed):
        return listed
    by_name.update({(each["in"], each["name"]): each for each in listed if each["required"]})
    return list(by_name.values())


def request_body(field: Slot, schemas: Schemas) -> dict[str, Any]:
    """Return the operation's `requestBody`; `field` stands for the whole body."""
    info: Any = field.field_info
    schema, examples, required = schemas.of(field), _examples(info), info.is_required()

    def described() -> dict[str, Any]:
        content = {info.media_type: {"schema": schema, **examples}}
        return {"required": True, "content": content} if required else {"content": content}

    return described() if examples else schemas.once(("body", id(schema), info.media_type, required), described)


def _described(place: str, slot: Slot, schemas: Schemas) -> Iterator[dict[str, Any]]:
    """Yield the parameter that a slot stands for, or those of a parameter model."""
    owner = slot.field_info
    if not getattr(owner, "include_in_schema", True):
        return
    model = slot.model
    left_out = model is not None and owner.annotation is not model and not slot.required
    for each in (slot,) if model is None else model_slots(model):
        info = each.field_info
        by_owner = getattr(owner, "convert_underscores", True)
        hyphens = place == "header" and getattr(info, "convert_underscores", by_owner)
        alias, name = wire_names(each, path=place == "path", hyphens=hyphens)[0]
        parameter = {
            "name": name,
            "in": place,
            "required": each.required and not left_out,
            "schema": schemas.of(each, alias),
        }
        if info.description:
            parameter["description"] = info.description
        parameter.update({key: value for key, value in _examples(info).items() if value is not None})
        if info.deprecated:
            parameter["deprecated"] = True
        yield parameter


def _examples(info: Any) -> dict[str, Any]:
    """Return OpenAPI's `examples` of a slot, or its older `example`; those of JSON Schema stand in the schema."""
    named = getattr(info, "openapi_examples", None)
    if named:
        return {"examples": jsonable_encoder(named)}
    single = getattr(info, "example", UNSET)
    return {} if single is UNSET else {"example": jsonable_encoder(single)}
