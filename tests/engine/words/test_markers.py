import inspect
import warnings
from collections.abc import Callable
from copy import copy
from dataclasses import FrozenInstanceError, replace
from typing import Annotated, Any

import fastapi
import pytest
from fastapi import params as genuine
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AliasChoices, BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from martlet._engine.words import markers
from martlet._engine.words.errors import (
    FastAPIDeprecationWarning,
    InvalidConcurrencyError,
    InvalidParameterError,
    UnknownOptionError,
)
from martlet._engine.words.markers import (
    Body,
    Cookie,
    Depends,
    File,
    Form,
    Header,
    Param,
    ParamTypes,
    Path,
    Query,
    Security,
)
from martlet._engine.words.unset import UNSET

KINDS = ("Param", "Path", "Query", "Header", "Cookie", "Body", "Form", "File")
OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "default_factory": st.sampled_from([None, list]),
    "alias": st.sampled_from([None, "", "other"]),
    "alias_priority": st.sampled_from([None, 1, 2]),
    "validation_alias": st.sampled_from([None, "wire", AliasChoices("a", "b")]),
    "serialization_alias": st.sampled_from([None, "out"]),
    "title": st.sampled_from([None, "Title"]),
    "description": st.sampled_from([None, "Text"]),
    **{name: st.sampled_from([None, 0, 3.5]) for name in ("gt", "ge", "lt", "le", "multiple_of")},
    **{name: st.sampled_from([None, 0, 3]) for name in ("min_length", "max_length", "max_digits", "decimal_places")},
    "pattern": st.sampled_from([None, "", "^a$"]),
    "regex": st.sampled_from([None, "", "^b$"]),
    "discriminator": st.sampled_from([None, "kind"]),
    "union_mode": st.sampled_from([None, "smart", "left_to_right"]),
    **{name: st.sampled_from([None, True, False]) for name in ("strict", "validate_default", "fail_fast")},
    "allow_inf_nan": st.sampled_from([None, True, False]),
    "examples": st.sampled_from([None, [1]]),
    "example": st.sampled_from([None, 1]),
    "openapi_examples": st.sampled_from([None, {"one": {"value": 1}}]),
    "deprecated": st.sampled_from([None, True, "gone"]),
    "include_in_schema": st.booleans(),
    "json_schema_extra": st.sampled_from([None, {"x": 1}]),
    "annotation": st.sampled_from([None, int]),
}
OF_KIND: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "Header": {"convert_underscores": st.booleans()},
    "Body": {"embed": st.sampled_from([None, True]), "media_type": st.just("text/x")},
    "Form": {"media_type": st.just("text/x")},
    "File": {"media_type": st.just("text/x")},
}


def facts(marker: Any, unset: object) -> dict[str, Any]:
    """All that a marker holds."""
    slots = {name: getattr(marker, name) for name in FieldInfo.__slots__ if hasattr(marker, name)}
    own = {name: value for name, value in vars(marker).items() if name != "in_"}
    own["example"] = None if own["example"] is unset else (own["example"],)
    where = getattr(marker, "in_", None)
    return {**slots, **own, "metadata": list(map(repr, marker.metadata)), "in_": where and where.value}


@given(st.sampled_from(KINDS), st.data())
def test_a_marker_holds_what_fastapis_does(kind: str, data: st.DataObject) -> None:
    options = data.draw(st.fixed_dictionaries({}, optional={**OPTIONS, **OF_KIND.get(kind, {})}))
    defaults: list[tuple[Any, ...]] = [(), (...,), (None,), (3,), ([],)]
    default = () if kind == "Path" else data.draw(st.sampled_from(defaults))
    if default not in ((), (...,)) or kind == "Path":
        options.pop("default_factory", None)
    with warnings.catch_warnings(record=True) as theirs:
        warnings.simplefilter("always")
        expected = getattr(genuine, kind)(*default, **options)
    with warnings.catch_warnings(record=True) as ours:
        warnings.simplefilter("always")
        marker = getattr(markers, kind)(*default, **options)
    assert facts(marker, UNSET) == facts(expected, fastapi.datastructures._Unset)
    assert repr(marker) == repr(expected)
    assert [str(each.message) for each in ours] == [str(each.message) for each in theirs]


@pytest.mark.parametrize("kind", KINDS)
def test_the_classes_are_related_as_fastapis(kind: str) -> None:
    ours, theirs = getattr(markers, kind), getattr(genuine, kind)
    assert issubclass(ours, FieldInfo)
    for other in KINDS:
        assert issubclass(ours, getattr(markers, other)) is issubclass(theirs, getattr(genuine, other))


@pytest.mark.parametrize("kind", [*KINDS, "Depends", "Security"])
def test_the_signatures_list_fastapis_keywords(kind: str) -> None:
    ours = inspect.signature(getattr(markers, kind)).parameters
    theirs = inspect.signature(getattr(genuine, kind)).parameters
    assert set(ours) == {name.lstrip("_") for name in theirs}
    positional = [name for name, each in ours.items() if each.kind is each.POSITIONAL_OR_KEYWORD]
    assert positional == [name for name, each in theirs.items() if each.kind is each.POSITIONAL_OR_KEYWORD]


def test_param_types_are_fastapis() -> None:
    assert {each.name: each.value for each in ParamTypes} == {each.name: each.value for each in genuine.ParamTypes}


@pytest.mark.parametrize("default", ["text", None, 1, []])
def test_a_marker_shows_its_default(default: object) -> None:
    assert repr(Param(default)) == f"Param({default})"
    assert repr(Query(default)) == f"Query({default})"
    assert repr(Query(...)) == repr(Query()) == "Query(PydanticUndefined)"


def test_a_path_parameter_has_no_default() -> None:
    assert Path().is_required()
    with pytest.raises(AssertionError, match=r"^Path parameters cannot have a default value\n  Leave out 3:") as caught:
        Path(3)
    assert isinstance(caught.value, InvalidParameterError)


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_option_is_refused(kind: str) -> None:
    with pytest.raises(TypeError, match=f"^{kind}\\(\\) got an unexpected keyword argument 'min_lenght'") as caught:
        getattr(markers, kind)(min_lenght=3)
    assert isinstance(caught.value, UnknownOptionError)
    assert str(caught.value).endswith("Did you mean 'min_length'?")


def test_an_option_of_another_kind_is_refused() -> None:
    with pytest.raises(UnknownOptionError):
        Form(embed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # which is what is tested
    with pytest.raises(UnknownOptionError):
        Query(convert_underscores=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # likewise


@pytest.mark.parametrize(("option", "successor"), [("regex", "pattern"), ("example", "examples")])
@pytest.mark.parametrize("kind", KINDS)
def test_a_deprecated_option_warns_where_it_was_written(kind: str, option: str, successor: str) -> None:
    def use() -> None:
        getattr(markers, kind)(**{option: "x"})

    with pytest.warns(FastAPIDeprecationWarning) as caught:
        use()
    [warning] = caught
    assert str(warning.message) == f"`{option}` has been deprecated, please use `{successor}` instead"
    assert warning.filename == __file__
    assert warning.lineno == use.__code__.co_firstlineno + 1


def test_a_subclass_of_a_user_passes_options_on() -> None:
    class Token(Header):  # type: ignore[misc]  # mypy takes FieldInfo for final
        def __init__(self, default: Any = ..., **options: Any) -> None:
            options.setdefault("description", "A token")
            super().__init__(default, alias="x-token", **options)

    token = Token(title="Token")
    assert (token.alias, token.title, token.description, token.in_) == (
        "x-token",
        "Token",
        "A token",
        ParamTypes.header,
    )
    assert repr(token) == "Token(PydanticUndefined)"
    with pytest.raises(UnknownOptionError, match=r"^Token\(\)"):
        Token(titel="Token")


def test_a_copy_is_a_marker_still() -> None:
    marker = copy(Body(3, embed=True, description="x"))
    assert isinstance(marker, Body)
    assert (marker.default, marker.embed, marker.description) == (3, True, "x")


def test_constraints_are_pydantics() -> None:
    adapter = TypeAdapter[int](Annotated[int, Query(gt=3)])
    assert adapter.validate_python("4") == 4
    with pytest.raises(ValueError, match="greater than 3"):
        adapter.validate_python(3)


def test_an_alias_stands_for_both_aliases() -> None:
    class Filter(BaseModel):
        page: int = Query(alias="p")  # type: ignore[assignment]  # a FieldInfo is what pydantic wants here

    assert Filter.model_validate({"p": 3}).model_dump(by_alias=True) == {"p": 3}


# ------------------------------------------------------------------------------------------------------- dependencies


def work() -> None:
    """A dependency."""


def test_depends_holds_what_was_said() -> None:
    assert Depends() == Depends(None, use_cache=True, scope=None)
    assert (Depends(work, False, "function").use_cache, Depends(scope="request").scope) == (False, "request")
    assert repr(Depends(work)) == repr(genuine.Depends(work))
    assert repr(Security(work, scopes=["a"])) == repr(genuine.Security(work, scopes=["a"]))
    assert isinstance(Security(work), Depends)
    assert Security(work, scopes=["a"]) != Depends(work)
    assert hash(Depends(work)) == hash(Depends(work))


def test_depends_does_not_change() -> None:
    declared: Any = Depends(work)
    with pytest.raises(FrozenInstanceError):
        declared.use_cache = False


def test_each_limit_is_its_own() -> None:
    first, second = Depends(work, max_concurrency=2), Depends(work, max_concurrency=2)
    assert first.concurrency is not None
    assert first.concurrency is first._concurrency
    assert first != second
    assert Depends(work).concurrency is None


def test_a_replacement_keeps_the_limit_while_the_number_stays() -> None:
    declared = Depends(max_concurrency=2)
    assert replace(declared, dependency=work).concurrency is declared.concurrency
    other = replace(declared, max_concurrency=3).concurrency
    assert other is not None
    assert (other is declared.concurrency, other.max_concurrency) == (False, 3)
    assert replace(declared, max_concurrency=None).concurrency is None


@pytest.mark.parametrize("limit", [0, -1, True, 1.5, "2"])
@pytest.mark.parametrize("kind", [Depends, Security])
def test_a_limit_that_is_no_positive_integer_is_refused(kind: Callable[..., Any], limit: object) -> None:
    with pytest.raises(ValueError, match=r"^max_concurrency must be a positive integer or None$") as caught:
        kind(work, max_concurrency=limit)
    assert isinstance(caught.value, InvalidConcurrencyError)


def test_cookies_and_files_have_their_places() -> None:
    assert Cookie().in_ is ParamTypes.cookie
    assert File().media_type == "multipart/form-data"
