"""Errors of requests: the same constructors, attributes and texts as FastAPI's."""

from typing import Any

import fastapi.exceptions as genuine
import pytest
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.exceptions import WebSocketException as StarletteWebSocketException

from martlet import exceptions as ours

CONTEXTS: list[Any] = [
    None,
    {},
    {"path": "GET /items"},
    {"function": "read", "file": "app.py", "line": 3},
    {"function": "read", "file": "app.py", "line": 3, "path": "GET /items"},
    {"function": "read", "line": 3},
]
ERRORS: list[list[Any]] = [[], [{"type": "missing", "loc": ("body",)}], [{"a": 1}, "plain"]]


@pytest.mark.parametrize("context", CONTEXTS)
@pytest.mark.parametrize("errors", ERRORS)
@pytest.mark.parametrize(
    "name",
    ["ValidationException", "RequestValidationError", "WebSocketRequestValidationError", "ResponseValidationError"],
)
def test_a_validation_error_reads_as_fastapis(name: str, errors: list[Any], context: Any) -> None:
    mine, theirs = (getattr(module, name)(errors, endpoint_ctx=context) for module in (ours, genuine))
    assert str(mine) == str(theirs)
    assert mine.errors() is errors
    for attribute in ("endpoint_ctx", "endpoint_function", "endpoint_path", "endpoint_file", "endpoint_line"):
        assert getattr(mine, attribute) == getattr(theirs, attribute)


@pytest.mark.parametrize("error", [ours.RequestValidationError, ours.ResponseValidationError])
def test_the_body_is_kept(error: Any) -> None:
    assert error([], body={"a": 1}).body == {"a": 1}
    assert error([]).body is None


def test_an_http_exception_is_starlettes_with_any_detail() -> None:
    error = ours.HTTPException(418, {"why": ["tea"]}, {"X-Pot": "1"})
    assert isinstance(error, StarletteHTTPException)
    assert (error.status_code, error.detail, error.headers) == (418, {"why": ["tea"]}, {"X-Pot": "1"})
    assert ours.HTTPException(404).detail == genuine.HTTPException(404).detail == "Not Found"


def test_a_websocket_exception_is_starlettes() -> None:
    error = ours.WebSocketException(1008)
    assert isinstance(error, StarletteWebSocketException)
    assert (error.code, error.reason) == (1008, "")


def test_error_models_are_named_as_in_fastapi() -> None:
    assert ours.RequestErrorModel.__name__ == genuine.RequestErrorModel.__name__
    assert ours.WebSocketErrorModel.__name__ == genuine.WebSocketErrorModel.__name__


def test_the_window_has_every_name_of_fastapis() -> None:
    imported = {"Annotated", "Any", "BaseModel", "Doc", "Mapping", "Sequence", "TypedDict", "create_model"}
    assert {name for name in vars(genuine) if not name.startswith("_")} - imported <= set(vars(ours))
