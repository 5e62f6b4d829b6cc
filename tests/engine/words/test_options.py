"""The options are FastAPI's, all explained."""

import ast
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import fastapi
import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from martlet._engine.words import options, param_options
from martlet._engine.words.keywords import option_names
from martlet._engine.words.options import (
    AddRouteOptions,
    ApiRouteOptions,
    AppOptions,
    FormLimits,
    IncludeOptions,
    RouteInitOptions,
    RouteOptions,
    RouterOptions,
)
from martlet._engine.words.param_options import BodyOptions, Example, FormOptions, HeaderOptions, ParamOptions

Router = fastapi.APIRouter
OURS = {"scalar_url"}  # what FastAPI does not have


def keywords(function: Callable[..., Any]) -> set[str]:
    return {name for name, each in inspect.signature(function).parameters.items() if each.kind is each.KEYWORD_ONLY}


@pytest.mark.parametrize(
    ("function", "listed"),
    [
        *((function, RouteOptions) for function in (Router.get, Router.post, Router.trace, fastapi.FastAPI.get)),
        (Router.api_route, ApiRouteOptions),
        (Router.add_api_route, AddRouteOptions),
        (APIRoute, RouteInitOptions),
        (Router, RouterOptions),
        (Router.include_router, IncludeOptions),
        (fastapi.FastAPI, AppOptions),
        (fastapi.Query, ParamOptions),
        (fastapi.Header, HeaderOptions),
        (fastapi.Body, BodyOptions),
        (fastapi.File, FormOptions),
    ],
)
def test_the_options_are_fastapis(function: Callable[..., Any], listed: type[Any]) -> None:
    assert keywords(function) == option_names(listed) - OURS


@pytest.mark.parametrize("module", [options, param_options])
def test_each_option_is_explained_under_its_key(module: ModuleType) -> None:
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
            if isinstance(statement, ast.AnnAssign):
                where = f"{node.name}.{ast.unparse(statement.target)}"
                assert isinstance(following, ast.Expr), where
                assert isinstance(following.value, ast.Constant), where
                assert str(following.value.value).strip().endswith((".", "`.", ")")), where


@pytest.mark.parametrize("limits", [{}, {"max_fields": 0}, {"max_fields": 1, "max_files": 2, "max_part_size": 3}])
def test_form_limits_are_counts(limits: dict[str, int]) -> None:
    assert TypeAdapter(FormLimits).validate_python(limits) == limits


@pytest.mark.parametrize("limits", [{"max_fields": -1}, {"max_files": "1"}, {"max_size": 1}, {"max_part_size": None}])
def test_other_form_limits_are_not(limits: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(FormLimits).validate_python(limits)


def test_an_example_may_have_extensions() -> None:
    example = {"summary": "One", "value": 1, "x-more": 2}
    assert TypeAdapter(Example).validate_python(example) == example
