"""APIRouter: what it says of its routes, and what it takes in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import BaseRoute, Route

from martlet import APIRouter, Depends, FastAPI
from martlet._engine.declare.route import APIRoute
from martlet._engine.declare.routes_list import RoutesList
from martlet._engine.words.epoch import EPOCH
from martlet._engine.words.errors import (
    DuplicateParameterError,
    FastAPIError,
    InvalidLimitError,
    InvalidPathError,
    InvalidRouterError,
    UnknownOptionError,
)
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import GENUINE, MARTLET, Framework, both


def endpoint() -> None: ...


def identify(route: Any) -> str:
    return f"id_{route.name}"


def dependency() -> None: ...


@both
def test_the_attributes_are_fastapis(framework: Framework) -> None:
    router = framework.APIRouter()
    assert (router.prefix, router.tags, router.dependencies, router.responses) == ("", [], [], {})
    assert (router.callbacks, router.on_startup, router.on_shutdown) == ([], [], [])
    assert (router.deprecated, router.include_in_schema, router.redirect_slashes) == (None, True, True)
    assert (router.max_body_size, router.form_limits, router.dependency_overrides_provider) == (None, {}, None)
    assert router.route_class is framework.module("routing").APIRoute
    for name in ("default_response_class", "generate_unique_id_function", "strict_content_type"):
        assert type(getattr(router, name)).__name__ == "DefaultPlaceholder"


@both
def test_a_router_adds_to_what_its_routes_say(framework: Framework) -> None:
    outer = framework.Depends(dependency)
    router = framework.APIRouter(
        prefix="/items",
        tags=["router"],
        dependencies=[outer],
        responses={404: {"description": "outer"}, 418: {}},
        default_response_class=HTMLResponse,
        generate_unique_id_function=identify,
        deprecated=True,
        strict_content_type=False,
        max_body_size=5,
        form_limits={"max_files": 1},
        dependency_overrides_provider="provider",
    )
    router.get("/a", tags=["route"], dependencies=[outer], responses={404: {"description": "inner"}})(endpoint)
    route = router.routes[0]
    assert (route.path, route.tags, route.dependencies) == ("/items/a", ["router", "route"], [outer, outer])
    assert route.responses == {404: {"description": "inner"}, 418: {}}
    assert (route.response_class, route.unique_id, route.deprecated) == (HTMLResponse, "id_endpoint", True)
    assert (route.strict_content_type, route.max_body_size, route.form_limits) == (False, 5, {})
    assert route.dependency_overrides_provider == "provider"


@both
def test_a_route_has_the_last_word(framework: Framework) -> None:
    router = framework.APIRouter(
        default_response_class=HTMLResponse, include_in_schema=False, max_body_size=5, strict_content_type=False
    )
    router.add_api_route(
        "/a",
        endpoint,
        response_class=PlainTextResponse,
        max_body_size=7,
        form_limits={"max_files": 2},
        strict_content_type=True,
    )
    route = router.routes[0]
    assert (route.response_class, route.max_body_size, route.form_limits) == (PlainTextResponse, 7, {"max_files": 2})
    assert (route.include_in_schema, route.strict_content_type) == (False, True)


@both
def test_a_route_class_for_one_route(framework: Framework) -> None:
    class Custom(framework.module("routing").APIRoute):  # type: ignore[misc]  # known at run time
        pass

    router = framework.APIRouter()
    router.add_api_route("/a", endpoint, route_class_override=Custom)
    router.route_class = Custom
    router.add_api_route("/b", endpoint)
    assert [type(route) for route in router.routes] == [Custom, Custom]


def test_a_route_class_of_before_there_were_limits_on_forms_works() -> None:
    def old(path: str, endpoint: Any, **options: Any) -> APIRoute:
        assert "form_limits" not in options
        return APIRoute(path, endpoint)

    made: Any = old
    router = APIRouter(route_class=made, form_limits={"max_files": 1})
    router.get("/a")(endpoint)
    assert len(router.routes) == 1


@both
@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("items", "A path prefix must start with '/'"),
        ("/items/", "A path prefix must not end with '/', as the routes will start with '/'"),
    ],
)
def test_prefixes_that_cannot_stand_in_front(framework: Framework, prefix: str, text: str) -> None:
    with pytest.raises(AssertionError, match="^" + text):
        framework.APIRouter(prefix=prefix)
    with pytest.raises(AssertionError, match="^" + text):
        framework.APIRouter().include_router(framework.APIRouter(), prefix=prefix)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"prefx": "/"}, UnknownOptionError),
        ({"max_body_size": -1}, InvalidLimitError),
        ({"form_limits": {"max_parts": 1}}, ValueError),
    ],
)
def test_other_options_are_refused(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        APIRouter(**options)
    with pytest.raises(error):
        FastAPI().include_router(APIRouter(), **options)


@both
def test_circles_are_refused(framework: Framework) -> None:
    a, b, c = framework.APIRouter(), framework.APIRouter(), framework.APIRouter()
    with pytest.raises(AssertionError, match=r"^Cannot include the same APIRouter instance into itself\. Did you mean"):
        a.include_router(a)
    a.include_router(b, prefix="/b")
    b.include_router(c, prefix="/c")
    for router in (b, c):
        with pytest.raises(AssertionError, match=r"^Cannot include an APIRouter instance that already includes this"):
            router.include_router(a, prefix="/a")


@pytest.mark.parametrize(
    ("given", "advice"),
    [
        (SimpleNamespace(router=APIRouter()), "Did you mean its `router`?"),
        (GENUINE.APIRouter(), "It is FastAPI's own: import APIRouter from martlet"),
        (3, r"Make one by APIRouter\(\), and declare the routes on it"),
    ],
    ids=["a module", "FastAPI's", "anything"],
)
def test_what_is_no_router_is_refused(given: Any, advice: str) -> None:
    with pytest.raises(
        InvalidRouterError, match=rf"^include_router\(\) takes an APIRouter, not .*\n  {advice}.*\n  File "
    ):
        FastAPI().include_router(given)


@both
def test_a_route_without_any_path_is_refused(framework: Framework) -> None:
    router, parent = framework.APIRouter(), framework.APIRouter()
    router.get("")(endpoint)
    with pytest.raises(
        framework.module("exceptions").FastAPIError,
        match=r"^Prefix and path cannot be both empty \(path operation: endpoint\)",
    ):
        parent.include_router(router)
    parent.include_router(router, prefix="/a")
    framework.APIRouter().include_router(parent)


def test_a_prefix_has_no_parameter_of_a_route_of_the_router() -> None:
    inner, outer = APIRouter(), APIRouter(prefix="/{shop}")
    inner.get("/{item}")(endpoint)
    middle = APIRouter()
    middle.include_router(inner, prefix="/{shelf}")
    outer.include_router(middle)
    with pytest.raises(
        DuplicateParameterError,
        match=r"(?s)^Duplicated param names item, shelf at path /\{shop\}/\{item\}/\{shelf\}/\{shelf\}/\{item\}"
        r".*Rename the parameter of the path, or the one of the prefix.*test_router\.py",
    ):
        outer.include_router(middle, prefix="/{item}/{shelf}")


def test_the_refusals_have_classes() -> None:
    router = APIRouter()
    with pytest.raises(InvalidRouterError):
        router.include_router(router)
    with pytest.raises(InvalidPathError):
        APIRouter(prefix="a")
    assert issubclass(InvalidPathError, FastAPIError)


@both
def test_included_routes_add_up(framework: Framework) -> None:
    app = framework.FastAPI(openapi_url=None, max_body_size=1, responses={400: {}})
    router = framework.APIRouter(default_response_class=HTMLResponse, max_body_size=3, strict_content_type=False)
    depends = framework.Depends(dependency)
    router.get("/a")(endpoint)
    app.include_router(
        router,
        prefix="/x",
        tags=["t"],
        dependencies=[depends],
        default_response_class=PlainTextResponse,
        responses={404: {}},
        callbacks=[],
        deprecated=True,
        include_in_schema=False,
        generate_unique_id_function=identify,
        max_body_size=2,
    )
    [route] = framework.module("routing").iter_route_contexts(app.routes)
    assert (route.path, route.tags, route.dependencies) == ("/x/a", ["t"], [depends])
    assert (route.response_class, route.responses) == (HTMLResponse, {400: {}, 404: {}})
    assert (route.deprecated, route.include_in_schema, route.max_body_size) == (True, False, 3)
    assert (route.unique_id, route.strict_content_type) == ("id_endpoint", False)
    assert route.dependency_overrides_provider is app


def limits_of(app: FastAPI) -> Any:
    [route] = app.routes
    assert isinstance(route, APIRoute)
    return route.form_limits


def test_limits_on_forms_add_up() -> None:
    app, router = FastAPI(openapi_url=None, form_limits={"max_files": 1}), APIRouter(form_limits={"max_part_size": 3})
    router.post("/a", form_limits={"max_fields": 5})(endpoint)
    app.include_router(router, form_limits={"max_fields": 2, "max_part_size": 2})
    assert limits_of(app) == {"max_files": 1, "max_part_size": 3, "max_fields": 5}


@pytest.mark.parametrize("limits", [(1, None, None, None), (1, 2, None, None), (1, 2, 3, None), (1, 2, 3, 0)])
def test_of_limits_on_bodies_the_innermost_counts(limits: tuple[int | None, ...]) -> None:
    found = []
    for framework in (MARTLET, GENUINE):
        app, router = framework.FastAPI(openapi_url=None, max_body_size=limits[0]), framework.APIRouter()
        router.max_body_size = limits[2]
        router.post("/a", max_body_size=limits[3])(endpoint)
        app.include_router(router, max_body_size=limits[1])
        [route] = framework.module("routing").iter_route_contexts(app.routes)
        found.append(route.max_body_size)
    assert found[0] == found[1]


@both
def test_startup_and_shutdown_functions_come_along(framework: Framework) -> None:
    app, router = framework.FastAPI(), framework.APIRouter(on_startup=[endpoint], on_shutdown=[dependency])
    app.include_router(router)
    assert (app.router.on_startup, app.router.on_shutdown) == ([endpoint], [dependency])


@both
def test_lifespans_are_merged(framework: Framework) -> None:
    events: list[str] = []

    def lifespan_of(name: str) -> Any:
        @asynccontextmanager
        async def lifespan(app: Any) -> AsyncIterator[dict[str, str]]:
            events.append(f"{name} starts")
            yield {name: name, "winner": name}
            events.append(f"{name} stops")

        return lifespan

    app = framework.FastAPI(lifespan=lifespan_of("app"))
    app.include_router(framework.APIRouter(lifespan=lifespan_of("router")))
    with TestClient(app) as client:
        assert client.app_state == {"app": "app", "router": "router", "winner": "app"}
    assert events == ["app starts", "router starts", "router stops", "app stops"]


def test_there_are_two_events() -> None:
    with pytest.raises(InvalidRouterError, match="There is no event 'start'"):
        APIRouter().add_event_handler("start", endpoint)


async def text(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.path)


@both
def test_starlettes_routes_have_no_prefix(framework: Framework) -> None:
    app = framework.FastAPI(openapi_url=None)
    router = framework.APIRouter(prefix="/ignored")
    assert router.route("/a", methods=["PUT"], name="n", include_in_schema=False)(text) is text
    app.include_router(router)
    client = TestClient(app)
    assert client.put("/a").text == "/a"
    assert client.get("/a").status_code == 405


def test_whatever_changes_a_router_is_noticed() -> None:
    router = APIRouter()
    before = EPOCH.value
    setattr(router, "_private", 1)  # noqa: B010 - what is not the router\'s business
    assert EPOCH.value == before
    router.redirect_slashes = False
    assert EPOCH.value > before
    before = EPOCH.value
    router._mark_routes_changed()
    assert EPOCH.value > before


def test_a_list_that_is_assigned_is_watched_too() -> None:
    router = APIRouter()
    routes: list[BaseRoute] = [Route("/a", text)]
    router.routes = routes
    assert isinstance(router.routes, RoutesList)
    kept = router.routes
    router.routes = kept
    assert router.routes is kept
    router.routes.append(Route("/b", text))
    assert [str(route.path) for route in router.flat_routes() if isinstance(route, Route)] == ["/a", "/b"]


def test_the_version_follows_what_is_included() -> None:
    app, router = FastAPI(), APIRouter()
    app.include_router(router)
    before = app.router.routes_version()
    FastAPI()
    assert app.router.routes_version() == before
    router.get("/a")(endpoint)
    assert app.router.routes_version() > before


def test_only_a_router_with_nothing_of_a_users_around_it_is_bare() -> None:
    class Custom(APIRouter):
        pass

    assert APIRouter().is_bare
    assert not Custom().is_bare
    assert APIRouter(max_body_size=1).is_bare
    for name in ("app", "middleware_stack"):
        patched = APIRouter()
        setattr(patched, name, text)
        assert not patched.is_bare


def test_a_router_serves_alone() -> None:
    router = APIRouter(prefix="/r")

    @router.get("/a")
    def read(request: Request) -> str:
        assert request.scope["router"] is router
        return "a"

    client = TestClient(router)
    assert client.get("/r/a").json() == "a"
    assert client.get("/none").status_code == 404
    assert client.get("/r/a/", follow_redirects=False).headers["location"] == "http://testserver/r/a"


def test_a_router_may_be_mounted() -> None:
    app, router = FastAPI(), APIRouter()

    @router.get("/a")
    def read(request: Request) -> list[bool]:
        return [request.scope["router"] is app.router, request.scope["app"] is app]

    app.mount("/m", router)
    assert TestClient(app).get("/m/a").json() == [True, True]


def test_a_router_holds_bodies_to_its_limit_alone() -> None:
    router = APIRouter(max_body_size=3)

    @router.post("/a")
    async def read(request: Request) -> int:
        return len(await request.body())

    client = TestClient(router)
    assert client.post("/a", content=b"123").json() == 3
    assert client.post("/a", content=b"1234").status_code == 413


def test_a_router_has_a_lifespan_alone() -> None:
    events: list[str] = []
    router = APIRouter(on_startup=[lambda: events.append("start")], on_shutdown=[lambda: events.append("stop")])
    with TestClient(router):
        pass
    assert events == ["start", "stop"]


def test_a_default_of_its_own_answers_what_nothing_else_does() -> None:
    router = APIRouter(default=PlainTextResponse("nothing here"))
    assert TestClient(router).get("/a").text == "nothing here"


@both
def test_dependencies_of_everyone_run_outermost_first(framework: Framework) -> None:
    ran: list[str] = []

    def noting(name: str) -> Any:
        def note() -> None:
            ran.append(name)

        return framework.Depends(note)

    app = framework.FastAPI(dependencies=[noting("app")])
    router = framework.APIRouter(dependencies=[noting("router")])
    router.get("/a", dependencies=[noting("route")])(endpoint)
    app.include_router(router, dependencies=[noting("include")])
    assert TestClient(app).get("/a").status_code == 200
    assert ran == ["app", "include", "router", "route"]


def test_overrides_of_the_app_count_for_included_routes() -> None:
    app, router = FastAPI(), APIRouter()

    def original() -> str:
        return "original"

    @router.get("/a")
    def read(value: str = Depends(original)) -> str:
        return value

    app.include_router(router)
    client = TestClient(app)
    assert client.get("/a").json() == "original"
    app.dependency_overrides[original] = lambda: "override"
    assert client.get("/a").json() == "override"
    app.dependency_overrides = {}
    assert client.get("/a").json() == "original"
