"""Form models: which slots are filled by a whole form, and how the document shows such a form.

A form is flat, a model has aliases and may be one choice of a union; what stands here brings the two together. Reading
the form itself is the business of `run/forms.py`.
"""

from collections.abc import Sequence
from copy import copy, deepcopy
from functools import partial
from importlib import import_module
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, GetJsonSchemaHandler, GetPydanticSchema, Tag
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema
from starlette.datastructures import FormData

from martlet._engine.read.annotations import accepts_none, is_subclass, is_union, optional_model
from martlet._engine.read.lookup import form_items
from martlet._engine.read.slot import Slot, model_slots, wire_names
from martlet._engine.words.errors import MissingPackageError
from martlet._engine.words.markers import Form

NOT_INSTALLED = (
    'Form data requires "python-multipart" to be installed. \n'
    'You can install "python-multipart" with: \n\npip install python-multipart\n'
)
WRONG_INSTALLED = (
    'Form data requires "python-multipart" to be installed. It seems you installed "multipart" instead. \n'
    'You can remove "multipart" with: \n\npip uninstall multipart\n\n'
    'And then install "python-multipart" with: \n\npip install python-multipart\n'
)


def check_multipart_installed() -> None:
    """Refuse a form parameter if forms cannot be parsed.

    Raises:
        MissingPackageError: `python-multipart` is missing, or the package `multipart` is in its place.
    """
    version = _found("python_multipart", "__version__")
    if version is not None and version > "0.0.12":
        return
    # Older releases of python-multipart can be imported as `multipart` only, and so can another package.
    if _found("multipart", "__version__") is None:
        raise MissingPackageError(NOT_INSTALLED)
    if _found("multipart.multipart", "parse_options_header") is None:
        raise MissingPackageError(WRONG_INSTALLED)


def _found(module: str, name: str) -> Any:
    """Return what a module that may not be installed holds under `name`; None where it does not."""
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None


def form_models(slot: Slot) -> list[type[BaseModel]]:
    """Return the models that a form slot may become, more than one for a union; none where it is a single field."""
    info = slot.field_info
    if not isinstance(info, Form) or info.embed or slot.json:
        return []
    model = optional_model(info.annotation)
    return [model] if model is not None else form_union_models(info.annotation)


def form_union_models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models of a union of at least two models, None aside; an empty list for anything else."""
    if not is_union(annotation):
        return []
    choices = [each for each in get_args(annotation) if each is not type(None)]
    models = [get_args(each)[0] if get_origin(each) is Annotated else each for each in choices]
    return models if len(models) > 1 and all(is_subclass(model, BaseModel) for model in models) else []


def with_form_union_validators(annotation: Any) -> Any:
    """Return the union with each model reading the form by its own aliases."""
    choices = [each if each is type(None) else _reading_form(each) for each in get_args(annotation)]
    return Union[tuple(choices)]  # noqa: UP007 - made from run-time values


def _reading_form(choice: Any) -> Any:
    model, *metadata = get_args(choice) if get_origin(choice) is Annotated else (choice,)
    tag = next((each for each in reversed(metadata) if isinstance(each, Tag)), Tag(model.__name__))
    return Annotated[choice, BeforeValidator(partial(form_as_fields, model=model)), tag]


def form_as_fields(value: Any, *, model: type[BaseModel]) -> Any:
    """Return a form's dict as a model of a union reads it: each field's value by its own aliases; all else as it is."""
    if not isinstance(value, dict):
        return value
    form = FormData(
        [(name, each) for name, held in value.items() for each in (held if isinstance(held, list) else [held])]
    )
    fields = {name: each for name, each, _ in form_items(model_slots(model), form)}
    return fields | {name: held for name, held in value.items() if held is None or held == []}


def has_nullable_model(slots: Sequence[Slot]) -> bool:
    """Whether one of the slots is a form model that may be left out."""
    return any(form_models(slot) and accepts_none(slot.field_info.annotation) for slot in slots)


def numbered_slots(slots: Sequence[Slot]) -> tuple[list[Slot], ConfigDict]:
    """Return the slots of a form with models in it as fields of one model, and that model's configuration.

    The fields are numbered, since two models of a form may have fields of one name; the schema then puts them together.
    """
    numbered = [_numbered(index, slot) for index, slot in enumerate(slots)]
    return numbered, ConfigDict(json_schema_extra=partial(_join_models, list(slots)))


def _numbered(index: int, slot: Slot) -> Slot:
    info = copy(slot.field_info)
    models = form_models(slot)
    if len(models) == 1:
        shown: Any = Annotated[
            models[0], GetPydanticSchema(get_pydantic_json_schema=partial(_by_wire_names, models[0]))
        ]
        info.annotation = shown if info.annotation is models[0] else shown | None
    name = f"field_{index}"
    info.alias = info.validation_alias = info.serialization_alias = name
    info.title = info.title or slot.name.replace("_", " ").title()
    return Slot(field_info=info, name=name)


def _by_wire_names(model: type[BaseModel], core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
    """Return the model's schema with each field under the names that a form may give it."""
    schema = handler(core)
    own = handler.resolve_ref_schema(schema)
    shown, required = own.get("properties", {}), own.get("required", [])
    names = {}
    for slot in model_slots(model):
        choices = slot.field_info.validation_alias
        known = choices.choices[0] if isinstance(choices, AliasChoices) else slot.wire_alias
        taken = [name for name, _ in wire_names(slot)]
        if isinstance(known, str) and known in shown and (taken[0] != known or (len(taken) > 1 and known in required)):
            names[known] = taken
    if not names:
        return schema
    own = deepcopy(own)
    own["properties"] = {names.get(name, [name])[0]: value for name, value in own["properties"].items()}
    own["required"] = []
    for name in required:
        taken = names.get(name, [name])
        if len(taken) == 1:
            own["required"].append(taken[0])
        else:
            own.setdefault("allOf", []).append({"anyOf": [{"required": [each]} for each in taken]})
    return own


def _join_models(slots: list[Slot], schema: dict[str, Any]) -> None:
    """Turn the schema of the numbered fields into that of one form: fields side by side, models as conditions."""
    shown = schema.pop("properties")
    schema.pop("required", None)
    properties: dict[str, Any] = {}
    required: dict[str, None] = {}
    conditions: list[dict[str, Any]] = []
    for index, slot in enumerate(slots):
        field = shown[f"field_{index}"]
        if form_models(slot):
            conditions.extend(_model_conditions(slot, field))
            continue
        name = wire_names(slot)[0][0]
        if name in properties:
            conditions.append({"properties": {name: field}})
        else:
            properties[name] = field
        if slot.required:
            required[name] = None
    if properties:
        schema["properties"] = properties
    if required:
        schema["required"] = list(required)
    schema["allOf"] = conditions


def _model_conditions(slot: Slot, field: dict[str, Any]) -> list[dict[str, Any]]:
    field.pop("default", None)
    if not accepts_none(slot.field_info.annotation):
        return [field]
    field["anyOf"] = [choice for choice in field["anyOf"] if choice.get("type") != "null"]
    absent = _absent(form_models(slot))
    if slot.required:
        return [{"not": absent}, field]
    return [{"anyOf": [absent, field]}]


def _absent(models: list[type[BaseModel]]) -> dict[str, Any]:
    """Return the schema of a form in which nothing of the models was sent."""
    if any(model.model_config.get("extra") in ("allow", "forbid") for model in models):
        return {"maxProperties": 0}
    names = sorted({name for model in models for slot in model_slots(model) for name, _ in wire_names(slot)})
    return {"not": {"anyOf": [{"required": [name]} for name in names]}} if names else {}


def without_constraints(info: FieldInfo, annotation: Any) -> FieldInfo:
    """Return a copy of `info` for another type: the constraints belonged to the old one."""
    info = copy(info)
    info.annotation = annotation
    info.metadata = []
    info.discriminator = None
    return info
