"""Answers of generator endpoints: server-sent events, JSON Lines, raw chunks.

Each item goes out as soon as it is made. A plain generator runs in a worker thread, item by item. An async one is
closed with the request, however that ends: its `finally` must not wait for the garbage collector.
"""

import json
import math
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack
from typing import Any, Final

import anyio.lowlevel
from starlette.responses import Response, StreamingResponse

from martlet._engine.read.callables import Kind
from martlet._engine.read.result import Result
from martlet._engine.run.pinged import closed, pinged
from martlet._engine.run.render import filter_options, validated
from martlet._engine.run.threads import in_thread
from martlet._engine.words.http_errors import EndpointContext
from martlet.encoders import jsonable_encoder
from martlet.sse import ServerSentEvent, format_sse_event

_NO_BUFFERING = ((b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no"))
_END: Final = object()
# After so many items that came at once, others have their turn.
_AT_ONCE: Final = 10


def finite(data: Any) -> Any:
    """Return JSON-ready data with null for the numbers that JSON has no text for."""
    if isinstance(data, float):
        return data if math.isfinite(data) else None
    if isinstance(data, dict):
        return {key: finite(value) for key, value in data.items()}
    return [finite(each) for each in data] if isinstance(data, list) else data


def item_writer(result: Result, context: EndpointContext) -> Callable[[Any], bytes]:
    """Return what turns an item of a stream into JSON."""
    field = result.item_field
    if field is None:
        return lambda item: json.dumps(finite(jsonable_encoder(item))).encode()
    options = filter_options(result.filters)
    return lambda item: field.adapter.dump_json(validated(field, item, context), **options)


def event_writer(write_item: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
    """Return what turns an item of an event stream into an event: a ServerSentEvent as it says, else as its data."""

    def write(item: Any) -> bytes:
        if not isinstance(item, ServerSentEvent):
            return format_sse_event(data_str=write_item(item).decode())
        return format_sse_event(
            data_str=_event_data(item), event=item.event, id=item.id, retry=item.retry, comment=item.comment
        )

    return write


def _event_data(event: ServerSentEvent) -> str | None:
    if event.raw_data is not None:
        return event.raw_data
    if event.data is None:
        return None
    if hasattr(event.data, "model_dump_json"):
        text: str = event.data.model_dump_json()
        return text
    return json.dumps(finite(jsonable_encoder(event.data)))


async def stream_response(
    result: Result, kind: Kind, items: Any, context: EndpointContext, options: dict[str, Any], exits: AsyncExitStack
) -> Response:
    """Return the answer that sends what a generator endpoint yields.

    Args:
        result: what the declaration says of the answer.
        kind: whether `items` is a plain or an async generator.
        items: the generator.
        context: where the endpoint is.
        options: status and background tasks for the response class.
        exits: closed when the answer has been sent, and the generators with it; an event stream keeps its sender there.
    """
    if result.stream == "raw" and kind is Kind.GENERATOR:
        return result.response_class(content=items, **options)
    source: AsyncIterator[Any] = items if kind is Kind.ASYNC_GENERATOR else _in_threads(items)
    if result.stream == "raw":
        return result.response_class(content=_with_turns(source, exits), **options)
    write_item = item_writer(result, context)
    if result.stream == "jsonl":
        lines = _written(source, lambda item: write_item(item) + b"\n")
        return StreamingResponse(_with_turns(lines, exits), media_type="application/jsonl", **options)
    written = _written(source, event_writer(write_item))
    events = await exits.enter_async_context(pinged(written))
    answer = StreamingResponse(_with_turns(events, exits), media_type="text/event-stream", **options)
    answer.raw_headers.extend(_NO_BUFFERING)
    return answer


async def _in_threads(items: Iterable[Any]) -> AsyncGenerator[Any]:
    """Yield the items of a plain generator, each made in a worker thread."""
    iterator = iter(items)
    while (item := await in_thread(next, iterator, _END)) is not _END:
        yield item


async def _written(source: AsyncIterator[Any], write: Callable[[Any], bytes]) -> AsyncGenerator[bytes]:
    async with closed(source):
        async for item in source:
            yield write(item)


def _with_turns(source: AsyncIterator[Any], exits: AsyncExitStack) -> AsyncIterator[Any]:
    """Let other tasks run, and a cancellation in, now and then: a generator that never waits would not."""

    async def items() -> AsyncGenerator[Any]:
        async with closed(source):
            count = 0
            async for item in source:
                yield item
                count += 1
                if count % _AT_ONCE == 0:
                    await anyio.lowlevel.checkpoint()

    turns = items()
    exits.push_async_callback(turns.aclose)
    return turns
