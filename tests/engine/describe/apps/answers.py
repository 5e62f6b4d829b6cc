"""Statuses, response classes, models and additional responses."""

from typing import Any

from martlet import FastAPI, Response
from martlet.responses import (
    FileResponse,
    HTMLResponse,
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
    StreamingResponse,
)
from tests.engine.describe.apps.models import Address, Page, Person, Square

app = FastAPI()


class Yaml(Response):
    media_type = "application/yaml"


class Teapot(JSONResponse):
    def __init__(self, content: Any = None, status_code: int = 418) -> None: ...


class NoStatus(JSONResponse):
    def __init__(self, content: Any = None, status_code: int | None = 200) -> None: ...


OPTIONS: list[dict[str, Any]] = [
    {"status_code": 201, "response_description": "Made."},
    {"status_code": 204, "response_model": None},
    {"status_code": 304, "response_model": None},
    {"status_code": 205, "response_model": None, "responses": {205: {"description": "Again", "headers": {}}}},
    {"response_class": HTMLResponse},
    {"response_class": PlainTextResponse, "status_code": 202},
    {"response_class": RedirectResponse},
    {"response_class": StreamingResponse},
    {"response_class": FileResponse},
    {"response_class": Response},
    {"response_class": Yaml, "responses": {400: {"model": Address}}},
    {"response_class": Teapot, "response_model": Address},
    {"response_class": NoStatus, "response_model": Address | None},
    {"response_model": list[Person]},
    {"response_model": Page[Person] | Square},
    {"response_model": dict[str, Any]},
    {"response_model": bytes},
    {"response_model": Person, "response_model_exclude": {"name"}, "response_model_by_alias": False},
    {"responses": {"default": {"model": Address}, 404: {}}},
    {"responses": {"DEFAULT": {"description": "Anything"}, 404: {"description": ""}, 499: {}}},
    {"responses": {"4XX": {"model": Address}, "5xx": {}, "1xx": {}, 200: {"description": "Instead"}}},
    {"responses": {200: {"model": Address, "content": {"image/png": {}}}, "404": {"description": "Gone"}}},
    {"responses": {422: {"model": Address}}},
    {
        "responses": {
            404: {
                "model": Address,
                "description": "Missing",
                "headers": {"X-Why": {"schema": {"type": "string", "default": None}}},
                "content": {"application/json": {"schema": {"x-note": "kept"}, "example": {"street": None}}},
                "links": {"next": {"operationId": "one"}},
            },
            403: {"content": {"text/plain": {"schema": {"type": "string"}}}, "x-extra": None},
        }
    },
]
for number, options in enumerate(OPTIONS):

    def endpoint(q: int = 0) -> Any: ...

    app.get(f"/answers/{number}", name=f"answer {number}", **options)(endpoint)


@app.get("/no-input")
def no_input() -> Address | None:
    raise NotImplementedError


@app.get("/annotated-response")
def annotated_response() -> Response:
    raise NotImplementedError
