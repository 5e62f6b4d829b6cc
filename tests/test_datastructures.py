"""Uploaded files, and the mark of a default."""

import copy
import inspect
import io
from typing import Any

import fastapi.datastructures as genuine
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.datastructures import UploadFile as StarletteUploadFile

from martlet import Body, Query
from martlet import datastructures as ours
from martlet._engine.words.unset import UNSET
from martlet.datastructures import Default, DefaultPlaceholder, UploadFile

NAMES = [
    "URL",
    "Address",
    "Default",
    "DefaultPlaceholder",
    "DefaultType",
    "FormData",
    "Headers",
    "QueryParams",
    "State",
]


@pytest.mark.parametrize("name", [*NAMES, "StarletteUploadFile", "UploadFile", "_Unset"])
def test_fastapis_names_are_here(name: str) -> None:
    mine, theirs = getattr(ours, name), getattr(genuine, name)
    if getattr(theirs, "__module__", "").startswith("starlette"):
        assert mine is theirs


@pytest.mark.anyio
async def test_a_file_is_read_and_written() -> None:
    file = UploadFile(io.BytesIO(b"abc"), filename="a.txt", size=3)
    assert await file.read(2) == b"ab"
    assert await file.read() == b"c"
    await file.write(b"def")
    assert file.size == 6
    await file.seek(1)
    assert await file.read() == b"bcdef"
    await file.close()
    assert file.file.closed


@pytest.mark.parametrize("make", [UploadFile, StarletteUploadFile])
def test_any_uploaded_file_is_valid(make: Any) -> None:
    file = make(io.BytesIO())
    assert TypeAdapter(UploadFile).validate_python(file) is file


@pytest.mark.parametrize("value", ["text", b"", None])
def test_what_is_no_file_is_refused_as_by_fastapi(value: Any) -> None:
    texts = []
    for make in (UploadFile, genuine.UploadFile):
        with pytest.raises(ValidationError) as refused:
            TypeAdapter(make).validate_python(value)
        texts.append(refused.value.errors(include_url=False, include_context=False))
    assert texts[0] == texts[1]


def test_the_document_says_what_fastapis_says() -> None:
    class Mine(BaseModel):
        file: UploadFile

    class Theirs(BaseModel):
        file: genuine.UploadFile

    assert Mine.model_json_schema()["properties"] == Theirs.model_json_schema()["properties"]


def test_a_default_is_marked() -> None:
    mark: Any = Default(0)
    assert isinstance(mark, DefaultPlaceholder)
    assert mark == Default(0)
    assert not mark


def test_an_option_that_is_unset_is_not_given() -> None:
    mark: Any = ours._Unset
    query, body = Query(3, alias=mark, ge=mark), Body(default_factory=mark, example=mark)
    assert isinstance(mark, DefaultPlaceholder)
    assert mark == Default(None)
    assert not mark
    assert (query.alias, query.metadata, body.example) == (None, [], mark)
    assert body.is_required()
    assert inspect.signature(Query).parameters["alias"].default is mark
    assert copy.deepcopy(mark) is mark
    assert len({UNSET, UNSET}) == 1
