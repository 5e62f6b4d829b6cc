"""APIRoute below a level: the copies that included routers serve."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import BaseModel
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Match

from martlet import Body, Depends, FastAPI
from martlet._engine.declare.merge import Level
from martlet._engine.declare.route import APIRoute
from martlet._engine.words.errors import InvalidResponseError
from martlet.sse import EventSourceResponse
from martlet.testclient import TestClient
from tests.engine.declare.frameworks import MARTLET, Framework, both


class Item(BaseModel):
    name: str


def documented(item_id: int) -> Item:
    return Item(name=str(item_id))


def two_bodies(a: Item, b: Item) -> None: ...


def one_body(item: Item) -> None: ...


async def items() -> AsyncIterator[Item]:
    yield Item(name="a")


class Custom(APIRoute):
    """A route of a user's."""


def dependency(q: str = "") -> None: ...


def body_dependency(extra: int = Body()) -> None: ...


def test_an_effective_route_knows_its_original_and_is_of_its_class() -> None:
    route = Custom("/{item_id}", documented)
    route.note = "mine"  # type: ignore[attr-defined]  # users do
    effective = route.within(Level(prefix="/api", tags=["outer"]))
    assert type(effective) is Custom
    assert effective.note == "mine"  # type: ignore[attr-defined]
    assert (effective.original_route, route.original_route) == (route, None)
    assert (effective.path, effective.path_format, effective.tags) == ("/api/{item_id}", "/api/{item_id}", ["outer"])
    assert effective.unique_id == "documented_api__item_id__get"
    assert (route.path, route.tags) == ("/{item_id}", [])


def test_it_shares_what_was_read() -> None:
    route = APIRoute("/{item_id}", documented, responses={404: {"model": Item}})
    effective = route.within(Level(prefix="/api", dependencies=[Depends(dependency)]))
    assert effective.dependant.path_params is route.dependant.path_params
    assert [each.call for each in effective.dependant.dependencies] == [dependency]
    assert route.dependant.dependencies == []
    assert effective.response_field is not None
    assert route.response_field is not None
    assert effective.response_field.adapter is route.response_field.adapter
    assert effective.response_field.name == "Response_documented_api__item_id__get"
    assert effective.response_fields[404].adapter is route.response_fields[404].adapter
    assert effective.response_fields[404].name == "Response_404_documented_api__item_id__get"


def test_its_containers_are_its_own() -> None:
    route = APIRoute("/", documented, tags=["a"], responses={404: {}})
    effective = route.within(Level())
    effective.tags.append("b")
    effective.methods.add("PUT")
    effective.responses[500] = {}
    effective.dependant.dependencies.append(effective.dependant)
    assert (route.tags, route.methods, list(route.responses)) == (["a"], {"GET"}, [404])
    assert route.dependant.dependencies == []


def test_a_name_in_the_prefix_makes_a_path_parameter() -> None:
    effective = APIRoute("/", documented).within(Level(prefix="/{item_id}"))
    assert [each.name for each in effective.dependant.path_params] == ["item_id"]
    assert effective.dependant.query_params == []


def test_dependencies_of_the_include_may_add_to_the_body() -> None:
    route = APIRoute("/", one_body, methods=["POST"])
    effective = route.within(Level(dependencies=[Depends(body_dependency)]))
    assert (route._embed_body_fields, effective._embed_body_fields) == (False, True)


def test_another_signature_is_read_anew() -> None:
    def endpoint(a: int) -> None: ...

    route = APIRoute("/", endpoint)
    vars(endpoint)["__signature__"] = MARTLET.module("dependencies.utils").get_typed_signature(dependency)
    effective = route.within(Level())
    assert [each.name for each in effective.dependant.query_params] == ["q"]


def test_dependencies_that_were_only_listed_are_read() -> None:
    route = APIRoute("/", documented)
    route.dependencies.append(Depends(dependency))
    assert [each.call for each in route.within(Level()).dependant.dependencies] == [dependency]


def test_dependencies_that_were_only_added_to_the_signature_are_kept() -> None:
    route = APIRoute("/", documented)
    route.dependant.dependencies.append(APIRoute("/", dependency).dependant)
    assert [each.call for each in route.within(Level()).dependant.dependencies] == [dependency]


def test_another_model_is_read_anew() -> None:
    route = APIRoute("/", documented)
    route.response_model = list[Item]
    effective = route.within(Level())
    assert effective.response_field is not None
    assert effective.response_field.field_info.annotation == list[Item]


def test_a_model_taken_away_is_away() -> None:
    route = APIRoute("/", documented)
    route.response_model = None
    assert route.within(Level()).response_field is None


def test_responses_of_the_include_are_read() -> None:
    route = APIRoute("/", documented, responses={404: {"model": Item}, 400: {"model": Item}})
    del route.responses[400]
    effective = route.within(Level(responses={404: {"model": int}, 418: {"model": Item}}))
    assert set(effective.response_fields) == {404, 418}
    assert effective.response_fields[404].field_info.annotation is Item
    with pytest.raises(InvalidResponseError):
        route.within(Level(responses={204: {"model": Item}}))


def test_the_includes_response_class_decides_how_a_stream_is_sent() -> None:
    route = APIRoute("/", items)
    effective = route.within(Level(response_class=EventSourceResponse))
    assert (effective.is_sse_stream, effective.is_json_stream) == (True, False)
    assert effective.stream_item_type is Item
    assert effective.stream_item_field is not None
    assert effective.stream_item_field.name == "StreamItem_items__get"
    assert route.is_json_stream


def test_the_operation_id_function_is_given_the_effective_route() -> None:
    seen: list[Any] = []

    def identify(route: APIRoute) -> str:
        seen.append(route)
        return route.path

    effective = APIRoute("/", documented).within(Level(prefix="/api", generate_unique_id_function=identify))
    assert seen == [effective]
    assert effective.unique_id == "/api/"


def test_an_effective_route_may_be_below_another_level() -> None:
    effective = APIRoute("/", documented).within(Level(prefix="/b")).within(Level(prefix="/a"))
    assert effective.path == "/a/b/"


def test_the_users_handler_is_asked_on_the_original() -> None:
    owners: list[APIRoute] = []

    class Noting(APIRoute):
        def get_route_handler(self) -> Any:
            owners.append(self)
            return super().get_route_handler()

    route = Noting("/{item_id}", documented, response_class=JSONResponse)
    effective = route.within(Level(prefix="/api", response_class=PlainTextResponse))
    assert owners == [route, route]
    assert TestClient(effective).get("/api/3").json() == {"name": "3"}
    assert effective.has_own_handler


def test_an_original_that_stands_in_answers_as_the_effective_route() -> None:
    route = APIRoute("/", documented)
    effective, other = route.within(Level(prefix="/api")), route.within(Level(prefix="/other"))
    scope: dict[str, Any] = {"type": "http", "path": "/api/", "method": "GET"}
    assert route.matches(scope)[0] is Match.NONE
    told = {**scope, "fastapi": {"effective_route_context": effective}}
    match, found = route.matches(told)
    assert (match, found["route"]) == (Match.FULL, effective)
    assert other.matches(told)[0] is Match.NONE


@both
def test_effective_routes_are_read_as_fastapi_reads_them(framework: Framework) -> None:
    app, router = framework.FastAPI(), framework.APIRouter()
    router.add_api_route("/{item_id}", documented, responses={404: {"model": Item}}, tags=["inner"])
    router.add_api_route("/two", two_bodies, methods=["POST"])
    app.include_router(router, prefix="/{version}", responses={418: {"model": Item}}, tags=["outer"])
    assert app.openapi() == EXPECTED.setdefault("document", app.openapi())


EXPECTED: dict[str, Any] = {}


def test_a_sub_app_keeps_its_routes_to_itself() -> None:
    app, sub = FastAPI(openapi_url=None), FastAPI(openapi_url=None)
    sub.add_api_route("/", documented)
    app.mount("/sub", sub)
    assert [getattr(route, "path", "") for route in app.routes] == ["/sub"]


@pytest.mark.parametrize("first", [None, "first"])
@pytest.mark.parametrize("said", [None, "said"])
@both
def test_an_endpoint_may_be_documented_after_its_route_was_declared(
    framework: Framework, said: str | None, first: str | None
) -> None:
    def endpoint() -> None: ...

    endpoint.__doc__ = first
    app, router = framework.FastAPI(), framework.APIRouter()
    router.add_api_route("/a", endpoint, description=said)
    endpoint.__doc__ = "later\fnot shown"
    app.include_router(router, prefix="/x")
    assert app.openapi()["paths"]["/x/a"]["get"]["description"] == (said or first or "later")
