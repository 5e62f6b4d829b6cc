"""How a route's body slots share the one body: alone, or each under its key of an object or form.

The rule is FastAPI's: one slot is the body itself; several, or one that says `embed=True`, or form fields, are keys of
it. Slots of dependencies count as the endpoint's own do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import BaseModel, ConfigDict, create_model

from martlet._engine.read.annotations import is_subclass
from martlet._engine.read.dependant import Dependant, flat_body_slots
from martlet._engine.read.forms import form_models, has_nullable_model, numbered_slots, without_constraints
from martlet._engine.read.slot import Slot
from martlet._engine.words.markers import Body, File, Form


@dataclass(frozen=True)
class BodyPlan:
    """How the request's body becomes values.

    Args:
        slots: every body slot of the endpoint and its dependencies, in the order of `flat_body_slots`.
        embed: whether the body is an object with a key for each slot, not the one slot's value itself.
        unique_id: the operation id, after which the document names the body's schema.
        strict_content_type: whether a body without a content type is taken as bytes, not as JSON.
    """

    slots: tuple[Slot, ...]
    embed: bool
    unique_id: str
    strict_content_type: bool

    @cached_property
    def form(self) -> bool:
        """Whether the body is a form (fields and files), not JSON."""
        shown = self.slots if self.embed else self.slots[:1]
        return any(isinstance(slot.field_info, Form) for slot in shown)

    @cached_property
    def field(self) -> Slot:
        """The one slot that describes the whole body in the document."""
        if self.embed or has_nullable_model(self.slots):
            return _whole(self.slots, f"Body_{self.unique_id}", embed=self.embed)
        return self.slots[0]


def read_body(dependant: Dependant, unique_id: str, *, strict_content_type: bool = True) -> BodyPlan | None:
    """Return how the body slots of a route share its body; None where there are none."""
    slots = tuple(flat_body_slots(dependant))
    if not slots:
        return None
    return BodyPlan(slots, embeds(slots), unique_id, strict_content_type)


def embeds(slots: Sequence[Slot]) -> bool:
    """Whether each slot is a key of the body, even if there is only one."""
    if not slots:
        return False
    if len({slot.name for slot in slots}) > 1:
        return True
    first = slots[0]
    models = form_models(first)
    if models and any(
        not form_models(slot) or slot.field_info.annotation is not first.field_info.annotation for slot in slots[1:]
    ):
        return True
    if getattr(first.field_info, "embed", None):
        return True
    is_plain_form = isinstance(first.field_info, Form) and not models
    return is_plain_form and not is_subclass(first.field_info.annotation, BaseModel)


def body_model(slots: Iterable[Slot], name: str, config: ConfigDict | None = None) -> type[BaseModel]:
    """Return a model with a field for each slot."""
    fields: dict[str, Any] = {slot.name: (slot.field_info.annotation, slot.field_info) for slot in slots}
    model: type[BaseModel] = create_model(name, __config__=config, **fields)
    return model


def _whole(slots: tuple[Slot, ...], name: str, *, embed: bool) -> Slot:
    """Return a slot of a model that has the slots as its fields."""
    fields: Sequence[Slot] = slots
    config = None
    if any(map(form_models, slots)):
        fields, config = numbered_slots(slots)
    model = body_model(fields, name, config)
    if not embed:
        return Slot(field_info=without_constraints(slots[0].field_info, model), name=slots[0].name)
    return Slot(field_info=_whole_info(slots, model), name="body")


def _whole_info(slots: tuple[Slot, ...], model: type[BaseModel]) -> Body:
    kind = next((kind for kind in (File, Form) if any(isinstance(slot.field_info, kind) for slot in slots)), Body)
    said: dict[str, Any] = {"annotation": model, "alias": "body"}
    if not any(slot.required for slot in slots):
        said["default"] = None
    media_types = [slot.field_info.media_type for slot in slots if isinstance(slot.field_info, kind)]
    if kind is Form and "multipart/form-data" in media_types:
        said["media_type"] = "multipart/form-data"
    elif kind is not File and len(set(media_types)) == 1:
        said["media_type"] = media_types[0]
    return kind(**said)
