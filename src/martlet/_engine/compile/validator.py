"""One validator for all that a request carries beside its body, and one for the body.

pydantic-core validates a typed dict whose fields are the slots, each found under the path of keys at which extraction
put it. What comes out is keyed by `Value.key`, for an endpoint without dependencies its own parameter names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic_core import SchemaValidator, core_schema

from martlet._engine.compile.schemas import calls_python
from martlet._engine.read.slot import Slot


@dataclass(frozen=True, slots=True)
class Value:
    """A slot of one of the signatures of a route.

    Args:
        owner: the index of the node whose signature it is in; None for the endpoint.
        slot: the slot.
        key: the key of the validated value.
        places: the paths of keys under which the value may stand before validation, in the order in which they count.
    """

    owner: int | None
    slot: Slot
    key: str
    places: tuple[tuple[str, ...], ...]

    @property
    def is_list(self) -> bool:
        """Whether all values of its name are read; JSON is one text, whatever is in it."""
        return self.slot.many and not self.slot.json

    @property
    def late(self) -> bool:
        """Whether validating it calls code of the user's, so that it must wait for its turn."""
        return calls_python(self.slot.adapter.core_schema)


def validator(values: Iterable[Value]) -> SchemaValidator:
    """Return the validator of a mapping that holds the values at their places."""
    definitions: dict[str, Any] = {}
    fields = {value.key: _field(value, definitions) for value in values}
    schema: core_schema.CoreSchema = core_schema.typed_dict_schema(fields)
    if definitions:
        schema = core_schema.definitions_schema(schema, list(definitions.values()))
    return SchemaValidator(schema)


def _field(value: Value, definitions: dict[str, Any]) -> core_schema.TypedDictField:
    schema: Any = value.slot.adapter.core_schema
    if schema["type"] == "definitions":
        definitions.update((each["ref"], each) for each in schema["definitions"])
        schema = schema["schema"]
    alias: list[list[str | int]] = [list(place) for place in value.places]
    return core_schema.typed_dict_field(schema, required=value.slot.required, validation_alias=alias)
