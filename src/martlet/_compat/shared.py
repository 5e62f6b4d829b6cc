"""What `fastapi._compat.shared` offers: questions about annotations."""

from collections import deque
from collections.abc import Sequence
from types import UnionType as UnionType
from typing import Any

from pydantic import BaseModel as BaseModel
from pydantic.version import VERSION
from pydantic.version import VERSION as PYDANTIC_VERSION
from starlette.datastructures import UploadFile as UploadFile

from martlet._engine.read.annotations import SEQUENCE_TYPES as sequence_types
from martlet._engine.read.annotations import is_bytes as is_bytes_or_nonable_bytes_annotation
from martlet._engine.read.annotations import is_bytes_sequence as is_bytes_sequence_annotation
from martlet._engine.read.annotations import is_pydantic_v1_model as is_pydantic_v1_model_class
from martlet._engine.read.annotations import is_scalar as field_annotation_is_scalar
from martlet._engine.read.annotations import is_scalar_sequence as field_annotation_is_scalar_sequence
from martlet._engine.read.annotations import is_sequence as field_annotation_is_sequence
from martlet._engine.read.annotations import is_subclass as lenient_issubclass
from martlet._engine.read.annotations import is_upload as is_uploadfile_or_nonable_uploadfile_annotation
from martlet._engine.read.annotations import is_upload_sequence as is_uploadfile_sequence_annotation
from martlet._engine.read.annotations import mentions_pydantic_v1 as annotation_is_pydantic_v1

PYDANTIC_VERSION_MINOR_TUPLE: tuple[int, ...] = tuple(int(part) for part in VERSION.split(".")[:2])
"""Major and minor version of the installed pydantic."""

sequence_annotation_to_type: dict[type[Any], type[Any]] = {
    Sequence: list,
    **{each: each for each in (list, tuple, set, frozenset, deque)},
}
"""The class whose instance is made for a sequence annotation."""


def field_annotation_is_complex(annotation: Any) -> bool:
    """Whether the value is structured, so that a path or a query cannot carry it."""
    return not field_annotation_is_scalar(annotation)


def is_pydantic_v1_model_instance(obj: Any) -> bool:
    """Whether an object is a model of `pydantic.v1`."""
    return is_pydantic_v1_model_class(type(obj))


def value_is_sequence(value: Any) -> bool:
    """Whether a value is a sequence, text and bytes aside."""
    return isinstance(value, sequence_types) and not isinstance(value, (str, bytes))


__all__ = [
    "PYDANTIC_VERSION",
    "PYDANTIC_VERSION_MINOR_TUPLE",
    "BaseModel",
    "UnionType",
    "UploadFile",
    "annotation_is_pydantic_v1",
    "field_annotation_is_complex",
    "field_annotation_is_scalar",
    "field_annotation_is_scalar_sequence",
    "field_annotation_is_sequence",
    "is_bytes_or_nonable_bytes_annotation",
    "is_bytes_sequence_annotation",
    "is_pydantic_v1_model_class",
    "is_pydantic_v1_model_instance",
    "is_uploadfile_or_nonable_uploadfile_annotation",
    "is_uploadfile_sequence_annotation",
    "lenient_issubclass",
    "sequence_annotation_to_type",
    "sequence_types",
    "value_is_sequence",
]
