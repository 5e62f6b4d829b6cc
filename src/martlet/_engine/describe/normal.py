"""A document in its normal form: in the order of OpenAPI's models, as plain data without None.

The models (`martlet.openapi.models`) refuse what is no OpenAPI and write URLs and numbers in one way. What stands under
a path may be anything to them, and pydantic prefers that to an item in which it would have to convert something: such
items are settled as they were written, and the models are not asked.

PERF: `bench.startup`. Most items are such, since a parameter says by a string where it is and the models want an enum;
and of each schema that they look at they make three objects. Settling an item as soon as it is complete lets go of what
it was made from, so that the garbage collector has less to go through. Of the other items, what many of them share goes
through the models once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic_core import SchemaSerializer
from pydantic_core.core_schema import any_schema

# What stands under other keys of a path is no operation to the models.
_METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
# The parts of operations that are shared, each with what keeps its place while the models look at the rest.
_PLACES: Final[Mapping[str, Any]] = {"requestBody": {"$ref": ""}, "responses": {}}
# What the models require of a document.
_NOTHING: Final = {"openapi": "", "info": {"title": "", "version": ""}}
_CONTAINERS: Final = frozenset({dict, list})
_any: Final = SchemaSerializer(any_schema())


def drop_none(plain: dict[str, Any]) -> None:
    """Take what is None out of objects that the models leave as they are, such as examples and extensions.

    Keys of SQLAlchemy's bookkeeping go as well, as they do from every answer.
    """
    if not _may_hold_unwanted(plain):
        return
    waiting: list[Any] = [plain]
    while waiting:
        value = waiting.pop()
        if type(value) is list:
            waiting.extend(each for each in value if type(each) in _CONTAINERS)
            continue
        for key in [key for key, each in value.items() if each is None or key.startswith("_sa")]:
            del value[key]
        waiting.extend(each for each in value.values() if type(each) in _CONTAINERS)


def _may_hold_unwanted(plain: dict[str, Any]) -> bool:
    """Whether a walk could find something to drop: the text says so sooner where it cannot, which is mostly."""
    try:
        text = _any.to_json(plain)
    except ValueError:  # half of a surrogate pair is text to Python, but not to UTF-8
        return True
    return any(sign in text for sign in (b":null", b",null", b"[null", b'"_sa'))


@dataclass(frozen=True, slots=True)
class Settled:
    """What stands under a path, in its final form."""

    plain: dict[str, Any]


def settled(item: dict[str, Any]) -> dict[str, Any] | Settled:
    """Return the item settled, if it is certain that the models would keep it as it is; it shares nothing then."""
    return Settled(_as_written(item)) if _is_kept(item) else item


def normal(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the normal form of a document, which shares nothing with it but what is settled.

    Raises:
        pydantic.ValidationError: something that the user wrote by hand is no OpenAPI.
    """
    items: dict[str, dict[str, Any] | Settled] = document["paths"]
    parts = _normal_parts(item for item in items.values() if not isinstance(item, Settled))
    # A number is no item at first sight.
    bare = {path: 0 if isinstance(item, Settled) else _without(item, parts) for path, item in items.items()}
    plain, as_items = _through_models({**document, "paths": bare})
    paths: dict[str, Any] = plain["paths"]
    for path, item in items.items():
        if isinstance(item, Settled):
            paths[path] = item.plain
        elif path in as_items:
            _put_in(paths[path], item, parts)
        else:
            paths[path] = _as_written(item)
    return plain


def _through_models(document: Mapping[str, Any]) -> tuple[dict[str, Any], frozenset[str]]:
    """Return a document as the models write it, and those of its paths under which they found an item."""
    # The models take longer to import than all of describe, and an app whose document nobody asks for needs none.
    from martlet.openapi.models import OpenAPI, PathItem  # noqa: PLC0415

    model = OpenAPI.model_validate({key: value for key, value in document.items() if value is not None})
    plain = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    drop_none(plain)
    return plain, frozenset(path for path, item in (model.paths or {}).items() if isinstance(item, PathItem))


def _as_written(item: dict[str, Any]) -> dict[str, Any]:
    """Return what the models make of what they keep as it is."""
    plain: dict[str, Any] = _any.to_python(item, mode="json", by_alias=True, exclude_none=True)
    drop_none(plain)
    return plain


def _is_kept(item: Mapping[str, Any]) -> bool:
    """Whether an operation of the item has a parameter in which the models would have to convert a string."""
    for method in _METHODS:
        parameters = item[method].get("parameters") if method in item else None
        if type(parameters) is list and any(map(_names_its_place, parameters)):
            return True
    return False


def _names_its_place(parameter: Any) -> bool:
    return type(parameter) is dict and type(parameter.get("in")) is str and "$ref" not in parameter


# ------------------------------------------------------------------------------------------------- parts of operations


def _normal_parts(items: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the normal form of the parts of operations, by key and id: of those that need no conversion."""
    found = {
        _name(key, operation): {"post": {key: operation[key]}}
        for item in items
        for method, operation in item.items()
        if method in _METHODS
        for key in _PLACES
        if key in operation
    }
    plain, as_items = _through_models({**_NOTHING, "paths": found})
    return {name: part for name in as_items for part in plain["paths"][name]["post"].values()}


def _name(key: str, operation: Mapping[str, Any]) -> str:
    return f"{key} {id(operation.get(key))}"


def _without(item: dict[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item with something else in the place of the parts of its operations."""
    return {
        method: {key: _PLACES[key] if _name(key, operation) in parts else value for key, value in operation.items()}
        if method in _METHODS
        else operation
        for method, operation in item.items()
    }


def _put_in(plain: dict[str, Any], item: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
    """Put the parts of an item's operations into its normal form."""
    for method, operation in item.items():
        for key in _PLACES if method in _METHODS else ():
            part = parts.get(_name(key, operation))
            if part is not None:
                plain[method][key] = _copied(part)


def _copied(value: Any) -> Any:
    """Return JSON with containers of its own."""
    if type(value) is dict:
        return {key: _copied(each) if type(each) in _CONTAINERS else each for key, each in value.items()}
    return [_copied(each) if type(each) in _CONTAINERS else each for each in value]
