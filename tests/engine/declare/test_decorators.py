"""The decorators of routers and apps: what each declares, and what is passed along the chain."""

from typing import Any

import pytest

from martlet import APIRouter, FastAPI
from martlet._engine.declare.route import APIRoute
from martlet._engine.words.errors import UnknownOptionError
from martlet._engine.words.unset import UNSET
from tests.engine.declare.frameworks import GENUINE, MARTLET, Framework, both

VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def endpoint() -> None: ...


@both
@pytest.mark.parametrize("owner", ["FastAPI", "APIRouter"])
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_declares_its_method(framework: Framework, owner: str, verb: str) -> None:
    options = {"openapi_url": None} if owner == "FastAPI" else {}
    declaring = getattr(framework, owner)(**options)
    assert getattr(declaring, verb)("/a", summary="S")(endpoint) is endpoint
    route = declaring.routes[-1]
    assert (route.path, route.methods, route.summary) == ("/a", {verb.upper()}, "S")


@both
@pytest.mark.parametrize("owner", ["FastAPI", "APIRouter"])
def test_api_route_takes_the_methods(framework: Framework, owner: str) -> None:
    declaring = getattr(framework, owner)()
    assert declaring.api_route("/a", methods=["GET", "post"])(endpoint) is endpoint
    assert declaring.routes[-1].methods == {"GET", "POST"}
    declaring.api_route("/b")(endpoint)
    assert declaring.routes[-1].methods == {"GET"}


@pytest.mark.parametrize("owner", [APIRouter, FastAPI])
@pytest.mark.parametrize("name", [*VERBS, "api_route"])
def test_unknown_options_are_refused_where_they_are_written(owner: Any, name: str) -> None:
    with pytest.raises(UnknownOptionError, match=rf"{owner.__name__}\.{name}\(\) got .* 'sumary'\n  Did you mean"):
        getattr(owner(), name)("/", sumary="S")


def test_unset_says_nothing() -> None:
    router = APIRouter()
    unset: Any = UNSET
    router.get("/a", name=unset, response_model_by_alias=unset)(endpoint)
    [route] = router.routes
    assert isinstance(route, APIRoute)
    assert (route.name, route.response_model_by_alias) == ("endpoint", True)


def seen_by(framework: Framework, link: str, declare: Any) -> set[str]:
    """Return the keywords that an overridden link of the chain is called with."""
    seen: set[str] = set()

    class Router(framework.APIRouter):  # type: ignore[misc, name-defined]  # known at run time
        pass

    def overridden(self: Any, *args: Any, **options: Any) -> Any:
        seen.update(options)
        return getattr(super(Router, self), link)(*args, **options)

    setattr(Router, link, overridden)
    declare(Router())
    return seen - {"path", "endpoint"}


@pytest.mark.parametrize(
    ("link", "declare"),
    [
        ("api_route", lambda router: router.get("/")(endpoint)),
        ("add_api_route", lambda router: router.get("/")(endpoint)),
        ("add_api_route", lambda router: router.api_route("/")(endpoint)),
    ],
)
def test_every_link_is_given_every_option(link: str, declare: Any) -> None:
    assert seen_by(MARTLET, link, declare) == seen_by(GENUINE, link, declare)


def test_a_route_class_is_given_every_option() -> None:
    def given(framework: Framework) -> set[str]:
        seen: set[str] = set()

        def route_class(path: str, endpoint: Any, **options: Any) -> Any:
            seen.update(options)
            return framework.module("routing").APIRoute(path, endpoint)

        framework.APIRouter(route_class=route_class).get("/")(endpoint)
        return seen

    assert given(MARTLET) == given(GENUINE)


def test_an_app_hands_its_verbs_to_its_router() -> None:
    class Router(APIRouter):
        def get(self, path: str, **options: Any) -> Any:
            return super().get(f"/v1{path}", **options)

    app = FastAPI(openapi_url=None)
    app.router = Router()
    app.get("/a")(endpoint)
    assert [getattr(route, "path", "") for route in app.routes] == ["/v1/a"]


@both
@pytest.mark.parametrize("owner", ["FastAPI", "APIRouter"])
def test_websockets(framework: Framework, owner: str) -> None:
    async def talk(websocket: Any) -> None: ...

    talk.__annotations__["websocket"] = framework.WebSocket
    declaring = getattr(framework, owner)()
    assert declaring.websocket("/a", name="named")(talk) is talk
    assert (declaring.routes[-1].path, declaring.routes[-1].name) == ("/a", "named")
    declaring.add_api_websocket_route("/b", talk)
    assert (declaring.routes[-1].path, declaring.routes[-1].name) == ("/b", "talk")
    assert declaring.websocket_route("/c", name="plain")(talk) is talk
    assert (declaring.routes[-1].path, declaring.routes[-1].name) == ("/c", "plain")


@pytest.mark.parametrize("owner", [APIRouter, FastAPI])
def test_events(owner: Any) -> None:
    declaring = owner()
    with pytest.warns(DeprecationWarning, match="on_event is deprecated"):
        register = declaring.on_event("startup")
    assert register(endpoint) is endpoint
    declaring.add_event_handler("shutdown", endpoint)
    router = getattr(declaring, "router", declaring)
    assert (router.on_startup, router.on_shutdown) == ([endpoint], [endpoint])


def test_an_app_adds_starlettes_websockets_without_a_decorator() -> None:
    app = FastAPI(openapi_url=None)
    app.add_websocket_route("/a", endpoint)
    assert [getattr(route, "path", "") for route in app.routes] == ["/a"]
