"""Turn any value into data that `json.dumps` accepts.

The answer of `jsonable_encoder` depends on a value's type only, so the question is asked once for each type: `_Kinds`
is a table from type to the function that encodes its values, filled on first sight. What no kind claims is looked up in
`ENCODERS_BY_TYPE`, each time anew, since users add to that table; then it is tried as a mapping, then as an object with
attributes.

COMPAT: the results are FastAPI's to the letter, surprises among them: an enum's value is not encoded further, a model's
fields never see `custom_encoder`, `include` and `exclude` go through lists and stop at mappings.
"""

import datetime as dt
import sys
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from importlib import import_module
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from pathlib import Path, PurePath
from re import Pattern
from types import GeneratorType, NoneType
from typing import Any, Final, TypeAlias
from uuid import UUID

from pydantic import BaseModel
from pydantic.networks import AnyUrl, NameEmail
from pydantic.types import SecretBytes, SecretStr
from pydantic_core import PydanticUndefinedType, Url

from martlet._engine.words.errors import PydanticV1NotSupportedError, UnencodableError
from martlet._engine.words.types import IncEx

Encoder: TypeAlias = Callable[[Any], Any]


def isoformat(o: dt.date | dt.time) -> str:
    """Return a date or a time as ISO 8601 writes it."""
    return o.isoformat()


def decimal_encoder(dec_value: Decimal) -> int | float:
    """Return a Decimal as an int if it was written without a fraction, else as a float.

    So a whole number stays one on its way out and back in. NaN and the infinities become floats.
    """
    exponent = dec_value.as_tuple().exponent
    return int(dec_value) if isinstance(exponent, int) and exponent >= 0 else float(dec_value)


def _colors() -> Iterator[type[Any]]:
    """Yield the two `Color` types of pydantic: the one it deprecates, and the one of its package of extra types."""
    for name in ("pydantic.color", "pydantic_extra_types.color"):
        try:
            yield import_module(name).Color
        except ImportError:
            continue


ENCODERS_BY_TYPE: dict[type[Any], Encoder] = {
    bytes: lambda o: o.decode(),
    **dict.fromkeys(_colors(), str),
    dt.date: isoformat,
    dt.datetime: isoformat,
    dt.time: isoformat,
    dt.timedelta: lambda td: td.total_seconds(),
    Decimal: decimal_encoder,
    Enum: lambda o: o.value,
    frozenset: list,
    deque: list,
    GeneratorType: list,
    **dict.fromkeys((IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network), str),
    NameEmail: str,
    Path: str,
    Pattern: lambda o: o.pattern,
    SecretBytes: str,
    SecretStr: str,
    set: list,
    UUID: str,
    Url: str,
    AnyUrl: str,
}
"""What to call for values of a type and of its subclasses. Users may add types of their own, not their subclasses."""


def generate_encoders_by_class_tuples(type_encoder_map: dict[Any, Encoder]) -> dict[Encoder, tuple[Any, ...]]:
    """Return the same table by encoder: what `isinstance` takes, for values whose very type has no entry."""
    by_encoder: dict[Encoder, tuple[Any, ...]] = defaultdict(tuple)
    for type_, encoder in type_encoder_map.items():
        by_encoder[encoder] += (type_,)
    return by_encoder


encoders_by_class_tuples: dict[Encoder, tuple[Any, ...]] = generate_encoders_by_class_tuples(ENCODERS_BY_TYPE)


@dataclass(slots=True)
class _Options:
    """What one call of `jsonable_encoder` was asked for, as far as it applies to the value at hand."""

    include: Any = None
    exclude: Any = None
    by_alias: bool = True
    exclude_unset: bool = False
    exclude_defaults: bool = False
    exclude_none: bool = False
    custom_encoder: dict[Any, Encoder] | None = None
    sqlalchemy_safe: bool = True
    in_mapping: "_Options" = field(init=False)
    """The same for the values of a mapping, to which `include` and `exclude` do not apply."""
    in_model: "_Options" = field(init=False)
    """The same for what pydantic made of a model: it has done what the other options ask for."""

    def __post_init__(self) -> None:
        self.in_mapping = self.in_model = self
        if self.include is not None or self.exclude is not None:
            self.in_mapping = replace(self, include=None, exclude=None)
        plain = self.by_alias and not self.exclude_unset and self.custom_encoder is None
        if self.in_mapping is not self or not plain:
            self.in_model = _Options(
                exclude_defaults=self.exclude_defaults,
                exclude_none=self.exclude_none,
                sqlalchemy_safe=self.sqlalchemy_safe,
            )


def jsonable_encoder(
    obj: Any,
    include: IncEx | None = None,
    exclude: IncEx | None = None,
    by_alias: bool = True,
    exclude_unset: bool = False,
    exclude_defaults: bool = False,
    exclude_none: bool = False,
    custom_encoder: dict[Any, Callable[[Any], Any]] | None = None,
    sqlalchemy_safe: bool = True,
) -> Any:
    """Return `obj` as data that JSON can carry: str, numbers, None, lists, and dicts of them.

    Args:
        obj: anything: models, dataclasses, containers, dates, objects with attributes.
        include: the only fields (or keys) to keep, of `obj` or of each item if it is a list.
        exclude: the fields (or keys) to leave out, likewise.
        by_alias: whether a model's fields bear their aliases.
        exclude_unset: whether to leave out fields that nobody set.
        exclude_defaults: whether to leave out fields that equal their default.
        exclude_none: whether to leave out what is None.
        custom_encoder: what to call for values of a type, before anything else is tried; not for what is inside models.
        sqlalchemy_safe: whether to leave out keys that begin with `_sa`, where SQLAlchemy keeps its own things.

    Raises:
        UnencodableError: a value cannot be encoded; a ValueError.
        PydanticV1NotSupportedError: a value is a model of `pydantic.v1`.
    """
    plain = include is None and exclude is None and by_alias and sqlalchemy_safe and not custom_encoder
    if plain and not (exclude_unset or exclude_defaults or exclude_none):
        return _KINDS[type(obj)](obj, _DEFAULT)
    options = _Options(
        include=_names(include),
        exclude=_names(exclude),
        by_alias=by_alias,
        exclude_unset=exclude_unset,
        exclude_defaults=exclude_defaults,
        exclude_none=exclude_none,
        custom_encoder=custom_encoder or None,
        sqlalchemy_safe=sqlalchemy_safe,
    )
    return _encode(obj, options)


def _names(names: Any) -> Any:
    """Return `include` or `exclude` as pydantic takes it; a list, which its type does not allow, works as well."""
    return names if names is None or isinstance(names, (set, dict)) else set(names)


def _encode(obj: Any, options: _Options) -> Any:
    """Encode one value, by the user's encoder if there is one for it."""
    custom = options.custom_encoder
    if custom is not None:
        if type(obj) in custom:
            return custom[type(obj)](obj)
        for type_, encoder in custom.items():
            if isinstance(obj, type_):
                return encoder(obj)
    return _KINDS[type(obj)](obj, options)


def _model(obj: BaseModel, options: _Options) -> Any:
    dumped = obj.model_dump(
        mode="json",
        include=options.include,
        exclude=options.exclude,
        by_alias=options.by_alias,
        exclude_unset=options.exclude_unset,
        exclude_defaults=options.exclude_defaults,
        exclude_none=options.exclude_none,
    )
    # Once more over plain data: `_sa` keys and, in mappings inside the model, None are still there.
    return _KINDS[type(dumped)](dumped, options.in_model)


def _dataclass(obj: Any, options: _Options) -> Any:
    if options.custom_encoder is not None:
        # COMPAT: `asdict` comes to the dataclasses within this one before the user's encoders do.
        return _encode(asdict(obj), options)
    return _dict({each.name: getattr(obj, each.name) for each in fields(obj)}, options)


def _dict(obj: dict[Any, Any], options: _Options) -> dict[Any, Any]:
    include, exclude, inner = options.include, options.exclude, options.in_mapping
    custom = options.custom_encoder is not None
    encoded = {}
    for key, value in obj.items():
        if options.sqlalchemy_safe and isinstance(key, str) and key.startswith("_sa"):
            continue
        if (value is None and options.exclude_none) or (include is not None and key not in include):
            continue
        if exclude is not None and key in exclude:
            continue
        if custom:
            encoded[_encode(key, inner)] = _encode(value, inner)
            continue
        if type(key) not in _ATOMS:
            key = _KINDS[type(key)](key, inner)  # noqa: PLW2901 - as the answer has it
        encoded[key] = value if type(value) in _ATOMS else _KINDS[type(value)](value, inner)
    return encoded


def _list(obj: Any, options: _Options) -> list[Any]:
    # Loops, since a comprehension is one frame more (until Python 3.12) for each level of what nests deeply.
    encoded = []
    if options.custom_encoder is not None:
        for item in obj:
            encoded.append(_encode(item, options))  # noqa: PERF401 - see above
        return encoded
    for item in obj:
        encoded.append(item if type(item) in _ATOMS else _KINDS[type(item)](item, options))  # noqa: PERF401 - see above
    return encoded


def _same(obj: Any, _: _Options) -> Any:
    return obj


def _other(obj: Any, options: _Options) -> Any:
    """Encode a value whose type is of no kind."""
    claimed = getattr(obj, "__class__", type(obj))
    if claimed is not type(obj) and isinstance(claimed, type) and _KINDS[claimed] not in {_other, _dataclass}:
        return _KINDS[claimed](obj, options)  # a proxy: `isinstance` takes it for what it says it is
    if type(obj) in ENCODERS_BY_TYPE:
        return ENCODERS_BY_TYPE[type(obj)](obj)
    for encoder, types in encoders_by_class_tuples.items():
        if isinstance(obj, types):
            return encoder(obj)
    v1 = sys.modules.get("pydantic.v1.main")  # where it was not imported, there are no models of it
    if v1 is not None and isinstance(obj, v1.BaseModel):
        raise PydanticV1NotSupportedError(
            f"pydantic.v1 models are no longer supported by FastAPI. Please update the model {obj!r}."
        )
    return _encode(_attributes(obj), options)


def _attributes(obj: Any) -> Any:
    """Return what an object holds: its items, if it can be made a dict, or its attributes."""
    if issubclass(type(obj), type) and hasattr(obj, "__dataclass_fields__"):
        raise UnencodableError(f"{obj!r} is a class.\n  Give an instance of it.")
    try:
        return dict(obj)
    except Exception as no_mapping:  # noqa: BLE001 - this is how one finds out
        try:
            return vars(obj)
        except Exception as no_attributes:
            raise UnencodableError(
                f"{[no_mapping, no_attributes]}\n  {type(obj).__name__} cannot be turned into JSON: "
                "give a model or a mapping instead, or say how by `custom_encoder`."
            ) from no_attributes


class _Kinds(dict[type[Any], Callable[[Any, _Options], Any]]):
    """What to call for the values of a type, by the very type; bounded, for programs that make types as they go."""

    def __missing__(self, cls: type[Any]) -> Callable[[Any, _Options], Any]:
        if len(self) >= 4096:
            self.clear()
        kind = next((kind for bases, kind in _KINDS_BY_BASE if issubclass(cls, bases)), _other)
        if kind is not _model and is_dataclass(cls):
            kind = _dataclass
        self[cls] = kind
        return kind


# In the order in which they are tried.
_KINDS_BY_BASE: Final[tuple[tuple[Any, Callable[[Any, _Options], Any]], ...]] = (
    (BaseModel, _model),
    (Enum, lambda obj, _: obj.value),
    (PurePath, lambda obj, _: str(obj)),
    ((str, int, float, NoneType), _same),
    (PydanticUndefinedType, lambda _, __: None),
    (dict, _dict),
    ((list, set, frozenset, GeneratorType, tuple, deque), _list),
)
_KINDS: Final = _Kinds()
_DEFAULT: Final = _Options()
# PERF: most values are one of these, and are taken as they are without a call.
_ATOMS: Final = frozenset({str, int, float, bool, NoneType})
