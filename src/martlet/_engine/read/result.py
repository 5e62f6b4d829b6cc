"""What an endpoint answers with, as far as its declaration says: type, class, status, stream, additional responses.

The return annotation is the type of the answer unless `response_model` says otherwise; a Response class there, or
`response_model=None`, means that nothing is validated. Generators are streams.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

from starlette.responses import Response

from martlet._engine.read.annotations import is_subclass, stream_item
from martlet._engine.read.callables import is_generator, return_annotation
from martlet._engine.read.signature import make_slot
from martlet._engine.read.slot import Slot
from martlet._engine.words.errors import InvalidFieldTypeError, InvalidResponseError, InvalidStatusError
from martlet._engine.words.status import is_body_allowed_for_status_code
from martlet._engine.words.types import IncEx
from martlet._engine.words.unset import DefaultPlaceholder, Unset
from martlet.sse import EventSourceResponse, ServerSentEvent

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
class Result:
    """What the endpoint's return value becomes.

    Args:
        response_class: the class of the answer.
        explicit_class: whether someone chose it; if not, typed values are written as JSON without an instance of it.
        status_code: the status of a plain answer; None: the response class's own.
        model: the type of the answer as the user wrote it, None where there is none.
        field: the type of the answer; None where nothing is declared.
        filters: what is left out of it.
        stream: how a generator endpoint's items are sent; None for other endpoints.
        item_type: the declared type of a stream's items, None where there is none.
        item_field: the same as a slot.
        description: what the document says of the answer.
        additional: the `responses` of the route and its routers.
        additional_fields: the types of those of them that name a model.
    """

    response_class: type[Response]
    explicit_class: bool
    status_code: int | None
    model: Any
    field: Slot | None
    filters: Filters
    stream: StreamKind | None
    item_type: Any
    item_field: Slot | None
    description: str
    additional: Mapping[int | str, dict[str, Any]]
    additional_fields: Mapping[int | str, Slot]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a declaration says of its answers: those fields of Result that are read rather than given."""

    status_code: int | None
    model: Any
    field: Slot | None
    stream: StreamKind | None
    item_type: Any
    item_field: Slot | None
    additional_fields: dict[int | str, Slot]


def read_answers(
    *,
    endpoint: Callable[..., Any],
    response_model: Any,
    response_class: type[Response] | DefaultPlaceholder,
    status_code: int | None,
    responses: Mapping[int | str, Any],
    unique_id: str,
) -> Answers:
    """Read what a route says of its answers.

    Args:
        endpoint: the function, whose return annotation may be the answer's type.
        response_model: the option's value; UNSET or a placeholder where the return annotation decides.
        response_class: the class, or a placeholder around the default one.
        status_code: the status of a plain answer.
        responses: the additional responses, already merged with those of the routers.
        unique_id: the operation id, after which the document names what has no name of its own.

    Raises:
        InvalidStatusError: the status is no number.
        InvalidResponseError: a status that forbids content is declared with a type, or a response is no dict.
        InvalidFieldTypeError: pydantic has no schema for the answer's type.
    """
    status = _status(status_code, endpoint)
    additional = _additional(responses, unique_id, endpoint)
    is_sse = is_subclass(response_class, EventSourceResponse)
    is_jsonl = isinstance(response_class, DefaultPlaceholder)
    model, item = _types(endpoint, response_model, written_by_us=is_sse or is_jsonl)
    if model:
        _check_body_allowed(status, endpoint)
    stream: StreamKind | None = None
    if is_generator(endpoint):
        stream = "sse" if is_sse else "jsonl" if is_jsonl else "raw"
    return Answers(
        status_code=status,
        model=model,
        field=_field(f"Response_{unique_id}", model, endpoint) if model else None,
        stream=stream,
        item_type=item,
        item_field=_field(f"StreamItem_{unique_id}", item, endpoint) if item else None,
        additional_fields=additional,
    )


def _status(given: Any, endpoint: Callable[..., Any]) -> int | None:
    try:
        number = None if given is None else int(given)
    except (TypeError, ValueError):
        raise InvalidStatusError(
            f"A status code is a number, and {given!r} is none",
            advice="Write one, such as 201, or its name in `status`: status.HTTP_201_CREATED.",
            endpoint=endpoint,
        ) from None
    # COMPAT: what is a number as text stays text, as in FastAPI.
    return number if isinstance(given, IntEnum) else given


def _types(endpoint: Callable[..., Any], given: Any, *, written_by_us: bool) -> tuple[Any, Any]:
    """Return the type of the answer and that of a stream's items, None for what is not declared."""
    if not isinstance(given, (Unset, DefaultPlaceholder)):
        return given, None
    annotation = return_annotation(endpoint)
    if is_subclass(annotation, Response):
        return None, None
    item = stream_item(annotation) if is_generator(endpoint) else None
    if item is None:
        return annotation, None
    # Events and raw chunks are what they are; only items that we write are validated.
    return None, item if written_by_us and not is_subclass(item, ServerSentEvent) else None


def _check_body_allowed(status: int | str | None, endpoint: Callable[..., Any]) -> None:
    if not is_body_allowed_for_status_code(status):
        raise InvalidResponseError(
            f"Status code {status} must not have a response body",
            advice="Take the response model away (response_model=None), or choose another status.",
            endpoint=endpoint,
        )


def _additional(
    responses: Mapping[int | str, Any], unique_id: str, endpoint: Callable[..., Any]
) -> dict[int | str, Slot]:
    fields = {}
    for status, response in responses.items():
        if not isinstance(response, dict):
            raise InvalidResponseError(
                "An additional response must be a dict",
                advice=f"responses[{status!r}] is {response!r}: write {{'model': ..., 'description': ...}}.",
                endpoint=endpoint,
            )
        if model := response.get("model"):
            _check_body_allowed(status, endpoint)
            fields[status] = _field(f"Response_{status}_{unique_id}", model, endpoint)
    return fields


def _field(name: str, type_: Any, endpoint: Callable[..., Any]) -> Slot:
    try:
        return make_slot(name, type_, mode="serialization")
    except InvalidFieldTypeError as refused:
        raise InvalidFieldTypeError(refused.message, advice=refused.advice, endpoint=endpoint) from None
