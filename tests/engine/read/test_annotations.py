"""What kind of value an annotation stands for: FastAPI's own functions are the oracle."""

import warnings
from collections import deque
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Optional, Union, get_args

import fastapi._compat.shared as genuine
import fastapi.dependencies.utils as genuine_utils
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Json
from starlette.datastructures import UploadFile

from martlet._engine.read import annotations as ours
from tests.engine.read.reading import Color, Data, Item, Own, Page, Pair, Plain, Tagged, Typed
from tests.ids import shown

QUESTIONS = (
    (ours.is_sequence, genuine.field_annotation_is_sequence),
    (ours.is_scalar, genuine.field_annotation_is_scalar),
    (ours.is_scalar_sequence, genuine.field_annotation_is_scalar_sequence),
    (ours.is_bytes, genuine.is_bytes_or_nonable_bytes_annotation),
    (ours.is_bytes_sequence, genuine.is_bytes_sequence_annotation),
    (ours.is_upload, genuine.is_uploadfile_or_nonable_uploadfile_annotation),
    (ours.is_upload_sequence, genuine.is_uploadfile_sequence_annotation),
    (ours.optional_model, genuine_utils._get_model_type),
    (ours.stream_item, genuine_utils.get_stream_item_type),
)

LEAVES = (
    *(
        str,
        int,
        bytes,
        bool,
        type(None),
        Any,
        Item,
        Tagged,
        Page[Item],
        Data,
        Typed,
        Pair,
        Color,
        Plain,
        Own,
        UploadFile,
    ),
    *(list, tuple, dict, set, deque, Sequence, Mapping, Literal["a"], "Later", Json, Iterable, ...),
)


# Special forms as values: to a checker, `tuple[each, ...]` with a variable is no type.
FORMS: dict[str, Any] = {"tuple": tuple, "dict": dict, "Union": Union, "Generator": Generator}


def wrapped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    containers = (list, set, Sequence, deque, frozenset, Iterable, Iterator, AsyncIterator, Own, Optional)
    return st.one_of(
        st.builds(lambda container, each: container[each], st.sampled_from(containers), inner),
        st.builds(lambda each: Annotated[each, "a note"], inner),
        st.builds(lambda each: FORMS["tuple"][each, ...], inner),
        st.builds(lambda one, other: FORMS["tuple"][one, other], inner, inner),
        st.builds(lambda one, other: FORMS["Union"][one, other], inner, inner),
        st.builds(lambda each: FORMS["dict"][str, each], inner),
        st.builds(lambda each: FORMS["Generator"][each, None, None], inner),
    )


annotations = st.recursive(st.sampled_from([each for each in LEAVES if each is not ...]), wrapped, max_leaves=6)


@given(annotations)
def test_drawn_annotations_are_what_they_are_to_fastapi(annotation: Any) -> None:
    for mine, theirs in QUESTIONS:
        assert mine(annotation) == theirs(annotation), mine.__name__


@pytest.mark.parametrize("annotation", LEAVES, ids=shown)
def test_bare_annotations_are_what_they_are_to_fastapi(annotation: Any) -> None:
    for mine, theirs in QUESTIONS:
        assert mine(annotation) == theirs(annotation), mine.__name__


@pytest.mark.parametrize("annotation", [int | None, Optional[int], Union[int, str]], ids=shown)
def test_a_union_is_one_in_either_spelling(annotation: Any) -> None:
    assert ours.is_union(annotation)
    assert ours.members(annotation) == get_args(annotation)


def test_what_stands_in_a_union_is_laid_out_flat() -> None:
    inner: Any = Annotated[int | str, "a note"]

    assert ours.members(Annotated[inner | None, "another"]) == (int, str, type(None))
    assert ours.members(int) == (int,)
    assert ours.members(list[int]) == (list[int],)


def test_metadata_is_taken_off() -> None:
    assert ours.bare(Annotated[int, 1, 2]) is int
    assert ours.bare(int) is int


def test_none_is_accepted_by_unions_with_it() -> None:
    assert ours.accepts_none(int | None)
    assert not ours.accepts_none(int | str)
    assert not ours.accepts_none(None)


def test_an_alias_of_a_class_is_no_class() -> None:
    assert ours.is_subclass(bool, int)
    assert not ours.is_subclass(list[int], list)
    assert not ours.is_subclass("int", int)


class TestModelsOfPydanticV1:
    @pytest.fixture
    def old(self) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pydantic import v1

        class Old(v1.BaseModel):
            pass

        return Old

    def test_are_found_where_fastapi_finds_them(self, old: Any) -> None:
        for annotation in (old, old | None, list[old], list[list[old]], int, list[int], dict[str, old], BaseModel):
            assert ours.mentions_pydantic_v1(annotation) == genuine.annotation_is_pydantic_v1(annotation), annotation

    def test_are_found_in_lists_of_a_union(self, old: Any) -> None:
        assert ours.mentions_pydantic_v1(list[old] | None)

    def test_are_not_there_while_nobody_has_imported_that_module(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delitem(__import__("sys").modules, "pydantic.v1.main", raising=False)

        assert not ours.mentions_pydantic_v1(Item)

    def test_are_told_by_class_not_by_the_name_of_a_module(self, old: Any) -> None:
        mine = type("Mine", (BaseModel,), {"__module__": "app.pydantic.v1"})

        assert not ours.mentions_pydantic_v1(mine)
        assert ours.is_pydantic_v1_model(old)
