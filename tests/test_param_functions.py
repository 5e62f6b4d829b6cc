import inspect
from typing import Any

import fastapi
import pytest

from martlet import param_functions, params
from martlet._engine.words import markers
from martlet._engine.words.errors import UnknownOptionError

MARKERS = ("Path", "Query", "Header", "Cookie", "Body", "Form", "File")


@pytest.mark.parametrize("name", MARKERS)
def test_a_function_makes_its_marker(name: str) -> None:
    marker = getattr(param_functions, name)(description="Text", alias="a")
    assert type(marker) is getattr(params, name)
    assert marker.is_required()
    assert (marker.description, marker.alias) == ("Text", "a")


@pytest.mark.parametrize("name", [name for name in MARKERS if name != "Path"])
def test_the_default_comes_first(name: str) -> None:
    assert getattr(param_functions, name)(3).default == 3


@pytest.mark.parametrize("name", [*MARKERS, "Depends", "Security"])
def test_the_signatures_are_fastapis(name: str) -> None:
    ours = inspect.signature(getattr(param_functions, name)).parameters
    theirs = inspect.signature(getattr(fastapi, name)).parameters
    assert {key: each.kind for key, each in ours.items()} == {key: each.kind for key, each in theirs.items()}


@pytest.mark.parametrize("name", MARKERS)
def test_an_unknown_option_is_refused(name: str) -> None:
    with pytest.raises(UnknownOptionError, match=f"^{name}\\(\\) got an unexpected keyword argument 'titel'"):
        getattr(param_functions, name)(titel="x")


def test_options_of_a_kind_reach_the_marker() -> None:
    assert param_functions.Header(convert_underscores=False).convert_underscores is False
    assert param_functions.Body(embed=True, media_type="text/x").embed is True
    assert param_functions.Form(media_type="text/x").media_type == "text/x"


def test_a_dependency_is_what_was_said() -> None:
    def work() -> None: ...

    assert param_functions.Depends(work, use_cache=False, scope="function") == params.Depends(work, False, "function")
    assert param_functions.Depends(work, max_concurrency=2).max_concurrency == 2
    declared: Any = param_functions.Security(work, scopes=["a"], use_cache=False)
    assert declared == params.Security(work, False, scopes=["a"])


def test_params_are_the_markers() -> None:
    names = [*MARKERS, "Param", "ParamTypes", "Depends", "Security"]
    assert [getattr(params, name) for name in names] == [getattr(markers, name) for name in names]
