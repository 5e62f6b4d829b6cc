"""Server-sent events: what an endpoint may yield, and how it is written.

The format is that of the HTML standard (https://html.spec.whatwg.org/multipage/server-sent-events.html, section 9.2.6):
an event is a block of lines `field: value` that ends with an empty line. When a route streams events, and that pings
keep its connection open, is the engine's business.
"""

from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from starlette.responses import StreamingResponse

KEEPALIVE_COMMENT = b": ping\n\n"
"""What is sent while there is no event: a comment, which clients skip (HTML standard, section 9.2.7)."""

_PING_INTERVAL: float = 15.0  # seconds without an event before a comment is sent

# What the document says of one event: as OpenAPI 3.2 does, section 4.14.4.
_SSE_EVENT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "data": {"type": "string"},
        "event": {"type": "string"},
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    },
}


class EventSourceResponse(StreamingResponse):
    """A stream of events.

    As the `response_class` of an endpoint that yields, it makes an event of each value; any HTTP method will do.
    """

    media_type = "text/event-stream"


def _single_line(value: str | None, name: str) -> str | None:
    if value is not None and ("\r" in value or "\n" in value):
        raise ValueError(f"SSE '{name}' must be a single line")
    return value


def _check_event(value: str | None) -> str | None:
    return _single_line(value, "event")


def _check_id(value: str | None) -> str | None:
    if value is not None and "\0" in value:
        raise ValueError("SSE 'id' must not contain null characters")
    return _single_line(value, "id")


class ServerSentEvent(BaseModel):
    """One event; what else an endpoint yields is sent as the `data` of one.

    Args:
        data: anything that JSON can carry; it is always written as JSON, so a text gets quotes.
        raw_data: a text to send as it is, in place of `data`.
        event: the event's type, one line; clients take it for `message` if there is none.
        id: what the client sends back as `Last-Event-ID` when it connects again; one line without a null character.
        retry: how many milliseconds the client waits before it connects again.
        comment: text that clients skip.

    Raises:
        ValidationError: an argument breaks its rule, or both `data` and `raw_data` are given.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(defer_build=True)

    data: Any = None
    raw_data: str | None = None
    event: Annotated[str | None, AfterValidator(_check_event)] = None
    id: Annotated[str | None, AfterValidator(_check_id)] = None
    retry: Annotated[int | None, Field(ge=0)] = None
    comment: str | None = None

    @model_validator(mode="after")
    def _check_data(self) -> "ServerSentEvent":
        if self.data is not None and self.raw_data is not None:
            raise ValueError(
                "Cannot set both 'data' and 'raw_data' on the same ServerSentEvent. "
                "Use 'data' for JSON-serialized payloads or 'raw_data' for pre-formatted strings."
            )
        return self


def format_sse_event(
    *,
    data_str: str | None = None,
    event: str | None = None,
    id: str | None = None,  # noqa: A002 - the field's name
    retry: int | None = None,
    comment: str | None = None,
) -> bytes:
    """Return one event as it is sent, with the empty line that ends it.

    Args:
        data_str: the data, JSON or not; may have several lines.
        event: the event's type, one line.
        id: the event's id, one line.
        retry: how many milliseconds the client waits before it connects again.
        comment: text that clients skip; may have several lines.
    """
    blocks = []
    if comment is not None:
        blocks.append(_field("", comment))
    if event is not None:
        blocks.append(f"event: {event}\n")
    if data_str is not None:
        blocks.append(_field("data", data_str))
    if id is not None:
        blocks.append(f"id: {id}\n")
    if retry is not None:
        blocks.append(f"retry: {retry}\n")
    blocks.append("\n")
    return "".join(blocks).encode()


def _field(name: str, value: str) -> str:
    """Return the lines of a field: one for each line of the value, which may end in any of the three ways."""
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    prefix = f"{name}: "
    return prefix + value.replace("\n", f"\n{prefix}") + "\n"
