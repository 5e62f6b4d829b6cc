"""A value is found where FastAPI finds it: in queries, headers, cookies and forms."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import fastapi._compat as genuine_compat
import fastapi.dependencies.utils as genuine_utils
import fastapi.params as genuine_params
import pytest
from fastapi import UploadFile as GenuineFile
from pydantic import AliasChoices, Json
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from starlette.datastructures import FormData, Headers, QueryParams, UploadFile

from martlet._engine.read.lookup import form_items, unclaimed, value_under
from martlet._engine.read.slot import Slot
from martlet._engine.words import markers
from tests.ids import shown

FILE = UploadFile(file=BytesIO(b"x"), filename="f.txt", size=1)
NO_FILE = UploadFile(file=BytesIO(b""), filename="", size=0)
EMPTY_FILE = UploadFile(file=BytesIO(b""), filename="f.txt", size=0)

CARRIED: dict[str, Mapping[str, Any]] = {
    "query": QueryParams([("x", "1"), ("y", "a"), ("x", "2"), ("z", ""), ("j", "[1]")]),
    "headers": Headers(raw=[(b"x", b"1"), (b"y", b"a"), (b"x", b"2"), (b"z", b""), (b"j", b"[1]")]),
    "form": FormData([("x", "1"), ("y", ""), ("x", ""), ("z", FILE), ("j", "[1]"), ("n", NO_FILE), ("n", FILE)]),
    "empty files": FormData([("x", NO_FILE), ("y", EMPTY_FILE), ("z", NO_FILE), ("z", NO_FILE), ("j", "")]),
    "cookies": {"x": "1", "y": "", "j": "[1]"},
    "nothing": {},
}
TYPES = (int, str, list[int], list[int] | None, bytes, Json[list[int]], GenuineFile, list[GenuineFile])


def slots(annotation: Any) -> tuple[Any, Any]:
    said = FieldInfo.from_annotation(annotation)
    made: list[Any] = []
    for params, kind in ((markers, Slot), (genuine_params, genuine_compat.ModelField)):
        field: Any = params.Query(annotation=said.annotation)
        field.metadata = said.metadata
        made.append(kind(field, "x"))
    return made[0], made[1]


@pytest.mark.parametrize("carried", CARRIED.values(), ids=CARRIED)
@pytest.mark.parametrize("annotation", TYPES, ids=shown)
def test_a_value_is_what_fastapi_finds(annotation: Any, carried: Mapping[str, Any]) -> None:
    ours, theirs = slots(annotation)
    for name in ("x", "y", "z", "n", "other"):
        if ours.json and carried.get(name) in (FILE, EMPTY_FILE):
            continue  # see the next test
        assert value_under(ours, carried, name) == genuine_utils._get_multidict_value(theirs, carried, name), name


def test_a_file_where_text_of_a_list_belongs_is_left_to_the_validator() -> None:
    # FastAPI asks for the length of the file here, and fails with a TypeError.
    slot, _ = slots(Json[list[int]])

    assert value_under(slot, FormData([("x", FILE)]), "x") is FILE
    assert value_under(slot, FormData([("x", NO_FILE)]), "x") is PydanticUndefined


@pytest.mark.parametrize("claimed", [set(), {"x"}, {"x", "y", "z", "j", "n"}], ids=shown)
@pytest.mark.parametrize("carried", CARRIED.values(), ids=CARRIED)
def test_what_nobody_claims_is_what_fastapi_leaves_over(carried: Mapping[str, Any], claimed: set[str]) -> None:
    assert list(unclaimed(carried, claimed)) == list(genuine_utils._get_multidict_extras(carried, claimed))


def test_a_form_is_taken_apart_as_by_fastapi() -> None:
    def fields(kind: Any, form: Any) -> list[Any]:
        return [
            kind(form(annotation=int), "x"),
            kind(form(annotation=list[str], alias="z"), "other"),
            kind(form(annotation=str, validation_alias=AliasChoices("a", "b")), "w"),
        ]

    more = FormData([("b", "1"), ("a", "2"), ("c", "3"), ("c", "4")])
    for form in (CARRIED["form"], CARRIED["empty files"], more):
        assert isinstance(form, FormData)
        ours = form_items(fields(Slot, markers.Form), form)
        theirs = genuine_utils._extract_form_items(fields(genuine_compat.ModelField, genuine_params.Form), form)
        assert [(name, value, slot and slot.name) for name, value, slot in ours] == [
            (name, value, slot and slot.name) for name, value, slot in theirs
        ]
