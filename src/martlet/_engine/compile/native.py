"""Writing plain models with orjson, where nobody can tell it from pydantic's own JSON.

pydantic-core asks every field of every model for its serialiser. Where the fields hold nothing but JSON's own types and
the models say nothing of their own about how they are written, their `__dict__` is the answer already, and orjson
writes that in less than half of the time. Whatever turns out to be otherwise, by its class, goes to pydantic.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from martlet._engine.compile.schemas import Schema

# orjson is not required.
orjson: Any = import_module("orjson") if find_spec("orjson") else None

ToJSON = Callable[..., bytes]

_NATIVE = frozenset({"none", "bool", "int", "float", "str"})
# Of a field's schema: what may be said without changing how the field is written.
_FIELD_KEYS = frozenset({"type", "schema", "metadata", "validation_alias", "frozen"})
_SILENT_CONFIG = frozenset({"title", "frozen", "from_attributes", "extra_fields_behavior", "strict"})


def native_classes(schema: Schema) -> frozenset[type[Any]] | None:
    """Return the models below a schema whose JSON is that of their `__dict__`; None where there is more to it."""
    classes: set[type[Any]] = set()
    return frozenset(classes) if _is_native(schema, classes) else None


def _is_native(schema: Schema, classes: set[type[Any]]) -> bool:
    if "serialization" in schema:
        return False
    kind = schema["type"]
    if kind in _NATIVE:
        return True
    if kind in ("nullable", "default"):
        return _is_native(schema["schema"], classes)
    if kind == "list":
        return _is_native(schema.get("items_schema", {"type": "any"}), classes)
    if kind == "dict":
        keys, values = schema.get("keys_schema", {"type": "any"}), schema.get("values_schema", {"type": "any"})
        return keys["type"] == "str" and "serialization" not in keys and _is_native(values, classes)
    return kind == "model" and _is_native_model(schema, classes)


def _is_native_model(schema: Schema, classes: set[type[Any]]) -> bool:
    cls, fields = schema["cls"], schema["schema"]
    if schema.get("root_model") or fields["type"] != "model-fields" or fields.get("computed_fields"):
        return False
    if fields.get("extras_schema") or fields.get("extra_behavior") == "allow" or _says_more(schema.get("config") or {}):
        return False
    # A cached property stands among the fields' values once it was asked for.
    if any(isinstance(each, cached_property) for base in cls.__mro__ for each in vars(base).values()):
        return False
    classes.add(cls)
    return all(
        not field.keys() - _FIELD_KEYS and _is_native(field["schema"], classes) for field in fields["fields"].values()
    )


def _says_more(config: Mapping[str, Any]) -> bool:
    return bool(config.keys() - _SILENT_CONFIG) or config.get("extra_fields_behavior") == "allow"


def native_writers(classes: frozenset[type[Any]], to_json: ToJSON) -> tuple[ToJSON, ToJSON] | None:
    """Return what writes values of plain models as JSON; None where orjson is not installed.

    The second writes lists whose items are known to be exact instances: without a call of Python code for each of them.

    Args:
        classes: the models; instances of exactly these are written by their `__dict__`.
        to_json: pydantic's way, for whatever is not as declared.
    """
    if orjson is None:
        return None
    dumps, options = orjson.dumps, orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
    options |= orjson.OPT_PASSTHROUGH_SUBCLASS

    def fields(value: Any) -> dict[str, Any]:
        if type(value) in classes:
            return value.__dict__  # type: ignore[no-any-return]  # a model's is a dict of its fields
        raise TypeError

    def write(value: Any) -> bytes:
        try:
            written: bytes = dumps(value, fields, options)
        except TypeError:  # orjson's errors are TypeErrors too
            return to_json(value, by_alias=True)
        return written

    def write_items(items: list[Any]) -> bytes:
        try:
            written: bytes = dumps([item.__dict__ for item in items], fields, options)
        except TypeError:
            return to_json(items, by_alias=True)
        return written

    return write, write_items
