"""Pydantic's adapters: what validates and serialises the value of one slot.

Making an adapter is the greater part of reading a signature, and a thousand routes ask for few types. So slots whose
declarations mean the same to pydantic share one adapter. Sharing is for what surely means the same: plain types, models
and enums, in lists, unions and the like, with plain bounds, texts and defaults. Anything else (forward references,
validators, types with a schema of their own) gets an adapter that is made for it.
"""

import datetime as dt
from collections.abc import Hashable
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin
from uuid import UUID
from warnings import catch_warnings, simplefilter

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic.warnings import UnsupportedFieldAttributeWarning
from pydantic_core import PydanticUndefined

from martlet._engine.read.annotations import is_subclass

# What of a FieldInfo reaches a bare type's schema, beside the annotation and its metadata. Names are not among it: they
# mean something to the request only.
_TEXTS: Final = ("title", "description")
_SAID: Final = (
    "default_factory",
    "examples",
    "discriminator",
    "deprecated",
    "json_schema_extra",
    "validate_default",
)

# Types whose schema nothing can change, and containers whose schema their arguments decide.
_PLAIN: Final = frozenset(
    {str, int, float, bool, bytes, NoneType, Decimal, UUID, dt.date, dt.time, dt.datetime, dt.timedelta}
    | {list, dict, set, frozenset, tuple}
)
_UNIONS: Final = frozenset({Union, UnionType})
_PLAIN_DEFAULTS: Final = frozenset({str, int, bool, NoneType, type(PydanticUndefined)})

# Bounds: the classes that pydantic makes of `ge=1` and the like, with the attribute that holds the value.
_BOUNDS: Final = {
    FieldInfo.metadata_lookup[name]: name
    for name in ("gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length")
}
_PLAIN_BOUNDS: Final = frozenset({int, float})

_MOST: Final = 1024
_shared: Final[dict[Hashable, TypeAdapter[Any]]] = {}


class _NotSharedError(Exception):
    """An annotation whose meaning may differ between two places where it stands."""


def adapter_of(info: FieldInfo, config: ConfigDict | None = None) -> TypeAdapter[Any]:
    """Return an adapter for what `info` says of a value.

    Args:
        info: annotation, constraints, default, and what the document says.
        config: the configuration of the model that the field belongs to, for fields of parameter models.
    """
    key = _key(info) if config is None else None
    if key is None:
        return _made(info, config)
    adapter = _shared.get(key)
    if adapter is None:
        adapter = _made(info, None)
        if len(_shared) >= _MOST:
            # Models that are made and dropped again, as tests do, must not be kept for ever.
            _shared.clear()
        if adapter.pydantic_complete:
            _shared[key] = adapter
    return adapter


def is_complete(adapter: TypeAdapter[Any]) -> bool:
    """Whether an adapter can be used: not where an annotation names what is not there, such as a type-only import."""
    return bool(adapter.pydantic_complete or adapter.rebuild(raise_errors=False))


def _made(info: FieldInfo, config: ConfigDict | None) -> TypeAdapter[Any]:
    said = {name: value for name in _TEXTS + _SAID if (value := getattr(info, name)) is not None}
    plain = Field(default=info.default, **said)
    with catch_warnings():
        # An alias inside the annotation means nothing to a bare type, and pydantic says so; here it is for the request.
        simplefilter("ignore", category=UnsupportedFieldAttributeWarning)
        whole: Any = Annotated[(info.annotation, *info.metadata, plain)]
        return TypeAdapter(whole, config=config)


def _key(info: FieldInfo) -> Hashable:
    """Return what two infos have in common that may share an adapter; None for one that cannot tell."""
    default = info.default
    if type(default) not in _PLAIN_DEFAULTS or any(getattr(info, name) is not None for name in _SAID):
        return None
    try:
        bounds = tuple(map(_bound, info.metadata))
        return _form(info.annotation), bounds, type(default), default, info.title, info.description
    except _NotSharedError:
        return None


def _bound(constraint: Any) -> Hashable:
    name = _BOUNDS.get(type(constraint))
    value = None if name is None else getattr(constraint, name)
    if type(value) not in _PLAIN_BOUNDS:
        raise _NotSharedError
    return name, type(value), value


def _form(annotation: Any) -> Hashable:
    """Return an annotation as something that is equal only if the schema is.

    Not the annotation itself: `int | str` equals `str | int`, and `Literal[1]` has a 1 that equals True.
    """
    if annotation is Any:
        return Any
    if annotation is Ellipsis:
        return ...
    if is_subclass(annotation, BaseModel):
        # The validator as well: a model that is rebuilt is another one to those who read it afterwards.
        return annotation, vars(annotation).get("__pydantic_validator__")
    if isinstance(annotation, type) and (annotation in _PLAIN or issubclass(annotation, Enum)):
        return annotation
    origin = get_origin(annotation)
    if origin is Literal:
        return Literal, *((type(each), each) for each in get_args(annotation))
    arguments = get_args(annotation)
    # `typing.Tuple` has no arguments either, and takes what `tuple[()]` refuses.
    if arguments and (origin in _UNIONS or origin in _PLAIN):
        return origin, *map(_form, arguments)
    raise _NotSharedError
