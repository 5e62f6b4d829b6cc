"""What the errors say of themselves: the module that users import them from, and where their source is."""

import inspect
import pickle
import traceback
import typing
from typing import Any

import pytest

import martlet
import martlet.exceptions as ours

ERRORS = [
    value
    for value in vars(ours).values()
    if inspect.isclass(value) and issubclass(value, Exception) and value.__module__.startswith("martlet")
]


def travelled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


@pytest.mark.parametrize("error", ERRORS)
def test_errors_say_the_module_that_users_import_them_from(error: type[Exception]) -> None:
    assert error.__module__ == "martlet.exceptions"
    assert travelled(error) is error
    assert inspect.getsource(error).startswith(f"class {error.__name__}")
    assert inspect.getsourcefile(error) == ours.__file__
    assert "self" not in typing.get_type_hints(error.__init__)


def test_errors_travel_whole() -> None:
    error = travelled(martlet.HTTPException(404, {"no": "book"}, {"x": "y"}))
    assert (error.status_code, error.detail, error.headers) == (404, {"no": "book"}, {"x": "y"})


def test_tracebacks_name_that_module() -> None:
    shown = traceback.format_exception_only(martlet.HTTPException(404))
    assert shown == ["martlet.exceptions.HTTPException: 404: Not Found\n"]
