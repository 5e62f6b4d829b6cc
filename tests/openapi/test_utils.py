"""FastAPI's `openapi.utils` under its own names."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import Route

from martlet._engine.declare.contexts import iter_route_contexts
from martlet._engine.declare.router import APIRouter
from martlet._engine.describe.schemas import schemas_of
from martlet._engine.read.slot import Slot
from martlet._engine.words.errors import FastAPIDeprecationWarning
from martlet._engine.words.markers import Depends, Header
from martlet.openapi import utils
from martlet.openapi.utils import (
    generate_operation_id,
    generate_operation_summary,
    get_fields_from_routes,
    get_openapi,
    get_openapi_operation_metadata,
    get_openapi_operation_request_body,
    get_openapi_path,
    status_code_ranges,
)
from martlet.security import HTTPBearer


class Item(BaseModel):
    name: str


class Made(BaseModel):
    number: int


BEARER = Depends(HTTPBearer())


def answer(request: Request) -> None: ...


@pytest.fixture
def router() -> APIRouter:
    inner = APIRouter()

    @inner.post("/items/{item_id}", response_model=Made, responses={404: {"model": Item}}, tags=["items"])
    def make_item(item_id: int, item: Item, x_key: Annotated[str, Header()], token: Any = BEARER) -> Any:
        """Make an item."""

    router = APIRouter()
    router.include_router(inner, prefix="/shop")
    router.routes.append(Route("/plain", answer))
    return router


def mapping(fields: list[Slot]) -> Any:
    schemas = schemas_of(fields, separate=True)
    return {(field, field.mode): schemas.by_slot[field] for field in fields}


def test_routes_of_included_routers_are_there_and_plain_ones_are_not(router: APIRouter) -> None:
    document = get_openapi(title="Shop", version="1", routes=router.routes)
    assert list(document["paths"]) == ["/shop/items/{item_id}"]


def test_contexts_count_as_routes(router: APIRouter) -> None:
    contexts = [each for each in iter_route_contexts(router.routes) if "items" in getattr(each, "tags", [])]
    assert get_openapi(title="Shop", version="1", routes=contexts, webhooks=contexts[:0]) == get_openapi(
        title="Shop", version="1", routes=router.routes
    )


def test_everything_that_is_said_of_the_app(router: APIRouter) -> None:
    document = get_openapi(
        title="Shop",
        version="1",
        openapi_version="3.1.1",
        summary="Sells.",
        description="Sells things.",
        routes=[],
        webhooks=router.routes,
        tags=[{"name": "items"}],
        servers=[{"url": "/v1"}],
        terms_of_service="https://example.com/terms",
        contact={"name": "Me"},
        license_info={"name": "MIT"},
        separate_input_output_schemas=False,
        external_docs={"url": "https://example.com/"},
    )
    assert list(document) == [
        "openapi",
        "info",
        "servers",
        "paths",
        "webhooks",
        "components",
        "tags",
        "externalDocs",
    ]
    assert document["info"] == {
        "title": "Shop",
        "summary": "Sells.",
        "description": "Sells things.",
        "termsOfService": "https://example.com/terms",
        "contact": {"name": "Me"},
        "license": {"name": "MIT"},
        "version": "1",
    }
    assert document["webhooks"].keys() == {"/shop/items/{item_id}"}


@pytest.fixture
def own_error() -> Iterator[dict[str, Any]]:
    own = {"title": "Own", "type": "object"}
    before = utils.validation_error_response_definition
    utils.validation_error_response_definition = own
    yield own
    utils.validation_error_response_definition = before


def test_the_error_of_a_422_can_be_replaced(router: APIRouter, own_error: dict[str, Any]) -> None:
    schemas = get_openapi(title="Shop", version="1", routes=router.routes)["components"]["schemas"]
    assert schemas["HTTPValidationError"] == own_error


def test_fields_are_bodies_answers_and_parameters(router: APIRouter) -> None:
    fields = get_fields_from_routes(router.routes)
    assert [(field.name, field.mode) for field in fields] == [
        ("item", "validation"),
        ("Response_make_item_shop_items__item_id__post", "serialization"),
        ("Response_404_make_item_shop_items__item_id__post", "serialization"),
        ("item_id", "validation"),
        ("x_key", "validation"),
    ]


def test_one_path_of_a_document(router: APIRouter) -> None:
    fields = get_fields_from_routes(router.routes)
    route: Any = next(iter_route_contexts(router.routes))
    taken: set[str] = set()
    path, schemes, definitions = get_openapi_path(
        route=route, operation_ids=taken, model_name_map={}, field_mapping=mapping(fields)
    )
    assert list(path["post"]) == [
        "tags",
        "summary",
        "description",
        "operationId",
        "security",
        "parameters",
        "requestBody",
        "responses",
    ]
    assert schemes == {"HTTPBearer": {"type": "http", "scheme": "bearer"}}
    assert list(definitions) == ["ValidationError", "HTTPValidationError"]
    assert taken == {"make_item_shop_items__item_id__post"}


def test_a_path_that_is_hidden_or_takes_nothing() -> None:
    router = APIRouter()

    @router.get("/hidden", include_in_schema=False)
    def hidden(x: int, token: Any = BEARER) -> None: ...

    @router.get("/nothing", response_model=None)
    def nothing() -> None: ...

    parts = [
        get_openapi_path(route=route, operation_ids=set(), model_name_map={}, field_mapping={})
        for route in iter_route_contexts(router.routes)
    ]
    assert parts[0] == ({}, {}, {})
    assert list(parts[1][0]) == ["get"]
    assert parts[1][1:] == ({}, {})


def test_parts_of_an_operation(router: APIRouter) -> None:
    route: Any = next(iter_route_contexts(router.routes))
    assert generate_operation_summary(route=route, method="POST") == "Make Item"
    assert get_openapi_operation_metadata(route=route, method="POST", operation_ids=set()) == {
        "tags": ["items"],
        "summary": "Make Item",
        "description": "Make an item.",
        "operationId": "make_item_shop_items__item_id__post",
    }
    body = get_fields_from_routes(router.routes)[0]
    assert get_openapi_operation_request_body(body_field=body, model_name_map={}, field_mapping=mapping([body])) == {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}},
    }
    assert get_openapi_operation_request_body(body_field=None, model_name_map={}, field_mapping={}) is None


def test_old_operation_ids_are_deprecated(router: APIRouter) -> None:
    route: Any = next(iter_route_contexts(router.routes))
    with pytest.warns(FastAPIDeprecationWarning, match=r"generate_operation_id\(\) was deprecated"):
        assert generate_operation_id(route=route, method="PUT") == "make_item_shop_items__item_id__put"


def test_ranges_of_status_codes() -> None:
    assert status_code_ranges["4XX"] == "Client Error"
