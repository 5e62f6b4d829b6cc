"""How an endpoint's return value is written as JSON: which check it still needs, and which serialiser writes it."""

from dataclasses import dataclass
from typing import Any

from martlet._engine.compile.native import native_classes, native_writer
from martlet._engine.compile.schemas import trusted_class, trusted_item_class
from martlet._engine.read.result import Result
from martlet._engine.run.render import filter_options


@dataclass(frozen=True, slots=True)
class Renderer:
    """The parts of writing a typed answer.

    Args:
        validate: makes the return value the declared type; None where every value is of it.
        to_json: writes that as UTF-8 JSON.
        options: the filters, as keyword arguments of `to_json`.
        trusted: the model whose exact instances need no validation; None where there is none.
        trusted_items: the same for the items of a list.
    """

    validate: Any
    to_json: Any
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
    fast = None if classes is None else native_writer(classes, to_json)
    return Renderer(
        validate=None if schema["type"] == "any" else adapter.validator.validate_python,
        to_json=fast or to_json,
        options={} if fast else options,
        trusted=trusted_class(schema),
        trusted_items=trusted_item_class(schema),
    )
