"""The Plan: the full, frozen statement of one route, and the only thing that compile and describe are given.

It says everything about a path operation but how it is reached (the Table's business) and served (a dialect's).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from martlet._engine.read.body import BodyPlan
from martlet._engine.read.dependant import Dependant
from martlet._engine.read.result import Result


@dataclass(frozen=True, slots=True)
class Plan:
    """One path operation.

    Args:
        path: the template as declared, with its converters and its routers' prefixes.
        path_format: the same without converters, as the document shows it.
        methods: the HTTP methods, upper case, in declared order.
        name: the route's name.
        endpoint: the function.
        dependant: its signature, with the dependencies of routers and decorators in front.
        body: None where nothing is read from the body.
        result: what is answered.
        unique_id: the operation id in force.
        operation_id: the operation id that the user gave.
        callbacks: the path operations that the app will call, for the document.
        max_body_size: the largest body in bytes; None for any.
        form_limits: how much of a form is read; a limit that is not said is inherited.

    The other fields go into the document; `RouteOptions` explains them.
    """

    path: str
    path_format: str
    methods: tuple[str, ...]
    name: str
    endpoint: Callable[..., Any]
    dependant: Dependant
    body: BodyPlan | None
    result: Result
    unique_id: str
    operation_id: str | None
    summary: str | None
    description: str
    tags: list[str | Enum]
    deprecated: bool | None
    include_in_schema: bool
    callbacks: tuple["Plan", ...]
    openapi_extra: dict[str, Any] | None
    max_body_size: int | None
    form_limits: Mapping[str, int] | None
