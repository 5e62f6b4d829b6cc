"""What FastAPI has under `fastapi.utils`: small functions that packages import."""

import re
import warnings
from typing import Any, Literal

from pydantic import PydanticSchemaGenerationError as PydanticSchemaGenerationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_core import PydanticUndefined as Undefined

from martlet._engine.declare.merge import innermost as _innermost
from martlet._engine.declare.names import generate_unique_id as generate_unique_id
from martlet._engine.read.annotations import mentions_pydantic_v1 as annotation_is_pydantic_v1
from martlet._engine.read.signature import make_slot
from martlet._engine.read.signature import path_names as get_path_param_names
from martlet._engine.read.slot import Slot
from martlet._engine.read.slot import Slot as ModelField
from martlet._engine.words.errors import FastAPIDeprecationWarning
from martlet._engine.words.errors import PydanticV1NotSupportedError as PydanticV1NotSupportedError
from martlet._engine.words.lending import lend
from martlet._engine.words.status import is_body_allowed_for_status_code as is_body_allowed_for_status_code
from martlet._engine.words.unset import DefaultPlaceholder, DefaultType

__all__ = [
    "ModelField",
    "PydanticSchemaGenerationError",
    "PydanticV1NotSupportedError",
    "Undefined",
    "annotation_is_pydantic_v1",
    "create_model_field",
    "deep_dict_update",
    "generate_operation_id_for_path",
    "generate_unique_id",
    "get_path_param_names",
    "get_value_or_default",
    "is_body_allowed_for_status_code",
]


def create_model_field(
    name: str,
    type_: Any,
    default: Any | None = PydanticUndefined,
    field_info: FieldInfo | None = None,
    alias: str | None = None,
    mode: Literal["validation", "serialization"] = "validation",
) -> Slot:
    """Return a slot for a type.

    Args:
        name: the parameter's name.
        type_: the type.
        default: the value where there is none.
        field_info: default, alias and constraints, instead of `default` and `alias`.
        alias: the name on the wire.
        mode: which of the two schemas of the type describes it.

    Raises:
        InvalidFieldTypeError: pydantic has no schema for the type.
        PydanticV1NotSupportedError: the type is a model of `pydantic.v1`.
    """
    info = field_info or FieldInfo(annotation=type_, default=default, alias=alias)
    return make_slot(name, type_, info, mode=mode)


def get_value_or_default(
    first_item: DefaultPlaceholder | DefaultType, *extra_items: DefaultPlaceholder | DefaultType
) -> DefaultPlaceholder | DefaultType:
    """Return the first of the items that is no placeholder, and the first item if all are."""
    chosen: DefaultPlaceholder | DefaultType = first_item
    for item in extra_items:
        chosen = _innermost(item, chosen)
    return chosen


def deep_dict_update(main_dict: dict[Any, Any], update_dict: dict[Any, Any]) -> None:
    """Add what `update_dict` holds to `main_dict`: mappings are merged, lists joined, other values replaced."""
    for key, value in update_dict.items():
        held = main_dict.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            deep_dict_update(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            main_dict[key] = held + value
        else:
            main_dict[key] = value


def generate_operation_id_for_path(*, name: str, path: str, method: str) -> str:
    """Return the operation id that FastAPI made in its first years; deprecated and used by nothing."""
    warnings.warn(
        "martlet.utils.generate_operation_id_for_path() was deprecated, it is not used internally, "
        "and will be removed soon",
        category=FastAPIDeprecationWarning,
        stacklevel=2,
    )
    words = re.sub(r"\W", "_", f"{name}{path}")
    return f"{words}_{method.lower()}"


lend(
    __name__,
    {
        "v2": "martlet._compat.v2",
    },
)
