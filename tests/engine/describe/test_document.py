"""The document as a whole; that it equals FastAPI's is the business of `test_like_fastapi.py`."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, ValidationError

from martlet._engine.declare.route import APIRoute
from martlet._engine.describe.document import Info, describe
from martlet._engine.read.plan import Plan
from martlet._engine.words.markers import Query
from tests.engine.describe.golden import GOLDEN, golden_file, golden_text

INFO = Info(title="Shop", version="1.0")


class Item(BaseModel):
    name: str


class ValidationErrorLike(BaseModel):
    mine: int


ValidationErrorLike.__name__ = ValidationErrorLike.__qualname__ = "ValidationError"


def plan(path: str, endpoint: Any, **options: Any) -> Plan:
    return APIRoute(path, endpoint, **options).plan


def read(item_id: int) -> None: ...


def plain() -> None: ...


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", GOLDEN)
def test_golden_documents(name: str) -> None:
    assert golden_text(name) == golden_file(name).read_text()


def test_there_is_a_golden_file_for_each_and_no_other() -> None:
    found = {path.stem for path in (Path(__file__).parent / "golden").glob("*.json")}
    assert found == set(GOLDEN)


def test_an_app_without_routes() -> None:
    assert describe(INFO, []) == {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1.0"}, "paths": {}}


def test_errors_are_listed_where_something_can_be_refused() -> None:
    assert "components" not in describe(INFO, [plan("/", plain)])
    assert set(describe(INFO, [plan("/{item_id}", read)])["components"]["schemas"]) == {
        "HTTPValidationError",
        "ValidationError",
    }


def test_error_schemas_can_be_replaced() -> None:
    own = Info(title="Shop", version="1.0", error_schemas={"HTTPValidationError": {"type": "string"}})
    assert describe(own, [plan("/{item_id}", read)])["components"]["schemas"] == {
        "HTTPValidationError": {"type": "string"}
    }


def test_error_schemas_win_over_a_model_of_their_name() -> None:
    def post(item: ValidationErrorLike) -> None: ...

    schemas = describe(INFO, [plan("/", post, methods=["POST"])])["components"]["schemas"]
    assert set(schemas["ValidationError"]["properties"]) == {"loc", "msg", "type", "input", "ctx"}


def test_hidden_routes_leave_no_trace() -> None:
    def post(item: Item) -> None: ...

    assert "components" not in describe(INFO, [plan("/", post, methods=["POST"], include_in_schema=False)])


def test_two_routes_of_one_path_share_it() -> None:
    document = describe(INFO, [plan("/{item_id:int}", read), plan("/{item_id}", read, methods=["PUT"])])
    assert list(document["paths"]["/{item_id}"]) == ["get", "put"]


def test_webhooks_stand_beside_paths_with_ids_of_the_same_pool() -> None:
    hook = plan("event", read, operation_id="same")
    with pytest.warns(UserWarning, match="Duplicate Operation ID same"):
        document = describe(INFO, [plan("/{item_id}", read, operation_id="same")], [hook])
    assert list(document) == ["openapi", "info", "paths", "webhooks", "components"]
    assert list(document["webhooks"]) == ["event"]


def test_none_is_dropped_at_any_depth_and_sqlalchemys_keys_with_it() -> None:
    deep = {"kept": [{"none": None, "_sa_state": 1, "zero": 0}], "none": None}
    document = describe(INFO, [plan("/", plain, openapi_extra={"x-deep": deep})])
    assert document["paths"]["/"]["get"]["x-deep"] == {"kept": [{"zero": 0}]}


def test_what_the_user_says_of_a_schema_is_left_as_it_is() -> None:
    said = {"x-said": {1: None, "_sa": 1, "kept": {"none": None}}, "x-none": None}

    def search(q: Annotated[str | None, Query(json_schema_extra=said)] = None) -> None: ...

    (parameter,) = describe(INFO, [plan("/", search)])["paths"]["/"]["get"]["parameters"]
    assert parameter["schema"]["x-said"] == {"kept": {}}
    assert "default" not in parameter["schema"]
    assert said == {"x-said": {1: None, "_sa": 1, "kept": {"none": None}}, "x-none": None}


def test_documents_share_nothing() -> None:
    def search(q: Annotated[list[str], Query()]) -> None: ...

    plans = [plan("/a", search), plan("/b", search)]
    one, other = describe(INFO, plans), describe(INFO, plans)
    one["paths"]["/a"]["get"]["parameters"][0]["schema"]["items"]["type"] = "changed"
    one["components"]["schemas"]["ValidationError"]["title"] = "changed"
    assert one["paths"]["/b"]["get"]["parameters"][0]["schema"]["items"]["type"] == "string"
    assert other["paths"]["/a"]["get"]["parameters"][0]["schema"]["items"]["type"] == "string"
    assert describe(INFO, plans) == other


def test_what_is_no_openapi_is_refused() -> None:
    with pytest.raises(ValidationError):
        describe(Info(title="Shop", version="1.0", tags=[{"description": "nameless"}]), [])
