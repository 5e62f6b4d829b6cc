"""What `fastapi._compat.v2` offers: fields, their schemas, and what pydantic 2 calls things."""

import re
from collections.abc import Mapping, Sequence
from enum import Enum
from types import NoneType, SimpleNamespace
from typing import Any, ForwardRef, TypeAlias, get_origin

from pydantic import BaseModel, ConfigDict, PydanticSchemaGenerationError
from pydantic import Field as Field
from pydantic import GetJsonSchemaHandler as GetJsonSchemaHandler
from pydantic import TypeAdapter as TypeAdapter
from pydantic import ValidationError as ValidationError
from pydantic import create_model as create_model
from pydantic.errors import PydanticUndefinedAnnotation as PydanticUndefinedAnnotation
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue as JsonSchemaValue
from pydantic_core import CoreSchema as CoreSchema
from pydantic_core import PydanticUndefined, Url
from pydantic_core.core_schema import with_info_plain_validator_function
from typing_extensions import get_type_hints

from martlet._compat import shared as shared
from martlet._compat.shared import lenient_issubclass as lenient_issubclass
from martlet._compat.shared import sequence_annotation_to_type
from martlet._engine.describe.schemas import DocumentJsonSchema as GenerateJsonSchema
from martlet._engine.describe.schemas import JsonSchema, Schemas, collect_described, schemas_of
from martlet._engine.read.annotations import is_scalar, members
from martlet._engine.read.body import body_model
from martlet._engine.read.signature import with_annotated
from martlet._engine.read.slot import Mode, model_slots
from martlet._engine.read.slot import Slot as ModelField
from martlet._engine.read.slot import missing as get_missing_field_error
from martlet._engine.words.markers import Body
from martlet.openapi.constants import REF_TEMPLATE as REF_TEMPLATE
from martlet.types import IncEx as IncEx
from martlet.types import ModelNameMap as ModelNameMap
from martlet.types import UnionType as UnionType

Undefined = PydanticUndefined
RequiredParam = PydanticUndefined

ModelOrEnum: TypeAlias = type[BaseModel] | type[Enum]
FieldMapping: TypeAlias = Mapping[tuple[ModelField, Mode], JsonSchema]


def copy_field_info(*, field_info: FieldInfo, annotation: Any) -> FieldInfo:
    """Return a copy of `field_info` with all that an `Annotated` annotation says."""
    return with_annotated(field_info, annotation)


def evaluate_forwardref(
    value: Any, globalns: dict[str, Any] | None = None, localns: dict[str, Any] | None = None
) -> Any:
    """Return a type with its forward references evaluated; as it is where one names what is not defined yet."""
    holder = SimpleNamespace(__annotations__={"value": value})
    try:
        return get_type_hints(holder, globalns, localns, include_extras=True)["value"]
    except NameError:
        return ForwardRef(value) if isinstance(value, str) else value


def get_model_fields(model: type[BaseModel]) -> list[ModelField]:
    """Return a field for each field of a model."""
    return list(model_slots(model))


get_cached_model_fields = get_model_fields


def create_body_model(
    *, fields: Sequence[ModelField], model_name: str, config: ConfigDict | None = None
) -> type[BaseModel]:
    """Return a model that has the fields."""
    return body_model(fields, model_name, config)


def is_scalar_field(field: ModelField) -> bool:
    """Whether a field is one plain value, and not of the body."""
    return is_scalar(field.field_info.annotation) and not isinstance(field.field_info, Body)


def serialize_sequence_value(*, field: ModelField, value: Any) -> Sequence[Any]:
    """Return a value as an instance of the class that a sequence field is annotated with."""
    choice = next(each for each in members(field.field_info.annotation) if each is not NoneType)
    made: Sequence[Any] = sequence_annotation_to_type[get_origin(choice) or choice](value)
    return made


def get_flat_models_from_fields(fields: Sequence[ModelField], known_models: set[ModelOrEnum]) -> set[ModelOrEnum]:
    """Add the models and enums in the types of some fields to `known_models`, and return it."""
    found: dict[ModelOrEnum, None] = dict.fromkeys(known_models)
    for field in fields:
        collect_described(field.field_info.annotation, found)
    known_models.update(found)
    return known_models


def get_model_name_map(unique_models: set[ModelOrEnum]) -> dict[ModelOrEnum, str]:
    """Return the names of models and enums; of several with one name, one is left."""
    by_name = {re.sub(r"[^a-zA-Z0-9.\-_]", "_", model.__name__): model for model in unique_models}
    return {model: name for name, model in by_name.items()}


def get_definitions(
    *,
    fields: Sequence[ModelField],
    model_name_map: Mapping[ModelOrEnum, str],  # noqa: ARG001 - the schemas are named anyway
    separate_input_output_schemas: bool = True,
) -> tuple[dict[tuple[ModelField, Mode], JsonSchema], dict[str, JsonSchema]]:
    """Return the JSON Schema of each field, and the definitions that these refer to."""
    schemas = schemas_of(fields, separate=separate_input_output_schemas)
    return {(field, field.mode): schema for field, schema in schemas.by_slot.items()}, schemas.definitions


def get_schema_from_model_field(
    *,
    field: ModelField,
    model_name_map: Mapping[ModelOrEnum, str],  # noqa: ARG001 - the schemas are named already
    field_mapping: FieldMapping,
    separate_input_output_schemas: bool = True,  # noqa: ARG001 - likewise
    field_alias: str | None = None,
) -> JsonSchema:
    """Return a field's schema as a document shows it, titled after `field_alias` or the field."""
    return dict(Schemas({field: field_mapping[field, field.mode]}, {}).of(field, field_alias))


__all__ = [
    "REF_TEMPLATE",
    "CoreSchema",
    "Field",
    "GenerateJsonSchema",
    "GetJsonSchemaHandler",
    "IncEx",
    "JsonSchemaValue",
    "ModelField",
    "ModelNameMap",
    "PydanticSchemaGenerationError",
    "PydanticUndefinedAnnotation",
    "RequiredParam",
    "TypeAdapter",
    "Undefined",
    "UnionType",
    "Url",
    "ValidationError",
    "copy_field_info",
    "create_body_model",
    "create_model",
    "evaluate_forwardref",
    "get_cached_model_fields",
    "get_definitions",
    "get_flat_models_from_fields",
    "get_missing_field_error",
    "get_model_fields",
    "get_model_name_map",
    "get_schema_from_model_field",
    "is_scalar_field",
    "lenient_issubclass",
    "serialize_sequence_value",
    "shared",
    "with_info_plain_validator_function",
]
