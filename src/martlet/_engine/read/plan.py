"""The Plan: the full, frozen statement of one route, and the only thing that compile and describe are given.

It says everything about a path operation but how it is reached (the Table's business) and served (a dialect's).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from starlette.responses import Response

from martlet._engine.read.dependant import Dependant
from martlet._engine.read.slot import Slot
from martlet._engine.words.types import IncEx

StreamKind = Literal["sse", "jsonl", "raw"]


@dataclass(frozen=True, slots=True)
class Filters:
    """What of an answer is left out: FastAPI's six `response_model_*` options."""

    include: IncEx | None = None
    exclude: IncEx | None = None
    by_alias: bool = True
    exclude_unset: bool = False
    exclude_defaults: bool = False
    exclude_none: bool = False


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """How the request's body becomes values.

    Args:
        slots: every body slot of the endpoint and its dependencies, in the order of `flat_body_slots`.
        embed: whether the body is an object with a key for each slot, not the one slot's value itself.
        field: the one slot that describes the whole body in the document.
        form: whether it is a form (fields and files), not JSON.
        strict_content_type: whether a body without a content type is taken as bytes, not as JSON.
    """

    slots: tuple[Slot, ...]
    embed: bool
    field: Slot
    form: bool
    strict_content_type: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What the endpoint's return value becomes.

    Args:
        response_class: the class of the answer.
        explicit_class: whether someone chose it; if not, typed values are written as JSON without an instance of it.
        status_code: the status of a plain answer; None: the response class's own.
        model: the declared type of the answer as the user wrote it, None where there is none.
        field: the type of the answer; None where nothing is declared.
        filters: what is left out of it.
        stream: how a generator endpoint's items are sent; None for other endpoints.
        item_field: the type of a stream's items; None where nothing is declared.
        description: what the document says of the answer.
        additional: the route's and its routers' `responses`.
        additional_fields: the types of those of them that name a model.
    """

    response_class: type[Response]
    explicit_class: bool
    status_code: int | None
    model: Any
    field: Slot | None
    filters: Filters
    stream: StreamKind | None
    item_field: Slot | None
    description: str
    additional: dict[int | str, dict[str, Any]]
    additional_fields: dict[int | str, Slot]


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
        openapi_extra: what is merged into the operation at the end.
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
    form_limits: dict[str, int] | None
