"""RouteContext: the same view of routes over both frameworks."""

import re
from copy import copy
from typing import Any

import pytest
from starlette.routing import Host, Match, Mount, Route, Router
from starlette.testclient import TestClient

from tests.engine.declare.frameworks import Framework, both


async def endpoint(request: Any) -> Any: ...


@both
def test_a_route_that_is_not_included(framework: Framework) -> None:
    router = framework.APIRouter()
    router.add_api_route("/{item_id:int}", endpoint, tags=["a"])
    [context] = framework.module("routing").iter_route_contexts(router.routes)
    assert isinstance(context, framework.module("routing").RouteContext)
    assert context.route is context.original_route is router.routes[0]
    assert (context.path, context.path_format, context.name) == ("/{item_id:int}", "/{item_id}", "endpoint")
    assert (context.methods, context.endpoint, context.tags) == ({"GET"}, endpoint, ["a"])


@both
def test_routes_that_are_included(framework: Framework) -> None:
    app, router = framework.FastAPI(openapi_url=None), framework.APIRouter(tags=["inner"])
    router.add_api_route("/a", endpoint)
    router.routes.append(Mount("/m", app=Router(), name="mounted"))
    router.routes.append(Host("example.org", app=Router(), name="hosted"))
    app.include_router(router, prefix="/x", tags=["outer"])
    contexts = list(framework.module("routing").iter_route_contexts(app.routes))
    assert [context.route for context in contexts] == list(router.routes)
    assert [context.path for context in contexts] == ["/x/a", "/x/m", None]
    assert [context.path_format for context in contexts] == ["/x/a", "/x/m/{path}", None]
    assert [context.name for context in contexts] == ["endpoint", "mounted", "hosted"]
    assert [context.methods for context in contexts] == [{"GET"}, None, None]
    assert [context.endpoint for context in contexts] == [endpoint, None, None]
    assert contexts[0].tags == ["outer", "inner"]
    with pytest.raises(AttributeError):
        _ = contexts[2].tags


@both
def test_contexts_come_back_as_they_are(framework: Framework) -> None:
    iter_route_contexts = framework.module("routing").iter_route_contexts
    [context] = iter_route_contexts([Route("/", endpoint)])
    assert list(iter_route_contexts([context])) == [context]


def asked(path: str, **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "headers": [], **more}


@both
@pytest.mark.parametrize(
    ("scope", "matched"),
    [
        (asked("/x/items/7"), [Match.FULL, Match.NONE]),
        (asked("/x/items/7", method="POST"), [Match.PARTIAL, Match.NONE]),
        (asked("/x/items/none"), [Match.NONE, Match.NONE]),
        (asked("/y/items/7"), [Match.NONE, Match.NONE]),
        (asked("/root/x/items/7", root_path="/root"), [Match.FULL, Match.NONE]),
        (asked("/x/m/7"), [Match.NONE, Match.FULL]),
        ({"type": "lifespan"}, [Match.NONE, Match.NONE]),
    ],
)
def test_a_context_says_whether_its_route_is_for_a_request(
    framework: Framework, scope: dict[str, Any], matched: list[Match]
) -> None:
    app, router = framework.FastAPI(openapi_url=None), framework.APIRouter()
    router.add_api_route("/items/{item_id:int}", endpoint)
    router.routes.append(Mount("/m", app=Router()))
    app.include_router(router, prefix="/x")
    contexts = framework.module("routing").iter_route_contexts(app.routes)
    assert [context.matches(scope)[0] for context in contexts] == matched


@both
def test_a_context_of_an_included_route_does_not_ask_its_users_method(framework: Framework) -> None:
    base: Any = framework.module("routing").APIRoute

    class Counting(base):  # type: ignore[misc]  # known at run time
        asked = 0

        def matches(self, scope: Any) -> Any:
            type(self).asked += 1
            return super().matches(scope)

    app, router = framework.FastAPI(openapi_url=None), framework.APIRouter(route_class=Counting)
    router.add_api_route("/items", endpoint)
    app.include_router(router, prefix="/x")
    app.router.routes.append(Counting("/own", endpoint))
    included, own = framework.module("routing").iter_route_contexts(app.routes)
    assert (included.matches(asked("/x/items"))[0], Counting.asked) == (Match.FULL, 0)
    assert (own.matches(asked("/own"))[0], Counting.asked) == (Match.FULL, 1)


@both
def test_a_regex_of_its_user_s_decides(framework: Framework) -> None:
    router = framework.APIRouter()
    router.add_api_route("/items", endpoint)
    [route] = router.routes
    assert route.matches(asked("/ITEMS"))[0] is Match.NONE
    route.path_regex = re.compile("(?i:/items)")
    assert route.matches(asked("/ITEMS"))[0] is Match.FULL


def test_the_context_of_a_copy_is_its_own() -> None:
    from martlet.routing import APIRoute, iter_route_contexts

    route = APIRoute("/items", endpoint)
    [context] = iter_route_contexts([route])
    assert list(iter_route_contexts([route])) == [context]
    copied = copy(route)
    copied.path = "/copies"
    assert [each.path for each in iter_route_contexts([copied, route])] == ["/copies", "/items"]


@both
def test_routes_beside_what_their_routers_make_of_them(framework: Framework) -> None:
    routing, app, router = framework.module("routing"), framework.FastAPI(openapi_url=None), framework.APIRouter()

    app.get("/own")(endpoint)
    router.get("/a", tags=["inner"])(endpoint)
    router.add_route("/plain", endpoint)
    app.include_router(router, prefix="/x", tags=["outer"], deprecated=True)
    (own, none), (declared, context), (plain, whole) = routing._iter_routes_with_context(app.routes)

    assert (own.path, none) == ("/own", None)
    assert (declared.path, declared.tags, declared.deprecated) == ("/a", ["inner"], None)
    assert context.original_route is declared
    assert (context.path, context.tags, context.deprecated) == ("/x/a", ["outer", "inner"], True)
    assert (plain.path, whole.original_route, whole.starlette_route.path) == ("/plain", plain, "/x/plain")


@both
def test_a_copy_of_a_route_can_be_made_what_an_included_one_is(framework: Framework) -> None:
    """Cadwyn makes the routes of each version so."""
    routing, router, outer = framework.module("routing"), framework.APIRouter(), framework.APIRouter()

    async def read(item_id: int, q: str = "") -> list[Any]:
        return [item_id, q]

    router.get("/a/{item_id}")(read)
    outer.include_router(router, prefix="/x")
    ((declared, context),) = routing._iter_routes_with_context(outer.routes)
    made = copy(declared)
    for name, value in vars(context).items():
        if name not in {"original_route", "starlette_route"}:
            setattr(made, name, value)
    made.app = routing.request_response(made.get_route_handler())
    app = framework.FastAPI(openapi_url=None)
    app.router.routes.append(made)
    app.include_router(outer, prefix="/outer")
    client = TestClient(app)
    assert client.get("/x/a/3?q=b").json() == [3, "b"]
    assert client.get("/a/3").status_code == 404
    assert (declared.path, client.get("/outer/x/a/4").json()) == ("/a/{item_id}", [4, ""])


@both
def test_the_scope_tells_of_a_route_that_a_declared_one_stands_in_for(framework: Framework) -> None:
    routing = framework.module("routing")
    told = object()
    assert routing._get_scope_effective_route_context({}) is None
    assert routing._get_scope_effective_route_context({"fastapi": {"effective_route_context": told}}) is told


def test_a_context_can_be_copied() -> None:
    from martlet.routing import APIRoute, iter_route_contexts

    [context] = iter_route_contexts([APIRoute("/items", endpoint)])
    assert copy(context) == context
    with pytest.raises(AttributeError, match="nothing"):
        _ = context.nothing
