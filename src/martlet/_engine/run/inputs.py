"""Values for the slots of one signature, slot by slot, with every error in FastAPI's order.

This is the careful way: the compiled handler validates all slots at once and comes here only when something does not
fit, for routes that are not compiled, and for WebSockets.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from starlette.datastructures import FormData, Headers
from starlette.requests import HTTPConnection, Request

from martlet._engine.read.body import embeds
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.forms import form_models
from martlet._engine.read.lookup import unclaimed, value_under
from martlet._engine.read.slot import Slot, located, missing, model_slots, wire_names
from martlet._engine.run.forms import form_model_values, form_values
from martlet._engine.run.notes import Notes
from martlet._engine.words.markers import Path
from martlet._engine.words.types import ErrorDetails, Loc

# The lists of slots of a signature, and what of a connection they are filled from.
_PARTS: Final = (
    ("path_params", "path_params"),
    ("query_params", "query_params"),
    ("header_params", "headers"),
    ("cookie_params", "cookies"),
)

_NOTHING: Final[Notes] = {}

Validated = tuple[dict[str, Any], list[ErrorDetails]]


def parameters(dependant: Dependant, connection: HTTPConnection, noted: Notes = _NOTHING) -> Validated:
    """Return the values of a signature's path, query, header and cookie slots, and the errors of those that are bad.

    Args:
        dependant: the signature.
        connection: the request or WebSocket.
        noted: what came of validations that are not to be done again.
    """
    values: dict[str, Any] = {}
    errors: list[ErrorDetails] = []
    for name, part in _PARTS:
        slots = getattr(dependant, name)
        if slots:
            # A part is taken apart when it is first asked for, so what nobody reads is not.
            found, wrong = from_carried(slots, getattr(connection, part), noted)
            values.update(found)
            errors.extend(wrong)
    return values, errors


def from_carried(slots: Iterable[Slot], carried: Mapping[str, Any], noted: Notes = _NOTHING) -> Validated:
    """Return the values that one part of a request carries for its slots, and the errors."""
    values: dict[str, Any] = {}
    errors: list[ErrorDetails] = []
    for slot in slots:
        if slot.model is not None:
            value, wrong = _model_value(slot, slot.model, carried, noted)
        else:
            names = [wire for _, wire in wire_names(slot, path=isinstance(slot.field_info, Path))]
            name = next((name for name in names if name in carried), names[0])
            value, wrong = checked(slot, value_under(slot, carried, name), (_place(slot), name), noted)
        if wrong:
            errors.extend(wrong)
        else:
            values[slot.name] = value
    return values, errors


def checked(slot: Slot, value: Any, loc: Loc, noted: Notes = _NOTHING) -> tuple[Any, list[ErrorDetails]]:
    """Return the validated value, or the slot's default where there is none, and the errors."""
    if value is PydanticUndefined:
        if slot.required:
            return None, [missing(loc)]
        value = deepcopy(slot.default)
        if not slot.field_info.validate_default:
            return value, []
    if id(slot) in noted:
        value, refusal = noted.pop(id(slot))
        return value, [] if refusal is None else located(refusal, loc)
    return slot.validate(value, loc=loc)


def model_input(slot: Slot, model: type[BaseModel], carried: Mapping[str, Any]) -> tuple[Any, dict[str, str]]:
    """Return what a parameter model is validated from, and which of its names the request spells differently.

    Returns:
        The found fields with what no field claims beside them, PydanticUndefined where an optional model was left out;
        and for each header field found under another spelling, the field's name and that spelling.
    """
    is_headers = isinstance(carried, Headers)
    by_default = getattr(slot.field_info, "convert_underscores", True)
    found: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    claimed: set[str] = set()
    known: set[str] = set()
    for each in model_slots(model):
        hyphens = is_headers and getattr(each.field_info, "convert_underscores", by_default)
        names = wire_names(each, hyphens=hyphens)
        known.update(wire.lower() if is_headers else wire for _, wire in names)
        name, wire = next((pair for pair in names if pair[1] in carried), names[0])
        value = value_under(each, carried, wire)
        if value is not PydanticUndefined:
            found[name] = value
        claimed.add(wire.lower() if is_headers else wire)
        if is_headers:
            claimed.update(own.lower() for own, sent in names if own != sent)
            if name != wire:
                spelled[each.name] = wire
    found.update(unclaimed(carried, claimed))
    takes_extra = model.model_config.get("extra") in ("allow", "forbid")
    optional = slot.field_info.annotation is not model
    if optional and not (known.intersection(carried.keys()) or (takes_extra and found)):
        return PydanticUndefined, spelled
    return found, spelled


def _model_value(
    slot: Slot, model: type[BaseModel], carried: Mapping[str, Any], noted: Notes
) -> tuple[Any, list[ErrorDetails]]:
    found, spelled = model_input(slot, model, carried)
    value, errors = checked(slot, found, (_place(slot),), noted)
    if spelled and model.model_config.get("loc_by_alias", True):
        for error in errors:
            place, *rest = error["loc"]
            if rest and rest[0] in spelled:
                error["loc"] = (place, spelled[rest[0]], *rest[1:])
    return value, errors


def _place(slot: Slot) -> str:
    place: str = slot.field_info.in_.value  # type: ignore[attr-defined]  # only parameters come here
    return place


async def from_body(slots: Sequence[Slot], body: Any, *, embed: bool, noted: Notes = _NOTHING) -> Validated:
    """Return the values that the body holds for one signature's body slots, and the errors.

    Args:
        slots: the signature's body slots, at least one.
        body: what `parse_body` returned, or a form.
        embed: whether each slot is a key of the body.
        noted: what came of validations that are not to be done again.
    """
    form = body if isinstance(body, FormData) else None
    from_form: dict[str, tuple[str, Any]] = {}
    if form is not None:
        plain = [slot for slot in slots if not form_models(slot)]
        held = await form_values(plain, form) if plain else []
        body = {name: value for name, value, _ in held}
        from_form = {slot.name: (name, value) for name, value, slot in held if slot is not None}
    if len(slots) == 1 and not embed and not embeds(slots) and not form_models(slots[0]):
        value, errors = checked(slots[0], body, ("body",), noted)
        return {slots[0].name: value}, errors
    values: dict[str, Any] = {}
    errors = []
    loc: Loc
    for slot in slots:
        first = wire_names(slot)[0][0]
        if form is not None and (models := form_models(slot)):
            value, loc = await form_model_values(slot, models, form), ("body",)
        elif form is not None:
            name, value = from_form.get(slot.name, (first, PydanticUndefined))
            loc = ("body", name)
        elif body is PydanticUndefined or isinstance(body, bytes):
            value, loc = PydanticUndefined, ("body", first)
        elif not hasattr(body, "get"):
            errors.append(missing(("body", first)))
            continue
        else:
            value, loc = _keyed(slot, body)
        value, wrong = checked(slot, value, loc, noted)
        if wrong:
            errors.extend(wrong)
        else:
            values[slot.name] = value
    return values, errors


def _keyed(slot: Slot, body: Any) -> tuple[Any, Loc]:
    names = [name for name, _ in wire_names(slot)]
    for name in names:
        value = body.get(name, PydanticUndefined)
        if value is not PydanticUndefined:
            return value, ("body", name)
    return PydanticUndefined, ("body", names[0])


def put_model(part: dict[str, Any], key: str, slot: Slot, carried: Mapping[str, Any]) -> None:
    """Put what a parameter model is validated from under `key`; an optional one that was left out is not put there."""
    if slot.model is None:
        raise TypeError(f"{slot.name} is no parameter model")
    found, _ = model_input(slot, slot.model, carried)
    if found is not PydanticUndefined:
        part[key] = found


def holds_blank(carried: Mapping[str, Mapping[str, Any]], places: Iterable[tuple[str, ...]]) -> bool:
    """Whether an empty text stands at one of the places, each a part of the request and a name in it."""
    return any(carried[part].get(name) == "" for part, name in places)


def all_cookies(headers: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return every cookie of a request."""
    return Request({"type": "http", "headers": headers}).cookies
