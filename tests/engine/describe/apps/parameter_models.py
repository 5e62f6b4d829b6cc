"""Models whose fields are parameters."""

from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, Json

from martlet import Cookie, FastAPI, Header, Query
from tests.engine.describe.apps.models import Point

app = FastAPI()


class Filter(BaseModel):
    model_config = {"extra": "forbid"}

    limit: int = Field(100, gt=0, le=100)
    order_by: Literal["created_at", "updated_at"] = "created_at"
    tags: list[str] = []
    query: str = Field(alias="q")
    other: str = Field(validation_alias=AliasChoices("one", "two"), description="Two names.")
    old: str | None = Field(None, deprecated=True, examples=["x"])


class ByName(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    some_value: str = Field(alias="someValue")


class OnlyByName(BaseModel):
    model_config = ConfigDict(validate_by_alias=False, validate_by_name=True)

    some_value: str = Field(alias="someValue")
    point: Point | None = None


class Headers(BaseModel):
    host: str
    save_data: bool
    if_modified_since: str | None = None
    x_tag: list[str] = Field([], alias="x_tag_alias")


class Cookies(BaseModel):
    session_id: str
    tracker: str | None = None


@app.get("/query")
def query(values: Annotated[Filter, Query()], more: int = 1) -> None: ...


@app.get("/names")
def names(one: Annotated[ByName, Query()], two: Annotated[OnlyByName, Query()]) -> None: ...


@app.get("/optional")
def optional(values: Annotated[Filter | None, Query()] = None) -> None: ...


@app.get("/optional-required")
def optional_required(values: Annotated[Filter | None, Query()]) -> None: ...


@app.get("/hidden")
def hidden(values: Annotated[Filter, Query(include_in_schema=False)]) -> None: ...


@app.get("/headers")
def headers(values: Annotated[Headers, Header()]) -> None: ...


@app.get("/raw-headers")
def raw_headers(values: Annotated[Headers, Header(convert_underscores=False)]) -> None: ...


@app.get("/cookies")
def cookies(values: Annotated[Cookies, Cookie()], other: Annotated[Headers, Header()]) -> None: ...


@app.get("/json")
def as_json(values: Annotated[Json[Filter], Query()]) -> None: ...
