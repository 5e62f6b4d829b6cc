"""Parameters whose types are equal for Python and not for JSON Schema."""

from typing import Annotated, Any, Literal

import annotated_types

from martlet import FastAPI, Query

app = FastAPI()
pairs: list[tuple[Any, Any]] = [
    (int | str, ...),
    (str | int, ...),
    (Literal[1], ...),
    (Literal[True], ...),
    (int, 1),
    (int, True),
    (float, 1),
    (float, 1.0),
    (float, 0.0),
    (float, -0.0),
    (list[int] | None, None),
    (Annotated[int, annotated_types.Ge(1)], 1),
    (Annotated[int, annotated_types.Gt(1)], 1),
    (Annotated[list[int], Query(examples=[[1]])], 1),
    (Annotated[int, Query(title="T")], 1),
    (Annotated[int, Query(description="D")], 1),
    (Annotated[int, Query(deprecated="gone")], 1),
    (Annotated[int, Query(json_schema_extra={"a": 1})], 1),
    (Annotated[int, Query(json_schema_extra={"a": 2})], 1),
]
for number, (type_, default) in enumerate(pairs * 2):

    def endpoint(value: Any) -> None: ...

    endpoint.__annotations__["value"] = type_
    endpoint.__defaults__ = (default,)
    app.get(f"/alike/{number}", name=f"alike {number}")(endpoint)
