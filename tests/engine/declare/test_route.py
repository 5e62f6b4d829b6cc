"""APIRoute: what it reads, what its attributes say, and how it is answered alone."""

import re
from collections.abc import AsyncIterator
from enum import IntEnum
from functools import wraps
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Match

from martlet import APIRouter, Depends, FastAPI
from martlet._engine.compile.foreign import request_response
from martlet._engine.declare.route import APIRoute
from martlet._engine.read.result import Filters
from martlet._engine.words.errors import (
    InvalidFieldTypeError,
    InvalidLimitError,
    InvalidParameterError,
    InvalidResponseError,
    InvalidRouterError,
    InvalidStatusError,
    UnknownOptionError,
)
from martlet.sse import EventSourceResponse
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import GENUINE, MARTLET, Framework, both

ATTRIBUTES = (
    "path",
    "path_format",
    "name",
    "methods",
    "status_code",
    "tags",
    "summary",
    "description",
    "response_description",
    "responses",
    "deprecated",
    "operation_id",
    "unique_id",
    "response_model",
    "response_model_include",
    "response_model_exclude",
    "response_model_by_alias",
    "response_model_exclude_unset",
    "response_model_exclude_defaults",
    "response_model_exclude_none",
    "include_in_schema",
    "callbacks",
    "openapi_extra",
    "max_body_size",
    "form_limits",
    "is_sse_stream",
    "is_json_stream",
    "stream_item_type",
    "dependency_overrides_provider",
    "_embed_body_fields",
)


class Item(BaseModel):
    name: str


class Status(IntEnum):
    CREATED = 201


def documented(item_id: int) -> Item:
    """Return an item.

    Of any kind.
    \fNot for the document.
    """
    return Item(name=str(item_id))


def two_bodies(a: Item, b: Item) -> None: ...


def one_body(item: Item) -> None: ...


async def items() -> AsyncIterator[Item]:
    yield Item(name="a")


async def untyped() -> AsyncIterator[Any]:
    yield 1


def responding() -> PlainTextResponse:
    return PlainTextResponse("")


@pytest.mark.parametrize(
    ("path", "endpoint", "options"),
    [
        ("/items/{item_id:int}", documented, {}),
        ("/", documented, {"description": "Said.", "summary": "S", "name": "n", "tags": ["t"]}),
        ("/", documented, {"methods": ["post"], "status_code": Status.CREATED, "operation_id": "op"}),
        ("/", documented, {"response_model": None, "deprecated": True, "include_in_schema": False}),
        ("/", documented, {"response_model": list[Item], "response_model_exclude": {"name"}}),
        ("/", two_bodies, {"methods": {"PUT"}, "max_body_size": 3, "form_limits": {"max_files": 1}}),
        ("/", one_body, {"openapi_extra": {"x": 1}, "responses": {404: {"model": Item}}}),
        ("/", items, {}),
        ("/", items, {"response_class": HTMLResponse}),
        ("/", untyped, {}),
        ("/", responding, {"callbacks": [], "dependency_overrides_provider": 3}),
    ],
)
def test_the_attributes_are_fastapis(path: str, endpoint: Any, options: dict[str, Any]) -> None:
    ours = MARTLET.module("routing").APIRoute(path, endpoint, **options)
    theirs = GENUINE.module("routing").APIRoute(path, endpoint, **options)
    for name in ATTRIBUTES:
        assert getattr(ours, name) == getattr(theirs, name), name
    for field in ("body_field", "response_field", "stream_item_field"):
        mine, other = getattr(ours, field), getattr(theirs, field)
        assert (mine and mine.name) == (other and other.name), field
    assert {code: each.name for code, each in ours.response_fields.items()} == {
        code: each.name for code, each in theirs.response_fields.items()
    }
    assert ours.param_convertors == theirs.param_convertors
    assert ours.path_regex == theirs.path_regex


def test_events_have_an_item_type() -> None:
    route = APIRoute("/", items, response_class=EventSourceResponse)
    assert (route.is_sse_stream, route.is_json_stream, route.stream_item_type) == (True, False, Item)
    assert route.plan.result.stream == "sse"


@pytest.mark.parametrize(("endpoint", "kind"), [(items, "jsonl"), (untyped, "jsonl"), (documented, None)])
def test_the_plan_says_how_a_stream_is_sent(endpoint: Any, kind: str | None) -> None:
    assert APIRoute("/", endpoint).plan.result.stream == kind


def test_a_generator_with_a_class_of_its_own_is_sent_raw() -> None:
    assert APIRoute("/", untyped, response_class=HTMLResponse).plan.result.stream == "raw"


@pytest.mark.parametrize(
    ("endpoint", "options", "error"),
    [
        (documented, {"sumary": ""}, UnknownOptionError),
        ("endpoint", {}, InvalidRouterError),
        (documented, {"max_body_size": -1}, InvalidLimitError),
        (documented, {"status_code": 204}, InvalidResponseError),
        (documented, {"responses": {404: "Not found"}}, InvalidResponseError),
        (documented, {"dependencies": [Depends()]}, InvalidParameterError),
        (documented, {"status_code": "created"}, InvalidStatusError),
        (documented, {"response_model": [int]}, InvalidFieldTypeError),
        (documented, {"response_model": {"name": str}}, InvalidFieldTypeError),
    ],
)
def test_what_cannot_work_is_refused_at_once(endpoint: Any, options: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        APIRoute("/", endpoint, **options)


def test_a_status_may_be_a_number_as_text() -> None:
    text: Any = "201"
    assert APIRoute("/", documented, status_code=text).status_code == text


def test_a_model_that_is_a_value_is_answered_with_how_types_are_written() -> None:
    model: Any
    for model, advice in (([int], r"Write list\[int\]\."), ({"name": str}, r"Write a type, such as list\[int\]")):
        with pytest.raises(InvalidFieldTypeError, match=rf"\n  {advice}.*\n  File .*test_route.py"):
            APIRoute("/", documented, response_model=model)


def test_a_refusal_says_where_the_endpoint_is() -> None:
    def endpoint(item_id: dict[str, int]) -> None: ...

    line = endpoint.__code__.co_firstlineno
    with pytest.raises(InvalidParameterError, match=re.escape(f'File "{__file__}", line {line}, in ')):
        APIRoute("/{item_id}", endpoint)


def test_an_unknown_option_gets_a_suggestion() -> None:
    options: Any = {"respons_model": None}
    with pytest.raises(
        UnknownOptionError, match=r"APIRoute\(\) got .* 'respons_model'\n  Did you mean 'response_model'"
    ):
        APIRoute("/", documented, **options)


def test_the_plan_states_what_the_attributes_say_now() -> None:
    callback, other = APIRoute("/callback", documented), APIRouter()
    other.mount("/", PlainTextResponse(""))
    route = APIRoute("/{item_id}", documented, callbacks=[callback, *other.routes], response_model_by_alias=False)
    before = route.plan
    assert before.unique_id == route.unique_id
    assert before.result.filters == Filters(by_alias=False)
    assert [each.path for each in before.callbacks] == ["/callback"]

    route.operation_id = route.name
    route.tags.append("late")
    route.methods.add("HEAD")
    route.response_class = PlainTextResponse
    after = route.plan
    assert (after.unique_id, after.tags, after.methods) == ("documented", ["late"], ("GET", "HEAD"))
    assert (before.result.explicit_class, after.result.explicit_class) == (False, True)


def test_dependencies_that_others_add_are_in_the_plan() -> None:
    route, other = APIRoute("/", documented), APIRoute("/", one_body)
    assert route.plan.body is None
    route.dependant.dependencies.append(other.dependant)
    assert route.plan.body is not None


def test_the_body_is_described() -> None:
    assert APIRoute("/", documented).body_field is None
    assert APIRoute("/", documented)._embed_body_fields is False
    embedded = APIRoute("/", two_bodies)
    assert embedded.body_field is not None
    assert embedded.body_field.name == "body"
    assert embedded._embed_body_fields is True


def test_the_handler_is_made_when_it_is_wanted() -> None:
    route = APIRoute("/", documented)
    assert "app" not in vars(route)
    assert route.app is route.app


@both
def test_a_route_may_be_served_alone(framework: Framework) -> None:
    route = framework.module("routing").APIRoute("/items/{item_id}", documented)
    client = TestClient(framework.module("middleware.asyncexitstack").AsyncExitStackMiddleware(route))
    assert client.get("/items/3").json() == {"name": "3"}
    assert client.get("/none").status_code == 404
    refused = client.post("/items/3")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


@both
def test_a_match_names_the_route(framework: Framework) -> None:
    route = framework.module("routing").APIRoute("/items/{item_id}", documented)
    scope = {"type": "http", "path": "/items/3", "method": "GET"}
    match, found = route.matches(scope)
    assert match is Match.FULL
    assert found == {"endpoint": documented, "path_params": {"item_id": "3"}, "route": route}
    assert route.matches({**scope, "method": "PUT"})[0] is Match.PARTIAL
    assert route.matches({**scope, "path": "/"}) == (Match.NONE, {})


def test_nothing_of_a_plain_route_is_its_users() -> None:
    route = APIRoute("/", documented)
    assert [route.has_own_match, route.has_own_handle, route.has_own_handler] == [False] * 3
    _ = route.app
    assert not route.has_own_handler


def test_an_app_made_anew_of_what_the_route_gives_is_no_handler_of_its_users() -> None:
    route, other = APIRoute("/", documented), APIRoute("/", documented)
    route.app = request_response(route.get_route_handler())
    assert not route.has_own_handler
    route.app = request_response(other.get_route_handler())
    assert route.has_own_handler


class Custom(APIRoute):
    made = 0

    def get_route_handler(self) -> Any:
        type(self).made += 1
        inner = super().get_route_handler()

        async def outer(request: Request) -> Any:
            response = await inner(request)
            response.headers["x-custom"] = "yes"
            return response

        return outer


class Choosing(APIRoute):
    def matches(self, scope: Any) -> Any:
        return super().matches(scope)


class Handling(APIRoute):
    async def handle(self, scope: Any, receive: Any, send: Any) -> None:
        await super().handle(scope, receive, send)


def test_what_a_subclass_overrides_is_known() -> None:
    assert Custom("/", documented).has_own_handler
    assert Choosing("/", documented).has_own_match
    assert Handling("/", documented).has_own_handle


@pytest.mark.parametrize(
    ("name", "question"),
    [("get_route_handler", "has_own_handler"), ("matches", "has_own_match"), ("handle", "has_own_handle")],
)
def test_patches_are_known_too(name: str, question: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = getattr(APIRoute, name)
    instance = APIRoute("/", documented)
    setattr(instance, name, lambda *args: original(instance, *args))
    assert getattr(instance, question)

    route = APIRoute("/", documented)

    @wraps(original)
    def patch(*args: Any) -> Any:
        return original(*args)

    monkeypatch.setattr(APIRoute, name, patch)
    assert getattr(route, question)


def test_another_regex_decides() -> None:
    app = FastAPI(openapi_url=None)
    app.get("/items/{item_id}")(documented)
    client = TestClient(app)
    assert client.get("/ITEMS/3").status_code == 404
    app = FastAPI(openapi_url=None)
    app.get("/items/{item_id}")(documented)
    [route] = app.routes
    assert isinstance(route, APIRoute)
    before = route.has_own_match
    route.path_regex = re.compile(route.path_regex.pattern, re.IGNORECASE)
    assert (before, route.has_own_match) == (False, True)
    assert TestClient(app).get("/ITEMS/3").json() == {"name": "3"}


@both
def test_another_path_does_not_change_what_a_route_matches(framework: Framework) -> None:
    app = framework.FastAPI(openapi_url=None)
    app.get("/items/{item_id}")(documented)
    app.router.routes[0].path = "/other/{item_id}"
    client = TestClient(app)
    assert client.get("/items/3").json() == {"name": "3"}
    assert client.get("/other/3").status_code == 404


def test_another_app_is_known() -> None:
    route = APIRoute("/", documented)
    route.app = PlainTextResponse("mine")
    assert route.has_own_handler
    assert TestClient(route).get("/").text == "mine"


def test_a_handler_of_the_users_is_asked_for_at_once() -> None:
    before = Custom.made
    route = Custom("/", documented)
    assert Custom.made == before + 1
    _ = route.app
    assert Custom.made == before + 1


def test_functions_of_the_window_that_others_replaced_are_called(monkeypatch: pytest.MonkeyPatch) -> None:
    routing, called = MARTLET.module("routing"), []
    original = routing.run_endpoint_function

    async def noting(**options: Any) -> Any:
        called.append(options["dependant"].call)
        return await original(**options)

    app = FastAPI(openapi_url=None)
    app.get("/{item_id}")(documented)
    mine = APIRoute("/mine/of/mine", documented)
    mine.app = PlainTextResponse("mine")
    app.router.routes.append(mine)
    client = TestClient(app)
    assert client.get("/3").json() == {"name": "3"}
    monkeypatch.setattr(routing, "run_endpoint_function", noting)
    app.get("/late/{item_id}")(documented)
    assert [client.get(path).json() for path in ("/3", "/late/4")] == [{"name": "3"}, {"name": "4"}]
    assert called == [documented, documented]
    assert client.get("/mine/of/mine").text == "mine"
