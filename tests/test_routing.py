"""The window `routing`: the names that users and packages take from it."""

import pytest
from starlette.responses import PlainTextResponse

from martlet import routing
from martlet._engine.words.hooks import HOOKS
from tests.engine.declare.frameworks import GENUINE, Framework, both


def endpoint() -> None: ...


@pytest.mark.parametrize("name", [name for name in routing.__all__ if name not in {"Host", "get_dependant"}])
def test_the_names_are_fastapis(name: str) -> None:
    assert hasattr(routing, name)
    if name != "get_parameterless_sub_dependant":
        assert hasattr(GENUINE.module("routing"), name)


def test_the_ping_interval_is_read_when_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert HOOKS.ping_interval() == routing._PING_INTERVAL
    monkeypatch.setattr(routing, "_PING_INTERVAL", 0.5)
    assert HOOKS.ping_interval() == 0.5


@both
def test_candidates_are_declared_path_operations_and_starlettes_routes_with_full_paths(framework: Framework) -> None:
    module, app, router = framework.module("routing"), framework.FastAPI(openapi_url=None), framework.APIRouter()
    router.get("/a")(endpoint)
    router.add_route("/b", PlainTextResponse("b"))
    app.include_router(router, prefix="/x")
    assert [route.path for route in module._iter_included_route_candidates(app.routes)] == ["/a", "/x/b"]


@both
def test_form_limits_have_a_module(framework: Framework) -> None:
    module = framework.module("_form_limits")
    limits: module._FormLimits = {"max_files": 1}  # type: ignore[name-defined]  # known at run time
    assert module._validate_form_limits(limits) == limits
