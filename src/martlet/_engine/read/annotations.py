"""What kind of value an annotation stands for: one value or several, plain or structured, bytes, file, stream.

FastAPI decides by these questions where a parameter without a marker comes from, so the answers are its answers.
Unions and `Annotated` are looked through: `members` gives what is left.
"""

import sys
import types
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from operator import or_
from types import NoneType
from typing import Annotated, Any, Final, TypeGuard, TypeVar, Union, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel
from starlette.datastructures import UploadFile

_T = TypeVar("_T")

SEQUENCE_TYPES: tuple[type[Any], ...] = (Sequence, list, tuple, set, frozenset, deque)

# What most parameters are. Asking abstract classes about them would take most of the time of reading.
_SCALARS: Final = frozenset({str, bytes, int, float, bool, NoneType, Decimal, UUID, date, datetime, time, timedelta})

_STREAMS: Final = frozenset({AsyncIterable, AsyncIterator, AsyncGenerator, Iterable, Iterator, Generator})


def is_subclass(annotation: Any, classes: type[_T] | tuple[type[_T], ...]) -> TypeGuard[type[_T]]:
    """Whether `annotation` is a class and one of `classes`; False for whatever is no class."""
    return isinstance(annotation, type) and issubclass(annotation, classes)


def is_union(annotation: Any) -> bool:
    """Whether `annotation` is `X | Y`, in either spelling."""
    return not isinstance(annotation, type) and get_origin(annotation) in (Union, types.UnionType)


def bare(annotation: Any) -> Any:
    """Return `annotation` without the metadata of `Annotated`."""
    return get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the types of a union, or `annotation` alone; `Annotated` is taken off."""
    if isinstance(annotation, type):  # what most parameters are
        return (annotation,)
    annotation = bare(annotation)
    if not is_union(annotation):
        return (annotation,)
    return tuple(each for choice in get_args(annotation) for each in members(choice))


def accepts_none(annotation: Any) -> bool:
    """Whether None is one of the types of a union."""
    return type(None) in get_args(annotation)


def is_sequence(annotation: Any) -> bool:
    """Whether a value, or one choice of a union, is a sequence or set: its parameter is read as a list."""
    if isinstance(annotation, type):  # what most parameters are
        return _is_sequence_class(annotation)
    classes = (each if isinstance(each, type) else get_origin(each) for each in members(annotation))
    return any(map(_is_sequence_class, classes))


def is_scalar(annotation: Any) -> bool:
    """Whether the value is one plain value, which a path or a query can carry."""
    return annotation is Ellipsis or not any(_is_structured(each) for each in members(annotation))


def is_scalar_sequence(annotation: Any) -> bool:
    """Whether the value is a sequence of plain values; a union may also have plain values beside it."""
    choices = members(annotation)
    sequences = [_is_sequence_of_scalars(each) for each in choices]
    return any(sequences) and all(map(or_, sequences, map(is_scalar, choices)))


def is_bytes(annotation: Any) -> bool:
    """Whether the value, or one choice of a union, is bytes."""
    return _any_choice(annotation, lambda each: is_subclass(each, bytes))


def is_upload(annotation: Any) -> bool:
    """Whether the value, or one choice of a union, is an uploaded file."""
    return _any_choice(annotation, lambda each: is_subclass(each, UploadFile))


def is_bytes_sequence(annotation: Any) -> bool:
    """Whether the value, or one choice of a union, is a sequence of bytes."""
    return _any_choice(annotation, lambda each: is_sequence(each) and all(map(is_bytes, get_args(each))))


def is_upload_sequence(annotation: Any) -> bool:
    """Whether the value, or one choice of a union, is a sequence of uploaded files."""
    return _any_choice(annotation, lambda each: is_sequence(each) and all(map(is_upload, get_args(each))))


def optional_model(annotation: Any) -> type[BaseModel] | None:
    """Return the model of `Model` or `Model | None`; None for anything else."""
    choices = get_args(annotation)
    if len(choices) == 2 and type(None) in choices and is_union(annotation):
        annotation = next(each for each in choices if each is not type(None))
    return annotation if is_subclass(annotation, BaseModel) else None


def stream_item(annotation: Any) -> Any | None:
    """Return what an iterator or generator annotation yields, Any where it does not say; None for other types."""
    if get_origin(annotation) not in _STREAMS:
        return None
    arguments = get_args(annotation)
    return arguments[0] if arguments else Any


def mentions_pydantic_v1(annotation: Any) -> bool:
    """Whether a model of `pydantic.v1` is in the annotation: those are not supported."""
    if "pydantic.v1.main" not in sys.modules:  # who has such a model has imported it
        return False
    if is_pydantic_v1_model(annotation):
        return True
    inside = get_args(annotation) if is_union(annotation) or is_sequence(annotation) else ()
    return any(map(mentions_pydantic_v1, inside))


def is_pydantic_v1_model(annotation: Any) -> bool:
    """Whether `annotation` is a model of `pydantic.v1`."""
    v1 = sys.modules.get("pydantic.v1.main")
    return v1 is not None and is_subclass(annotation, v1.BaseModel)


def _any_choice(annotation: Any, test: Callable[[Any], bool]) -> bool:
    return any(map(test, get_args(annotation))) if is_union(annotation) else test(annotation)


def _is_sequence_class(annotation: Any) -> bool:
    return (
        annotation not in _SCALARS
        and is_subclass(annotation, SEQUENCE_TYPES)
        and not is_subclass(annotation, (str, bytes))
    )


def _is_sequence_of_scalars(annotation: Any) -> bool:
    return is_sequence(annotation) and all(map(is_scalar, get_args(annotation)))


def _is_structured(annotation: Any) -> bool:
    if isinstance(annotation, type):
        return annotation not in _SCALARS and _is_structured_class(annotation)
    origin = get_origin(annotation)
    return (
        _is_structured_class(origin)
        or hasattr(origin, "__pydantic_core_schema__")
        or hasattr(origin, "__get_pydantic_core_schema__")
    )


def _is_structured_class(annotation: Any) -> bool:
    return (
        is_subclass(annotation, (BaseModel, Mapping, UploadFile))
        or _is_sequence_class(annotation)
        or is_dataclass(annotation)
    )
