"""What a pydantic core schema lets the compiler do: three questions, asked once for each route.

Does validation call Python code of the user's? Does it give the same for JSON text as for the parsed data? Is an
instance of the class left as it is? A kind of schema that is not known here is answered with the careful answer.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]

# What says nothing of validation; a default is a value, and may look like a schema: `{"type": "function-call"}`.
_NOT_VALIDATION = frozenset({"metadata", "serialization", "config", "computed_fields", "cls", "default"})

# The same from JSON text as from what `json.loads` makes of it, also where a smart union tries a choice strictly.
_EXACT = frozenset(
    {
        "any",
        "none",
        "bool",
        "int",
        "float",
        "str",
        "list",
        "dict",
        "model",
        "model-fields",
        "model-field",
        "typed-dict",
        "typed-dict-field",
        "nullable",
        "default",
        "definitions",
        "definition-ref",
        "union",
        "tagged-union",
    }
)

# The same only while nothing is strict: strict JSON takes a date's text for a date, strict Python does not.
_LAX = _EXACT | {
    "date",
    "time",
    "datetime",
    "timedelta",
    "uuid",
    "literal",
    "enum",
    "set",
    "frozenset",
    "tuple",
    "dataclass",
    "dataclass-args",
    "dataclass-field",
}

_MODE_OPTIONS = ("strict", "val_json_bytes", "coerce_numbers_to_str")


def calls_python(schema: Schema) -> bool:
    """Whether validating calls code of the user's: a validator, a factory, an initialiser."""
    return _calls(schema) or any(map(calls_python, children(schema)))


def _calls(schema: Schema) -> bool:
    kind = schema["type"]
    return bool(
        kind.startswith("function-")
        or kind in ("call", "custom-error", "callable")
        or schema.get("default_factory") is not None
        or schema.get("post_init")
        or schema.get("custom_init")
        or callable(schema.get("discriminator"))
    )


def same_from_json(schema: Schema, *, strict: bool = False) -> bool:
    """Whether `validate_json(text)` gives what `validate_python(json.loads(text))` gives, where it gives anything.

    Args:
        schema: a core schema.
        strict: whether a smart union around it may try it strictly.
    """
    kind = schema["type"]
    if kind.startswith("function-"):
        known = schema["function"]["type"] == "no-info"  # the others are told the mode
    else:
        known = kind in (_EXACT if strict else _LAX)
    if not known or any(_option(schema, option) for option in _MODE_OPTIONS):
        return False
    if kind == "dict" and schema.get("keys_schema", {"type": "str"})["type"] != "str":
        return False
    strict = strict or kind == "union"
    return all(same_from_json(each, strict=strict) for each in children(schema))


def _option(schema: Schema, option: str) -> bool:
    config = schema.get("config") or {}
    return bool(schema.get(option) or config.get(option))


def trusted_class(schema: Schema) -> type[Any] | None:
    """Return the model whose exact instances validation hands back untouched; None where there is no such model."""
    return _trusted(*_defined(schema))


def trusted_item_class(schema: Schema) -> type[Any] | None:
    """Return what `trusted_class` says of the items of a list without constraints."""
    schema, definitions = _defined(schema)
    if schema["type"] != "list" or schema.keys() - {"type", "items_schema", "metadata"}:
        return None
    return _trusted(schema.get("items_schema", {"type": "any"}), definitions)


def _defined(schema: Schema) -> tuple[Schema, Mapping[str, Schema]]:
    """Return the schema itself and what it refers to by name: models that are used twice, or within themselves."""
    if schema["type"] != "definitions":
        return schema, {}
    return schema["schema"], {each["ref"]: each for each in schema["definitions"]}


def _trusted(schema: Schema, definitions: Mapping[str, Schema]) -> type[Any] | None:
    if schema["type"] == "definition-ref":
        schema = definitions[schema["schema_ref"]]
    if schema["type"] != "model" or _option(schema, "revalidate_instances"):
        return None
    cls: type[Any] = schema["cls"]
    return cls


def children(schema: Schema) -> Iterator[Schema]:
    """Yield the schemas right inside a schema."""
    for key, value in schema.items():
        if key not in _NOT_VALIDATION:
            yield from _schemas(value)


def _schemas(value: Any) -> Iterator[Schema]:
    if isinstance(value, Mapping):
        if isinstance(value.get("type"), str) and value["type"] not in ("no-info", "with-info"):
            yield value
        else:
            for each in value.values():
                yield from _schemas(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _schemas(each)
