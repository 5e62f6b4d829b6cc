"""Modules that only offer Starlette's names, or constants, under FastAPI's."""

from importlib import import_module

import pytest

WINDOWS = [
    "logger",
    "middleware",
    "middleware.cors",
    "middleware.gzip",
    "middleware.httpsredirect",
    "middleware.trustedhost",
    "openapi.constants",
    "requests",
    "staticfiles",
    "templating",
    "testclient",
    "websockets",
]


@pytest.mark.parametrize("window", WINDOWS)
def test_it_offers_the_very_objects_that_fastapi_offers(window: str) -> None:
    mine, theirs = import_module(f"martlet.{window}"), import_module(f"fastapi.{window}")
    names = {name for name in vars(theirs) if not name.startswith("_") and not name.islower()} | (
        {"logger"} if window == "logger" else set()
    )
    assert names
    for name in names:
        assert getattr(mine, name) == getattr(theirs, name)


@pytest.mark.filterwarnings("ignore::starlette.exceptions.StarletteDeprecationWarning")
def test_wsgi_is_starlettes() -> None:
    from starlette.middleware import wsgi

    from martlet.middleware.wsgi import WSGIMiddleware

    assert WSGIMiddleware is wsgi.WSGIMiddleware


def test_the_aliases_of_types_are_here() -> None:
    import fastapi.types as genuine

    from martlet import types as ours

    for name in ("DecoratedCallable", "DependencyCacheKey", "IncEx", "ModelNameMap", "UnionType"):
        assert hasattr(genuine, name)
        assert hasattr(ours, name)
    assert genuine.UnionType is ours.UnionType
