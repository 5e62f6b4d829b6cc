"""Errors of declarations: what they say, in which order, and what they can be caught as."""

import functools
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from martlet import exceptions
from martlet._engine.words import errors
from martlet._engine.words.errors import DECLARATION_ERRORS, DeclarationError, UnknownOptionError, locate


def endpoint() -> None: ...


class Callee:
    def __call__(self) -> None: ...


class Awkward:
    @property
    def __wrapped__(self) -> None:
        raise RuntimeError

    def __call__(self) -> None: ...


def test_the_pinned_sentence_comes_first_then_advice_then_the_place() -> None:
    error = errors.InvalidPathError("Pinned.", advice="Do better.", endpoint=endpoint)
    line = endpoint.__code__.co_firstlineno
    assert str(error) == f'Pinned.\n  Do better.\n  File "{__file__}", line {line}, in endpoint'
    assert (error.message, error.advice) == ("Pinned.", "Do better.")


def test_a_message_may_stand_alone() -> None:
    assert str(DeclarationError("Pinned.")) == "Pinned."


def test_every_error_has_a_code_of_its_own() -> None:
    found = {each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, DeclarationError)}
    assert set(DECLARATION_ERRORS.values()) == found
    assert all(code.startswith("MARTLET-D") for code in DECLARATION_ERRORS)


def test_users_import_all_of_them_from_one_module() -> None:
    assert {name for name, each in vars(errors).items() if isinstance(each, type) and name.endswith("Error")} <= set(
        vars(exceptions)
    )


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (errors.InvalidParameterError, AssertionError),
        (errors.InvalidPathError, AssertionError),
        (errors.InvalidRouterError, AssertionError),
        (errors.InvalidResponseError, AssertionError),
        (errors.UnknownOptionError, TypeError),
        (errors.InvalidFieldTypeError, errors.FastAPIError),
        (errors.DependencyScopeError, errors.FastAPIError),
        (errors.PydanticV1NotSupportedError, errors.FastAPIError),
        (errors.FastAPIError, RuntimeError),
        (errors.FastAPIDeprecationWarning, UserWarning),
    ],
)
def test_it_is_caught_by_what_fastapi_raises(error: type[Exception], base: type[Exception]) -> None:
    assert issubclass(error, base)


def test_it_survives_a_trip_to_another_process() -> None:
    error = errors.InvalidPathError("Pinned.", advice="Do better.", endpoint=lambda: None)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert str(copy) == str(error)
    assert copy.location == error.location


@pytest.mark.parametrize(
    "error",
    [
        errors.InvalidAnswerError("It is wrong.", "Do better."),
        errors.UnexpectedMessageError({"type": "http.response.trailers"}),
        exceptions.ResponseValidationError(errors=[{"type": "missing"}], body={"a": 1}),
        exceptions.RequestValidationError(errors=[], endpoint_ctx={"path": "GET /"}),
    ],
)
def test_so_do_those_that_are_raised_while_a_request_lasts(error: Exception) -> None:
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


@pytest.mark.parametrize(
    ("name", "advice"),
    [("sumary", "\n  Did you mean 'summary'?"), ("response_modl", "\n  Did you mean 'response_model'?"), ("zzz", "")],
)
def test_an_unknown_option_names_the_likely_one(name: str, advice: str) -> None:
    error = UnknownOptionError.of("APIRouter.get", name, ["summary", "response_model"])
    assert str(error) == f"APIRouter.get() got an unexpected keyword argument {name!r}{advice}"


@functools.wraps(endpoint)
def wrapper() -> None: ...


@pytest.mark.parametrize(
    ("callee", "ending"),
    [
        (endpoint, "in endpoint"),
        (wrapper, f"line {endpoint.__code__.co_firstlineno}, in endpoint"),
        (functools.partial(endpoint), "in endpoint"),
        (Callee(), f'File "{__file__}", in Callee'),
        (Callee, f'File "{__file__}", in Callee'),
        (Callee().__call__, "in Callee.__call__"),
        (print, ""),
        (Awkward(), ""),
    ],
)
def test_any_callable_is_located_as_well_as_can_be(callee: Callable[..., Any], ending: str) -> None:
    assert locate(callee).endswith(ending)
    assert bool(locate(callee)) == bool(ending)
