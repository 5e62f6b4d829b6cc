"""How an endpoint's return value is written as JSON: which check it still needs, and which serialiser writes it."""

from dataclasses import dataclass
from typing import Any

from martlet._engine.compile.native import native_classes, native_writers
from martlet._engine.compile.schemas import trusted_class, trusted_item_class
from martlet._engine.read.result import Result
from martlet._engine.run.render import filter_options


@dataclass(frozen=True, slots=True)
class Renderer:
    """The parts of writing a typed answer.

    Args:
        validate: makes the return value the declared type; None where every value is of it.
        to_json: writes that as UTF-8 JSON.
        items_to_json: does so for lists of exact instances of `trusted_items`; None where `to_json` is as good.
        options: the filters, as keyword arguments of `to_json`.
        trusted: the model whose exact instances need no validation; None where there is none.
        trusted_items: the same for the items of a list.
    """

    validate: Any
    to_json: Any
    items_to_json: Any
    options: dict[str, Any]
    trusted: type[Any] | None
    trusted_items: type[Any] | None


def renderer(result: Result) -> Renderer | None:
    """Return how typed answers are written; None for an answer without a declared type."""
    if result.field is None:
        return None
    adapter = result.field.adapter
    schema: Any = adapter.core_schema
    to_json, options = adapter.serializer.to_json, filter_options(result.filters)
    classes = native_classes(schema) if options == {"by_alias": True} else None
    native = None if classes is None else native_writers(classes, to_json)
    trusted_items = trusted_item_class(schema)
    return Renderer(
        validate=None if schema["type"] == "any" else adapter.validator.validate_python,
        to_json=to_json if native is None else native[0],
        items_to_json=None if native is None or trusted_items is None else native[1],
        options=options if native is None else {},
        trusted=trusted_class(schema),
        trusted_items=trusted_items,
    )
