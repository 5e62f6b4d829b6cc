"""Values slot by slot, as the careful way finds them: defaults, names, models, and what a body holds."""

from typing import Annotated, Any

import pytest
from pydantic import AliasChoices, BaseModel, Field
from starlette.datastructures import Headers, QueryParams

from martlet._engine.read.slot import Slot
from martlet._engine.run.inputs import from_body, from_carried, model_input, put_model
from martlet._engine.words.markers import Body, Header, Query
from tests.asking import WAYS, App, Ask, Framework, Way, ask, get, post


def slot(name: str, annotation: Any, **options: Any) -> Slot:
    return Slot(Query(annotation=annotation, **options), name)


def test_a_default_is_copied_and_validated_only_if_that_is_said() -> None:
    tags = ["a"]
    values, errors = from_carried([slot("tags", list[str], default=tags)], QueryParams(""))
    assert (values, errors) == ({"tags": ["a"]}, [])
    assert values["tags"] is not tags
    assert from_carried([slot("number", int, default="1")], QueryParams("")) == ({"number": "1"}, [])
    assert from_carried([slot("number", int, default="1", validate_default=True)], QueryParams("")) == (
        {"number": 1},
        [],
    )


def test_a_factory_makes_each_default() -> None:
    made = slot("tags", list[str], default_factory=list)
    first, second = (from_carried([made], QueryParams(""))[0]["tags"] for _ in range(2))
    assert first == second == []
    assert first is not second


class Traced(BaseModel):
    trace_id: int
    plain: str = Field("x", alias="Plain-Name")


class ByName(BaseModel, loc_by_alias=False):
    trace_id: int


def test_errors_of_header_models_name_the_header() -> None:
    for model, place in ((Traced, "trace-id"), (ByName, "trace_id")):
        wanted = Slot(Header(annotation=model), "headers")
        _, errors = from_carried([wanted], Headers({"trace-id": "x"}))
        assert [error["loc"] for error in errors] == [("header", place)]


def test_what_no_field_claims_is_kept_for_the_model() -> None:
    wanted = Slot(Header(annotation=Traced), "headers")
    found, spelled = model_input(wanted, Traced, Headers({"trace-id": "1", "x-more": "2", "plain-name": "y"}))
    assert found == {"trace_id": "1", "x-more": "2", "Plain-Name": "y"}
    assert spelled["trace_id"] == "trace-id"


def test_only_models_are_put() -> None:
    with pytest.raises(TypeError, match="number is no parameter model"):
        put_model({}, "key", slot("number", int), QueryParams(""))


@pytest.mark.anyio
async def test_a_key_of_a_body_may_have_several_names() -> None:
    named = Slot(Body(annotation=int, validation_alias=AliasChoices("a", "b")), "number")
    assert await from_body([named], {"b": "1"}, embed=True) == ({"number": 1}, [])
    values, errors = await from_body([named], {}, embed=True)
    assert (values, [error["loc"] for error in errors]) == ({}, [("body", "a")])


def make(fw: Framework) -> App:
    app = fw.app()

    class Filters(BaseModel, extra="forbid"):
        limit: int = Field(10, validation_alias=AliasChoices("limit", "max"))
        tag: list[str] = []

    class Loose(BaseModel, extra="allow"):
        limit: int | None = None

    @app.get("/filters")
    async def filters(filters: Annotated[Filters, fw.Query()]) -> Any:
        return filters

    @app.get("/loose")
    async def loose(filters: Annotated[Loose | None, fw.Query()] = None) -> Any:
        return {"filters": filters, "more": filters and filters.model_extra}

    @app.get("/headers")
    async def headers(headers: Annotated[Loose, fw.Header(convert_underscores=False)]) -> Any:
        return headers.model_extra

    @app.get("/both")
    async def both(filters: Annotated[Filters, fw.Query()], loose: Annotated[Loose, fw.Query()]) -> Any:
        return [filters, loose]

    @app.post("/keys")
    async def keys(
        a: Annotated[int, fw.Body(alias="A")], b: Annotated[int, fw.Body(validation_alias=AliasChoices("b", "B"))] = 1
    ) -> Any:
        return [a, b]

    @app.post("/optional-keys")
    async def optional_keys(a: Annotated[int | None, fw.Body()] = None, b: Annotated[int, fw.Body()] = 1) -> Any:
        return [a, b]

    return app


REQUESTS = [
    get("/filters?max=5&tag=a&tag=b"),
    get("/filters?limit=x&max=5"),
    get("/filters?other=1&other=2&tag=a"),
    get("/loose"),
    get("/loose?limit=1&a=b&a=c"),
    get("/loose?a=b"),
    Ask("GET /headers", [("x-a", "1"), ("x-a", "2"), ("x-b", "3"), ("limit", "1")]),
    get("/both?limit=1"),
    get("/both?limit=1&a=1"),
    post("/keys", b'{"A": 1, "B": 2}'),
    post("/keys", b'{"a": 1}'),
    post("/keys", b'{"A": "x", "b": "y"}'),
    post("/keys", b"null"),
    post("/optional-keys", b"{}"),
    post("/optional-keys", b"null"),
    post("/optional-keys", b""),
    post("/optional-keys", b"text", "text/plain"),
    post("/optional-keys", b'"text"'),
]


@pytest.mark.anyio
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(len(REQUESTS)))
async def test_values_are_found_as_by_fastapi(number: int, way: Way) -> None:
    expected = await ask(make(Framework("fastapi", way)), REQUESTS[number])
    assert await ask(make(Framework("martlet", way)), REQUESTS[number]) == expected
