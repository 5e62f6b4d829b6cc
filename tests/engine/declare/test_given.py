"""What is handed over when something is declared: mistakes are refused on the line that makes them."""

from collections.abc import Callable
from typing import Any

import pytest

from martlet import APIRouter, Depends, FastAPI
from martlet._engine.declare.given import given_dependencies
from martlet._engine.words.errors import InvalidParameterError, InvalidPathError


def check_token() -> None: ...


def endpoint() -> None: ...


BARE: Any = check_token

WAYS: dict[str, Callable[[Any], Any]] = {
    "an app": lambda given: FastAPI(dependencies=given),
    "a router": lambda given: APIRouter(dependencies=given),
    "an include": lambda given: FastAPI().include_router(APIRouter(), dependencies=given),
    "an operation": lambda given: FastAPI().get("/", dependencies=given)(endpoint),
    "a WebSocket": lambda given: FastAPI().websocket("/", dependencies=given)(endpoint),
}


@pytest.mark.parametrize("declare", WAYS.values(), ids=list(WAYS))
def test_a_bare_function_among_dependencies_is_refused_on_its_line(declare: Callable[[Any], Any]) -> None:
    with pytest.raises(InvalidParameterError, match=r"has to be a Depends\(\)") as refused:
        declare([Depends(check_token), BARE])
    assert refused.value.advice == "Write Depends(check_token)."
    line = declare.__code__.co_firstlineno
    assert refused.value.location == f'File "{__file__}", line {line}, in <lambda>'


@pytest.mark.parametrize("declare", WAYS.values(), ids=list(WAYS))
@pytest.mark.parametrize("given", [Depends(check_token), check_token])
def test_dependencies_are_a_list(declare: Callable[[Any], Any], given: Any) -> None:
    with pytest.raises(
        InvalidParameterError, match=r"`dependencies` has to be a list.*\n  Write dependencies=\[Depends"
    ):
        declare(given)


def test_a_depends_with_nothing_to_call_is_refused_by_an_include() -> None:
    with pytest.raises(InvalidParameterError, match="must have a callable dependency") as refused:
        FastAPI().include_router(APIRouter(), dependencies=[Depends()])
    assert refused.value.location.startswith(f'File "{__file__}", line ')


def test_dependencies_are_kept_in_a_list_of_their_own() -> None:
    given = (Depends(check_token),)
    assert given_dependencies(given) == list(given)
    assert given_dependencies(None) == []


@pytest.mark.parametrize("owner", [FastAPI(), APIRouter()], ids=["an app", "a router"])
@pytest.mark.parametrize("decorator", ["get", "delete", "api_route", "websocket"])
def test_a_decorator_that_was_not_called_is_refused(owner: Any, decorator: str) -> None:
    with pytest.raises(InvalidPathError, match=rf"^{decorator}\(\) takes a path, not <function endpoint") as refused:
        getattr(owner, decorator)(endpoint)
    assert refused.value.advice == f'Call the decorator with a path: .{decorator}("/path").'
    assert refused.value.location.endswith(f"line {endpoint.__code__.co_firstlineno}, in endpoint")
