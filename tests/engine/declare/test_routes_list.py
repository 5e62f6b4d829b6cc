"""`router.routes`, which says when it was changed, and `app.routes`, which is flat and live."""

import pickle
from collections.abc import Callable, Iterable
from copy import copy
from typing import Any

import pytest
from starlette.routing import BaseRoute, Route

from martlet import APIRouter, FastAPI
from martlet._engine.declare.flatten import IncludedRouter, replace_route
from martlet._engine.declare.routes_list import RoutesList, RoutesView
from martlet._engine.words.epoch import EPOCH


async def endpoint(request: Any) -> Any: ...


def plain(path: str) -> Route:
    return Route(path, endpoint)


@pytest.mark.parametrize(
    "change",
    [
        lambda routes: routes.append(plain("/x")),
        lambda routes: routes.extend([plain("/x")]),
        lambda routes: routes.insert(0, plain("/x")),
        lambda routes: routes.remove(routes[0]),
        lambda routes: routes.pop(),
        lambda routes: routes.clear(),
        lambda routes: routes.sort(key=lambda route: route.path),
        lambda routes: routes.reverse(),
        lambda routes: routes.__setitem__(0, plain("/x")),
        lambda routes: routes.__setitem__(slice(None), []),
        lambda routes: routes.__delitem__(0),
        lambda routes: routes.__iadd__([plain("/x")]),
        lambda routes: routes.__imul__(2),
    ],
)
def test_every_change_of_a_routers_list_is_noticed(change: Callable[[RoutesList], Any]) -> None:
    routes = RoutesList([plain("/a"), plain("/b")])
    before, version = EPOCH.value, routes.version
    change(routes)
    assert EPOCH.value > before
    assert routes.version > version


def test_reading_is_no_change() -> None:
    routes = RoutesList([plain("/a")])
    before = EPOCH.value
    assert [route for route in routes if route in routes] == routes
    assert EPOCH.value == before


def app_with_include() -> tuple[FastAPI, APIRouter]:
    """An app that has the routes /a, /r/b, /r/c, /d; the two in the middle are included."""
    app, router = FastAPI(openapi_url=None), APIRouter()
    app.add_api_route("/a", endpoint)
    router.add_api_route("/b", endpoint)
    router.add_api_route("/c", endpoint)
    app.include_router(router, prefix="/r")
    app.add_api_route("/d", endpoint)
    return app, router


def paths(routes: Iterable[BaseRoute]) -> list[str]:
    return [getattr(route, "path", "?") for route in routes]


def test_it_is_flat_and_a_list() -> None:
    app, _ = app_with_include()
    assert isinstance(app.routes, list)
    assert paths(app.routes) == ["/a", "/r/b", "/r/c", "/d"]
    assert len(app.router.routes) == 3


def test_it_is_live() -> None:
    app, router = app_with_include()
    routes = app.routes
    router.add_api_route("/late", endpoint)
    app.add_api_route("/last", endpoint)
    assert paths(routes) == ["/a", "/r/b", "/r/c", "/r/late", "/d", "/last"]
    app.router = APIRouter()
    assert app.routes == []


def test_a_plain_list_joins_what_is_there_now() -> None:
    app, _ = app_with_include()
    routes = app.routes
    app.add_api_route("/last", endpoint)
    assert paths([plain("/x"), *routes]) == paths([plain("/x")] + routes)  # noqa: RUF005 - that is the question


def test_its_elements_stay_the_same_objects() -> None:
    app, router = app_with_include()
    before = list(app.routes)
    router.add_api_route("/late", endpoint)
    after = list(app.routes)
    assert [any(each is route for route in after) for each in before] == [True] * 4


@pytest.mark.parametrize(
    ("read", "result"),
    [
        (len, 4),
        (lambda routes: routes[1].path, "/r/b"),
        (lambda routes: routes[-1].path, "/d"),
        (lambda routes: paths(routes[1:3]), ["/r/b", "/r/c"]),
        (lambda routes: paths(reversed(routes)), ["/d", "/r/c", "/r/b", "/a"]),
        (lambda routes: routes[1] in routes, True),
        (lambda routes: plain("/x") in routes, False),
        (lambda routes: routes.index(routes[2]), 2),
        (lambda routes: routes.count(routes[2]), 1),
        (lambda routes: paths(routes.copy()), ["/a", "/r/b", "/r/c", "/d"]),
        (lambda routes: paths(routes.__add__([plain("/x")])), ["/a", "/r/b", "/r/c", "/d", "/x"]),
        (lambda routes: len(routes * 2), 8),
        (lambda routes: len(2 * routes), 8),
        (lambda routes: routes == list(routes), True),
        (lambda routes: routes != list(routes), False),
        (bool, True),
        (lambda routes: repr(routes).count("path="), 4),
    ],
)
def test_it_reads_as_a_list_does(read: Callable[[Any], Any], result: Any) -> None:
    app, _ = app_with_include()
    assert read(app.routes) == result


@pytest.mark.parametrize(
    ("change", "result"),
    [
        (lambda routes: routes.append(plain("/x")), ["/a", "/r/b", "/r/c", "/d", "/x"]),
        (lambda routes: routes.extend([plain("/x"), plain("/y")]), ["/a", "/r/b", "/r/c", "/d", "/x", "/y"]),
        (lambda routes: routes.__iadd__([plain("/x")]), ["/a", "/r/b", "/r/c", "/d", "/x"]),
        (lambda routes: routes.insert(0, plain("/x")), ["/x", "/a", "/r/b", "/r/c", "/d"]),
        (lambda routes: routes.insert(3, plain("/x")), ["/a", "/r/b", "/r/c", "/x", "/d"]),
        (lambda routes: routes.insert(9, plain("/x")), ["/a", "/r/b", "/r/c", "/d", "/x"]),
        # An include stays in one piece.
        (lambda routes: routes.insert(2, plain("/x")), ["/a", "/x", "/r/b", "/r/c", "/d"]),
        (lambda routes: routes.remove(routes[0]), ["/r/b", "/r/c", "/d"]),
        (lambda routes: routes.remove(routes[1]), ["/a", "/r/c", "/d"]),
        (lambda routes: routes.pop(), ["/a", "/r/b", "/r/c"]),
        (lambda routes: routes.pop(2), ["/a", "/r/b", "/d"]),
        (lambda routes: routes.__delitem__(slice(1, None)), ["/a"]),
        (lambda routes: routes.clear(), []),
        (lambda routes: routes.__setitem__(0, plain("/x")), ["/x", "/r/b", "/r/c", "/d"]),
        (lambda routes: routes.__setitem__(2, plain("/x")), ["/a", "/r/b", "/x", "/d"]),
        (lambda routes: routes.__setitem__(slice(0, 2), [plain("/x")]), ["/x", "/r/c", "/d"]),
        (lambda routes: routes.reverse(), ["/d", "/r/c", "/r/b", "/a"]),
        (lambda routes: routes.sort(key=paths_last), ["/a", "/r/b", "/r/c", "/d"]),
        (lambda routes: routes.sort(key=paths_last, reverse=True), ["/d", "/r/c", "/r/b", "/a"]),
    ],
)
def test_edits_count(change: Callable[[Any], Any], result: list[str]) -> None:
    app, _ = app_with_include()
    version = app.router.routes_version()
    change(app.routes)
    assert paths(app.routes) == result
    assert app.router.routes_version() != version


def paths_last(route: Any) -> str:
    return str(route.path[-1])


def test_an_edit_of_an_include_leaves_other_includes_and_the_router_alone() -> None:
    app, router = app_with_include()
    app.include_router(router, prefix="/again")
    del app.routes[1]
    assert paths(app.routes) == ["/a", "/r/c", "/d", "/again/b", "/again/c"]
    assert paths(router.routes) == ["/b", "/c"]


def test_a_route_of_a_nested_include_can_be_taken_away() -> None:
    app, router = app_with_include()
    nested = APIRouter()
    nested.add_api_route("/n", endpoint)
    router.include_router(nested, prefix="/nested")
    assert paths(app.routes) == ["/a", "/r/b", "/r/c", "/r/nested/n", "/d"]
    version = app.router.routes_version()
    del app.routes[3]
    assert paths(app.routes) == ["/a", "/r/b", "/r/c", "/d"]
    assert app.router.routes_version() > version


def test_an_include_that_was_edited_stays_live() -> None:
    app, router = app_with_include()
    del app.routes[1]
    router.add_api_route("/late", endpoint)
    assert paths(app.routes) == ["/a", "/r/c", "/r/late", "/d"]


def test_what_is_not_there_cannot_be_replaced() -> None:
    app, _ = app_with_include()
    with pytest.raises(ValueError, match="is not among the routes"):
        replace_route(app.router.routes, plain("/x"), None)


def test_an_included_router_can_be_replaced_as_one() -> None:
    app, _ = app_with_include()
    included = app.router.routes[1]
    assert isinstance(included, IncludedRouter)
    replace_route(app.router.routes, included, None)
    assert paths(app.routes) == ["/a", "/d"]


def test_the_list_that_a_router_had_before_keeps_its_routes() -> None:
    app, router = app_with_include()
    before = app.routes
    app.router.routes = []
    assert (paths(before), paths(app.routes)) == (["/a", "/r/b", "/r/c", "/d"], [])
    before.append(plain("/e"))
    router.add_api_route("/late", endpoint)
    assert (paths(before)[-3:], paths(app.routes)) == (["/r/late", "/d", "/e"], [])


def test_a_copy_is_a_plain_list_and_adds_nothing() -> None:
    app, _ = app_with_include()
    copied = copy(app.routes)
    copied.clear()
    assert paths(app.routes) == ["/a", "/r/b", "/r/c", "/d"]


def test_it_can_be_pickled_with_its_app() -> None:
    """Ray Serve does."""
    view = RoutesView(RoutesList([BaseRoute(), BaseRoute()]))
    again = pickle.loads(pickle.dumps(view))  # noqa: S301 - what was pickled a moment ago
    assert (type(again), len(again), len(again.declared), len(view)) == (RoutesView, 2, 2, 2)


def test_a_flat_list_may_become_the_routers_list() -> None:
    app, _ = app_with_include()
    app.router.routes = [route for route in app.routes if getattr(route, "path", "") != "/a"]
    assert isinstance(app.router.routes, RoutesList)
    assert paths(app.routes) == ["/r/b", "/r/c", "/d"]
