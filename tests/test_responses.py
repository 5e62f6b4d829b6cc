"""The answers that an endpoint may build itself."""

import datetime as dt
import sys
from collections.abc import Callable
from enum import Enum
from typing import Any

import fastapi.responses as genuine
import pytest
from starlette import responses as starlette_responses

from martlet import responses as ours
from martlet.exceptions import FastAPIDeprecationWarning, MissingPackageError
from tests.asking import Framework, Way, ask, get

NAMES = [
    "EventSourceResponse",
    "FileResponse",
    "HTMLResponse",
    "JSONResponse",
    "ORJSONResponse",
    "PlainTextResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "UJSONResponse",
]


@pytest.mark.parametrize("name", NAMES)
def test_fastapis_names_are_here(name: str) -> None:
    mine, theirs = getattr(ours, name), getattr(genuine, name)
    assert mine.media_type == theirs.media_type
    if hasattr(starlette_responses, name):
        assert mine is theirs


@pytest.mark.parametrize("name", ["ORJSONResponse", "UJSONResponse"])
@pytest.mark.parametrize("content", [{"a": "ä"}, [1.5, None], {"1": {"x": "/"}}])
def test_a_deprecated_response_warns_and_writes_what_fastapis_writes(name: str, content: Any) -> None:
    make: Callable[[Any], ours.JSONResponse] = getattr(ours, name)
    with pytest.warns(FastAPIDeprecationWarning, match=f"{name} is deprecated"):
        mine = make(content)
    with pytest.warns(UserWarning, match=f"{name} is deprecated"):
        theirs = getattr(genuine, name)(content)
    assert mine.body == theirs.body
    assert mine.headers == theirs.headers


@pytest.mark.filterwarnings("ignore::martlet.exceptions.FastAPIDeprecationWarning")
def test_orjson_writes_keys_that_are_no_text() -> None:
    assert ours.ORJSONResponse({1: dt.date(2020, 1, 2)}).body == b'{"1":"2020-01-02"}'


@pytest.mark.parametrize("package", ["orjson", "ujson"])
@pytest.mark.filterwarnings("ignore::martlet.exceptions.FastAPIDeprecationWarning")
def test_a_missing_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        AssertionError, match=f"{package} must be installed to use {package.upper()}Response"
    ) as refused:
        getattr(ours, f"{package.upper()}Response")({})
    assert isinstance(refused.value, MissingPackageError)


class Made(int, Enum):
    """A status of users who want names and no IntEnum."""

    MANY = 201


@pytest.mark.anyio
@pytest.mark.parametrize("way", ["direct", "direct, RSGI"])
async def test_a_status_may_be_a_member_of_an_enum(way: Way) -> None:
    app = Framework("martlet", way).app()

    @app.get("/", status_code=Made.MANY)
    async def many() -> dict[str, int]:
        return {}

    assert (await ask(app, get("/"))).status == 201
