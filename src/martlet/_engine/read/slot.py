"""A Slot is one value of a declaration: a parameter of a signature, or an answer's content.

It owns the type (annotation, constraints, default) and the pydantic adapter made from it; it validates and serialises
one value. It does not know where on the wire the value stands: `lookup.py` and the steps of the compiler do.

`martlet._compat.ModelField` is this class: packages build and read it under that name.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, is_dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal, cast

from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Json, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from martlet._engine.read.adapters import adapter_of
from martlet._engine.read.annotations import is_sequence, is_subclass, optional_model
from martlet._engine.words.markers import Cookie, Header, Query
from martlet._engine.words.types import ErrorDetails, IncEx, Loc

Mode = Literal["validation", "serialization"]


@dataclass(eq=False)
class Slot:
    """One typed value.

    Args:
        field_info: annotation, constraints, default, aliases and what the document says of it.
        name: the parameter's name in the signature, or the field's in a parameter model.
        mode: which of the two schemas of the type describes it.
        config: the configuration of the model that the field belongs to, for fields of parameter models.
    """

    field_info: FieldInfo
    name: str
    mode: Mode = "validation"
    config: ConfigDict | None = None
    _type_adapter: TypeAdapter[Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._type_adapter = adapter_of(self.field_info, self.config)

    @property
    def adapter(self) -> TypeAdapter[Any]:
        """The pydantic adapter of the type with its constraints."""
        return self._type_adapter

    @property
    def alias(self) -> str:
        """The public name, the parameter's own where none was given."""
        alias = self.field_info.alias
        return self.name if alias is None else alias

    @property
    def validation_alias(self) -> str | None:
        """The name on the wire, where one plain name was given for it."""
        alias = self.field_info.validation_alias
        return alias if isinstance(alias, str) and alias else None

    @property
    def serialization_alias(self) -> str | None:
        """The name in answers, where one was given."""
        return self.field_info.serialization_alias or None

    @property
    def wire_alias(self) -> str:
        """The first name under which the value is looked for."""
        return self.validation_alias or self.alias

    @property
    def required(self) -> bool:
        """Whether a request without the value is refused."""
        return self.field_info.is_required()

    @property
    def default(self) -> Any:
        """The default, made anew by its factory if it has one; PydanticUndefined if the value is required."""
        return self.get_default()

    def get_default(self) -> Any:
        """Return what `default` does; packages call it by this name."""
        if self.required:
            return PydanticUndefined
        return self.field_info.get_default(call_default_factory=True)

    @cached_property
    def config_names(self) -> tuple[bool, bool]:
        """Whether the owning model takes the field by alias, and whether by its name."""
        config = self.config or {}
        by_name = config.get("validate_by_name", config.get("populate_by_name", False))
        return config.get("validate_by_alias") is not False, bool(by_name)

    @cached_property
    def many(self) -> bool:
        """Whether the value is a sequence, so that a name that comes several times is read as a list."""
        return is_sequence(self.field_info.annotation)

    @cached_property
    def json(self) -> bool:
        """Whether the value is text that is parsed as JSON (`pydantic.Json`)."""
        return any(type(each) is Json for each in self.field_info.metadata)

    @cached_property
    def model(self) -> type[BaseModel] | None:
        """The model whose fields are each a parameter of their own; None for a slot that is one parameter."""
        info, annotation = self.field_info, cast("Any", self.field_info.annotation)
        if type(annotation) is type:  # a class, and none of pydantic's: what most parameters are
            return None
        optional = isinstance(info, (Query, Header, Cookie))
        model = optional_model(annotation) if optional else annotation
        return model if is_subclass(model, BaseModel) and not self.json else None

    def validate(
        self,
        value: Any,
        values: dict[str, Any] | None = None,  # noqa: ARG002 - COMPAT: FastAPI's signature; it does not look at them
        *,
        loc: Loc = (),
    ) -> tuple[Any, list[ErrorDetails]]:
        """Return the validated value and no errors, or None and the errors with `loc` in front of their own."""
        try:
            return self._type_adapter.validate_python(value, from_attributes=True), []
        except ValidationError as refused:
            return None, located(refused, loc)

    def serialize(
        self,
        value: Any,
        *,
        mode: Literal["json", "python"] = "json",
        include: IncEx | None = None,
        exclude: IncEx | None = None,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> Any:
        """Return `value` as plain data that JSON can carry."""
        return self._type_adapter.dump_python(
            value,
            mode=mode,
            include=include,
            exclude=exclude,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )

    def serialize_json(
        self,
        value: Any,
        *,
        include: IncEx | None = None,
        exclude: IncEx | None = None,
        by_alias: bool = True,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> bytes:
        """Return `value` as UTF-8 JSON."""
        return self._type_adapter.dump_json(
            value,
            include=include,
            exclude=exclude,
            by_alias=by_alias,
            exclude_unset=exclude_unset,
            exclude_defaults=exclude_defaults,
            exclude_none=exclude_none,
        )


def located(refused: ValidationError, loc: Loc) -> list[ErrorDetails]:
    """Return the errors of `refused`, each with `loc` in front of its own location."""
    return [{**error, "loc": (*loc, *error["loc"])} for error in refused.errors(include_url=False)]


def missing(loc: Loc) -> ErrorDetails:
    """Return the error for a required value that the request does not carry."""
    return {"type": "missing", "loc": loc, "msg": "Field required", "input": None}


@lru_cache(maxsize=4096)
def model_slots(model: type[BaseModel]) -> tuple[Slot, ...]:
    """Return a Slot for each field of a parameter model."""
    return tuple(
        Slot(field_info=info, name=name, config=_field_config(model, info.annotation))
        for name, info in model.model_fields.items()
    )


def _field_config(model: type[BaseModel], annotation: Any) -> ConfigDict | None:
    """Return the configuration that a model hands down to a field.

    None for a field whose type may have one of its own (a model, a dataclass): pydantic refuses to set it from outside.
    """
    if is_subclass(annotation, (BaseModel, dict)) or is_dataclass(annotation):
        return None
    return model.model_config


def wire_names(slot: Slot, *, path: bool = False, hyphens: bool = False) -> list[tuple[str, str]]:
    """Return the names a value may come under, as pairs (name for the validator, name in the request).

    The first name is the one that errors and the document use. `hyphens`: header names of a parameter model, in which
    an underscore of the field's name stands for a hyphen.
    """
    alias = slot.wire_alias
    names = [(alias, alias.replace("_", "-") if hyphens and alias == slot.name else alias)]
    choices = slot.field_info.validation_alias
    if path or isinstance(choices, AliasPath):
        return names
    if isinstance(choices, AliasChoices):
        if any(isinstance(choice, AliasPath) for choice in choices.choices):
            return names
        names = [(str(choice), str(choice)) for choice in choices.choices]
    if slot.config is None:  # no model has a say in it
        return names
    by_alias, by_name = slot.config_names
    own = (slot.name, slot.name.replace("_", "-") if hyphens else slot.name)
    if not by_alias:
        return [own]
    if by_name and all(name != slot.name for name, _ in names):
        names.append(own)
    return names


def expanded(slots: Iterable[Slot]) -> list[Slot]:
    """Return the slots with each parameter model replaced by its fields."""
    fields: list[Slot] = []
    for slot in slots:
        if slot.model is None:
            fields.append(slot)
        else:
            fields.extend(model_slots(slot.model))
    return fields
