"""Where a slot's value stands in what a request carries: query, headers, cookies, a form.

These mappings may hold a name several times. A slot that is a sequence takes all of them, any other the last (the first
of headers). In a form an empty field and a file input without a file count as absent.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic_core import PydanticUndefined
from starlette.datastructures import FormData, Headers, ImmutableMultiDict, UploadFile

from martlet._engine.read.slot import Slot, wire_names


def value_under(slot: Slot, carried: Mapping[str, Any], name: str) -> Any:
    """Return what `carried` holds for the slot under `name`; PydanticUndefined where it holds nothing."""
    is_form = isinstance(carried, FormData)
    value: Any
    if slot.many and not slot.json and isinstance(carried, (ImmutableMultiDict, Headers)):
        value = carried.getlist(name)
        if is_form:
            value = [each for each in value if not _is_empty_file(each)]
    else:
        value = carried.get(name)
    if value is None or (slot.many and not value):
        return PydanticUndefined
    if is_form and (_is_empty_text(value) or _is_empty_file(value)):
        return PydanticUndefined
    return value


def unclaimed(carried: Mapping[str, Any], claimed: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield what no field of a parameter model has taken, a list where a name comes several times."""
    if isinstance(carried, ImmutableMultiDict):
        pairs: Iterable[tuple[str, Any]] = carried.multi_items()
    elif isinstance(carried, Headers):
        pairs = carried.items()
    else:
        yield from ((name, value) for name, value in carried.items() if name not in claimed)
        return
    grouped: dict[str, list[Any]] = {}
    for name, value in pairs:
        if name not in claimed:
            grouped.setdefault(name, []).append(value)
    yield from ((name, values[0] if len(values) == 1 else values) for name, values in grouped.items())


def form_items(slots: Iterable[Slot], form: FormData) -> Iterator[tuple[str, Any, Slot | None]]:
    """Yield name, value and slot of all that a form holds; fields that no slot asks for have None as theirs."""
    claimed: set[str] = set()
    for slot in slots:
        for name, _ in wire_names(slot):
            claimed.add(name)
            value = value_under(slot, form, name)
            if value is not PydanticUndefined:
                yield name, value, slot
                break
    yield from ((name, value, None) for name, value in unclaimed(form, claimed))


def _is_empty_text(value: Any) -> bool:
    return isinstance(value, str) and value == ""


def _is_empty_file(value: Any) -> bool:
    return isinstance(value, UploadFile) and value.filename == "" and value.size == 0
