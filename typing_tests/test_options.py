"""What type checkers say of the dicts of options: this file is checked, never run.

A line that must be refused carries the ignore of each checker; one that is not needed is an error itself.
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, Unpack

from starlette.responses import HTMLResponse

from martlet._engine.words.keywords import check_options, spelled_out
from martlet._engine.words.markers import Depends
from martlet._engine.words.options import (
    ApiRouteOptions,
    AppOptions,
    FormLimits,
    IncludeOptions,
    RouteOptions,
    RouterOptions,
)
from martlet._engine.words.param_options import BodyOptions, ParamOptions
from martlet._engine.words.unset import Default


class Tag(Enum):
    items = "items"


route: RouteOptions = {
    "response_model": list[int] | None,
    "status_code": 201,
    "tags": ["items", Tag.items],
    "dependencies": [Depends(print)],
    "responses": {404: {"description": "None such"}, "4XX": {"model": int}},
    "response_class": HTMLResponse,
    "response_model_include": {"name"},
    "max_body_size": None,
    "form_limits": {"max_files": 3},
}
include: IncludeOptions = {"prefix": "/items", "default_response_class": Default(HTMLResponse), "tags": None}
router: RouterOptions = {"prefix": "", "redirect_slashes": False, "on_startup": [print]}
app: AppOptions = {"title": "Typed", "servers": [{"url": "/"}], "separate_input_output_schemas": False}
limits: FormLimits = {"max_part_size": 1024}

misspelt: RouteOptions = {"sumary": "x"}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
bad_status: RouteOptions = {"status_code": "201"}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
no_methods: RouteOptions = {"methods": ["GET"]}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
bad_methods: ApiRouteOptions = {"methods": "GET"}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
no_tags: AppOptions = {"tags": ["x"]}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
bad_limits: FormLimits = {"max_size": 3}  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportAssignmentType]
bad_alias: ParamOptions = {"alias": 3}  # type: ignore[typeddict-item]  # pyright: ignore[reportAssignmentType]
body: BodyOptions = {"embed": True, "media_type": "text/plain", "gt": 3}


@spelled_out(RouteOptions)
def get(path: str, **options: Unpack[RouteOptions]) -> Callable[..., Any]:
    check_options(options, RouteOptions, "get")
    return print


get("/", tags=["x"], **route)  # type: ignore[misc]  # pyright: ignore[reportCallIssue]
get("/", **route)
get("/", summary="x")
get("/", sumary="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
get(summary="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
