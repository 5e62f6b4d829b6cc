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
from martlet._engine.run.notes import noting


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


def validator(values: Iterable[Value], *, noted: bool) -> SchemaValidator:
    """Return the validator of a mapping that holds the values at their places.

    Args:
        values: the values.
        noted: whether what code of the user's makes of them is to be noted; see `run/notes.py`.
    """
    definitions: dict[str, Any] = {}
    fields = {value.key: _field(value, definitions, noted=noted) for value in values}
    return _validator(core_schema.typed_dict_schema(fields), definitions)


def whole_validator(value: Value, *, noted: bool) -> Any:
    """Return the validator of a value that is not held by anything; arguments as for `validator`."""
    if not (noted and value.late):
        return value.slot.adapter.validator
    definitions: dict[str, Any] = {}
    return _validator(_schema(value, definitions, noted=noted), definitions)


def _validator(schema: Any, definitions: dict[str, Any]) -> SchemaValidator:
    return SchemaValidator(
        core_schema.definitions_schema(schema, list(definitions.values())) if definitions else schema
    )


def _field(value: Value, definitions: dict[str, Any], *, noted: bool) -> core_schema.TypedDictField:
    schema = _schema(value, definitions, noted=noted)
    alias: list[list[str | int]] = [list(place) for place in value.places]
    return core_schema.typed_dict_field(schema, required=value.slot.required, validation_alias=alias)


def _schema(value: Value, definitions: dict[str, Any], *, noted: bool) -> Any:
    schema: Any = value.slot.adapter.core_schema
    if schema["type"] == "definitions":
        definitions.update((each["ref"], each) for each in schema["definitions"])
        schema = schema["schema"]
    if not (noted and value.late):
        return schema
    note = noting(value.slot)
    if schema["type"] == "default":  # a default has to stand where the mapping sees it
        # and inside as well, for a validator that asks for it: what pydantic is told so passes no function.
        inner = core_schema.no_info_wrap_validator_function(note, schema)
        return {**schema, "schema": inner}
    return core_schema.no_info_wrap_validator_function(note, schema)
