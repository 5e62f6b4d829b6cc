"""What `fastapi._compat.v2` offers: fields, and what pydantic 2 calls things."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, PydanticSchemaGenerationError, create_model
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, Url

from martlet._engine.read.annotations import is_scalar
from martlet._engine.read.callables import evaluated
from martlet._engine.read.signature import with_annotated
from martlet._engine.read.slot import Slot as ModelField
from martlet._engine.read.slot import missing as get_missing_field_error
from martlet._engine.read.slot import model_slots
from martlet._engine.words.markers import Body

Undefined = PydanticUndefined
RequiredParam = PydanticUndefined


def copy_field_info(*, field_info: FieldInfo, annotation: Any) -> FieldInfo:
    """Return a copy of `field_info` with all that an `Annotated` annotation says."""
    return with_annotated(field_info, annotation)


def evaluate_forwardref(value: Any, globalns: dict[str, Any] | None = None, localns: Any = None) -> Any:
    """Return what a forward reference names; itself where that is not defined yet."""
    return evaluated(getattr(value, "__forward_arg__", value), {**(globalns or {}), **(localns or {})})


def get_cached_model_fields(model: type[BaseModel]) -> list[ModelField]:
    """Return a field for each field of a model."""
    return list(model_slots(model))


def create_body_model(
    *, fields: Sequence[ModelField], model_name: str, config: ConfigDict | None = None
) -> type[BaseModel]:
    """Return a model that has the fields."""
    declared: dict[str, Any] = {field.name: (field.field_info.annotation, field.field_info) for field in fields}
    return create_model(model_name, __config__=config, **declared)


def is_scalar_field(field: ModelField) -> bool:
    """Whether a field is one plain value, and not of the body."""
    return is_scalar(field.field_info.annotation) and not isinstance(field.field_info, Body)


__all__ = [
    "ModelField",
    "PydanticSchemaGenerationError",
    "RequiredParam",
    "Undefined",
    "Url",
    "copy_field_info",
    "create_body_model",
    "evaluate_forwardref",
    "get_cached_model_fields",
    "get_missing_field_error",
    "is_scalar_field",
]
