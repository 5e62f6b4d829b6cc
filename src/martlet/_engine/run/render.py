"""From what an endpoint returned to the content of its answer.

With a declared type the value is validated and serialised by pydantic; without one it is what `jsonable_encoder` and
Starlette's JSONResponse make of it, and here it is written straight where that is surely the same.
"""

import json
from collections.abc import Callable, Container
from typing import Any

from pydantic import ValidationError

from martlet._engine.read.result import Filters, Result
from martlet._engine.read.slot import Slot, located
from martlet._engine.words.http_errors import EndpointContext, ResponseValidationError
from martlet.encoders import jsonable_encoder


def _find_orjson() -> Callable[[Any], bytes] | None:
    try:
        from orjson import dumps  # noqa: PLC0415 - not required
    except ImportError:
        return None
    return dumps


_fast_json = _find_orjson()

# What Starlette's JSONResponse writes; made once, since `json.dumps` with arguments makes an encoder a call.
_json_text = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode

# Written alike by orjson and by the standard library; floats are not (1e16 is 1e+16 there).
_ALIKE: frozenset[type[Any]] = frozenset({str, int, bool, type(None)})
_PLAIN = _ALIKE | {float}


def is_plain(value: Any, scalars: Container[type[Any]] = _PLAIN) -> bool:
    """Whether `jsonable_encoder` would return an equal value: exact JSON types all the way down.

    Keys that begin with `_sa` are not plain, since the encoder leaves those out (they are SQLAlchemy's).

    Args:
        value: any value.
        scalars: the classes that count as plain besides dict and list.
    """
    kind = type(value)
    if kind is dict:
        for key, each in value.items():
            if type(key) is not str or key[:3] == "_sa":
                return False
            if type(each) not in scalars and not is_plain(each, scalars):
                return False
        return True
    if kind is list:
        for each in value:  # noqa: SIM110 - a generator is one frame more for each level of what nests deeply
            if type(each) not in scalars and not is_plain(each, scalars):
                return False
        return True
    return kind in scalars


def untyped_json(value: Any) -> bytes:
    """Return the JSON of a value without a declared type.

    PERF: `bench json`. orjson writes a small dict in a tenth of the time.
    """
    if _fast_json is not None and is_plain(value, _ALIKE):
        try:
            return _fast_json(value)
        except TypeError:  # an int of more than 64 bits, or text that is no Unicode
            pass
    return _json_text(value if is_plain(value) else jsonable_encoder(value)).encode()


def validated(field: Slot, value: Any, context: EndpointContext) -> Any:
    """Return the value as the declared type.

    Raises:
        ResponseValidationError: the endpoint returned something else than it declares.
    """
    try:
        return field.adapter.validate_python(value, from_attributes=True)
    except ValidationError as refused:
        raise ResponseValidationError(
            errors=located(refused, ("response",)), body=value, endpoint_ctx=context
        ) from None


def filter_options(filters: Filters) -> dict[str, Any]:
    """Return the filters as keyword arguments of pydantic's serialisers, without those that say nothing."""
    options = {
        "include": filters.include,
        "exclude": filters.exclude,
        "exclude_unset": filters.exclude_unset,
        "exclude_defaults": filters.exclude_defaults,
        "exclude_none": filters.exclude_none,
    }
    return {"by_alias": filters.by_alias} | {name: option for name, option in options.items() if option}


def content_of(result: Result, value: Any, context: EndpointContext) -> Any:
    """Return what the response class is given: JSON bytes where none was chosen, JSON-ready data where one was."""
    if result.field is None:
        return jsonable_encoder(value) if result.explicit_class else untyped_json(value)
    value = validated(result.field, value, context)
    options = filter_options(result.filters)
    if result.explicit_class:
        return result.field.adapter.dump_python(value, mode="json", **options)
    return result.field.adapter.dump_json(value, **options)
