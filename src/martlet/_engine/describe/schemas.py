"""JSON Schema: what the document says of types.

All slots of a document are described together, by one run of pydantic's generator, so that a model has one entry in
`components.schemas` and two models of one name get names that tell them apart. Slots that share an adapter are
described once: the parameters of a thousand routes are of a few dozen kinds.

The rules are FastAPI's: bytes are `application/octet-stream`, a model that is read and written differently has an
`-Input` and an `-Output` entry unless the app wants one for both, an inline schema is titled after its parameter.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import CoreSchema
from pydantic_core.core_schema import BytesSchema

from martlet._engine.read.annotations import is_subclass
from martlet._engine.read.slot import Mode, Slot
from martlet.openapi.constants import REF_TEMPLATE

JsonSchema: TypeAlias = dict[str, Any]
Described: TypeAlias = type[BaseModel] | type[Enum]
"""What has an entry of its own among the definitions."""


class DocumentJsonSchema(GenerateJsonSchema):
    """Pydantic's generator, with bytes as OpenAPI 3.1 describes them."""

    def bytes_schema(self, schema: BytesSchema) -> JsonSchema:
        """Return the schema of bytes: binary, or text in base64 where the model's configuration says so."""
        # OpenAPI 3.1.0, 4.8.14.4.1: a media type for binary data, the encoding where it stands in a string.
        described: JsonSchema = {"type": "string", "contentMediaType": "application/octet-stream"}
        config = self._config
        if (config.ser_json_bytes if self.mode == "serialization" else config.val_json_bytes) == "base64":
            described["contentEncoding"] = "base64"
        self.update_with_validations(described, schema, self.ValidationsMapping.bytes)
        return described


@dataclass(frozen=True, slots=True)
class Schemas:
    """The schemas of one document.

    Args:
        by_slot: the schema of each slot, untitled.
        definitions: what they refer to, by the names they use.
        shared: what several places of the document say alike; see `once`.
    """

    by_slot: Mapping[Slot, JsonSchema]
    definitions: dict[str, JsonSchema]
    shared: dict[Hashable, JsonSchema] = field(default_factory=dict)

    def of(self, slot: Slot, name: str | None = None) -> JsonSchema:
        """Return a slot's schema for one place of the document; an inline one is titled, after `name` if given.

        Places that say the same are given the same object.
        """
        schema = self.by_slot[slot]
        if "$ref" in schema:
            return schema
        title = slot.field_info.title or (name or _public_name(slot)).title().replace("_", " ")
        return self.once((id(schema), title), lambda: {**schema, "title": title})

    def without_none(self) -> "Schemas":
        """Return the schemas as documents show them, where None is not said: mostly that it is a parameter's default.

        It is dropped at the end anyway; here, once for all slots of a kind, and mostly nothing is left to look for.
        """
        kinds = {id(schema): schema for schema in self.by_slot.values()}
        shown = {
            key: {name: value for name, value in schema.items() if value is not None} for key, schema in kinds.items()
        }
        return Schemas({slot: shown[id(schema)] for slot, schema in self.by_slot.items()}, self.definitions)

    def once(self, key: Hashable, make: Callable[[], JsonSchema]) -> JsonSchema:
        """Return what was made for the key before, or make it.

        Args:
            key: what it follows from, schemas by the id of what `of` returns: those live as long as this.
            make: makes it.
        """
        known = self.shared.get(key)
        if known is None:
            known = self.shared[key] = make()
        return known


def schemas_of(slots: Iterable[Slot], *, separate: bool) -> Schemas:
    """Describe `slots`.

    Args:
        slots: every slot that the document shows; which of two like-named local classes is numbered first follows
            their order.
        separate: whether a model that is read and written differently has two schemas.
    """
    keys: dict[Slot, tuple[int, Mode]] = {}
    alike: dict[tuple[int, Mode], Slot] = {}
    known: dict[tuple[int, Mode], tuple[int, Mode]] = {}  # one key for slots that are alike, and not an equal one each
    for slot in slots:
        key = (id(slot.adapter), slot.mode)
        key = keys[slot] = known.setdefault(key, key)
        alike.setdefault(key, slot)
    inputs: list[tuple[Hashable, Mode, CoreSchema]] = []
    for key, slot in alike.items():
        mode: Mode = slot.mode if separate or has_computed_fields(slot) else "validation"
        inputs.append((key, mode, slot.adapter.core_schema))
    inputs.extend(_nested(list(alike.values()), separate=separate))
    schemas, definitions = DocumentJsonSchema(ref_template=REF_TEMPLATE).generate_definitions(inputs)
    by_key = {key: schema for (key, _), schema in schemas.items()}
    by_slot = {slot: by_key[key] for slot, key in keys.items()}
    return Schemas(by_slot, {str(name): _trimmed(schema) for name, schema in definitions.items()})


def _trimmed(definition: JsonSchema) -> JsonSchema:
    """Cut a model's description at the form feed, behind which stands what is for readers of the code only."""
    if "description" in definition:
        definition["description"] = definition["description"].split("\f")[0]
    return definition


def _public_name(slot: Slot) -> str:
    return slot.wire_alias if slot.mode == "validation" else slot.serialization_alias or slot.alias


# ------------------------------------------------------------------------------------------------------- nested models


def _nested(slots: list[Slot], *, separate: bool) -> Iterator[tuple[Hashable, Mode, CoreSchema]]:
    """Yield what is to be described of the models and enums inside the slots' types.

    Most are described anyway by those that refer to them. FastAPI lists those as well that nobody refers to, such as
    the type of a field that answers leave out.
    """
    whole = {slot.field_info.annotation for slot in slots if isinstance(slot.field_info.annotation, type)}
    modes: tuple[Mode, Mode] = ("validation", "serialization")
    for mode in modes:
        found: dict[Described, None] = {}
        for slot in slots:
            if slot.mode == mode:
                collect_described(slot.field_info.annotation, found)
        for described in found:
            if described not in whole:
                core = TypeAdapter(described).core_schema
                computed = separate or _computes(core) or _annotation_computes(described, set())
                yield described, mode if computed else "validation", core


def collect_described(annotation: Any, found: dict[Described, None]) -> None:
    """Add to `found` what of a type, and of what it is made of, has an entry among the definitions."""
    is_model = is_subclass(annotation, BaseModel)
    if is_model or is_subclass(annotation, Enum):
        if annotation in found:
            return
        found[annotation] = None
    inside = (info.annotation for info in annotation.model_fields.values()) if is_model else get_args(annotation)
    for each in inside:
        collect_described(each, found)


# ----------------------------------------------------------------------------------------------------- computed fields


def has_computed_fields(slot: Slot) -> bool:
    """Whether the slot's type writes a field that it does not read, so that its two schemas must differ."""
    return _computes(slot.adapter.core_schema) or _annotation_computes(slot.field_info.annotation, set())


def _computes(core: Any) -> bool:
    # A dataclass with computed fields says so only in its core schema.
    return bool(core.get("schema", {}).get("computed_fields"))


def _annotation_computes(annotation: Any, seen: set[type[BaseModel]]) -> bool:
    if not is_subclass(annotation, BaseModel):
        return any(_annotation_computes(each, seen) for each in get_args(annotation))
    if annotation in seen:
        return False
    seen.add(annotation)
    return bool(annotation.model_computed_fields) or any(
        _annotation_computes(info.annotation, seen) for info in annotation.model_fields.values()
    )
