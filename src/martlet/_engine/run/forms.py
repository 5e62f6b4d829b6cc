"""Reading a form into the values of its slots. Parsing is Starlette's, with python-multipart.

A `bytes` slot is given the content of an uploaded file, and the file's position is left where it was.
"""

from collections.abc import Iterable
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from starlette.datastructures import FormData, UploadFile

from martlet._engine.read.annotations import accepts_none, is_bytes, is_bytes_sequence, members
from martlet._engine.read.lookup import form_items
from martlet._engine.read.slot import Slot, model_slots, wire_names
from martlet._engine.words.markers import File


async def form_values(slots: Iterable[Slot], form: FormData) -> list[tuple[str, Any, Slot | None]]:
    """Return name, value and slot of all that a form holds, files read where bytes are wanted."""
    values = []
    for name, value, slot in form_items(slots, form):
        if slot is not None and isinstance(slot.field_info, File):
            value = await _content(slot, value)  # noqa: PLW2901 - what the slot makes of the value
        values.append((name, value, slot))
    return values


async def form_model_values(slot: Slot, models: list[type[BaseModel]], form: FormData) -> Any:
    """Return the fields that a form holds for a model; PydanticUndefined where an optional one was left out."""
    if accepts_none(slot.field_info.annotation) and not any(is_sent(model, form) for model in models):
        return PydanticUndefined
    slots = model_slots(models[0]) if len(models) == 1 else ()
    return {name: value for name, value, _ in await form_values(slots, form)}


def is_sent(model: type[BaseModel], form: FormData) -> bool:
    """Whether a form holds anything of a model."""
    names = {name for slot in model_slots(model) for name, _ in wire_names(slot)}
    takes_extra = model.model_config.get("extra") in ("allow", "forbid")
    return bool(names.intersection(form.keys())) or (takes_extra and bool(form))


async def _content(slot: Slot, value: Any) -> Any:
    annotation = slot.field_info.annotation
    if is_bytes(annotation) and isinstance(value, UploadFile):
        return await read_file(value)
    if is_bytes_sequence(annotation) and isinstance(value, list):
        contents = [await read_file(each) if isinstance(each, UploadFile) else each for each in value]
        return container_of(annotation)(contents)
    return value


async def read_file(file: UploadFile) -> bytes:
    """Return the content from the file's position on, and put the position back."""
    position = file.file.tell()
    try:
        return await file.read()
    finally:
        await file.seek(position)


def container_of(annotation: Any) -> type[Any]:
    """Return the class of a sequence annotation, list for an abstract one."""
    choice = next(each for each in members(annotation) if each is not type(None))
    container = get_origin(choice) or choice
    return container if container in (tuple, set, frozenset) else list
