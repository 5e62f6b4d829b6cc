"""Server-sent events: what is accepted, and how it is written."""

from typing import Any

import fastapi.sse as genuine
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from martlet import sse as ours

TEXTS = st.none() | st.text(alphabet="ab \r\n:é\0", max_size=8)


@given(data_str=TEXTS, event=TEXTS, id=TEXTS, retry=st.none() | st.integers(0, 5), comment=TEXTS)
def test_an_event_is_written_as_fastapi_writes_it(**fields: Any) -> None:
    assert ours.format_sse_event(**fields) == genuine.format_sse_event(**fields)


@given(
    fields=st.fixed_dictionaries(
        {},
        optional={
            "data": st.none() | st.integers() | st.text(max_size=3),
            "raw_data": TEXTS,
            "event": TEXTS,
            "id": TEXTS,
            "retry": st.none() | st.integers(-2, 5) | st.just("x"),
            "comment": TEXTS,
        },
    )
)
def test_an_event_is_accepted_or_refused_as_fastapi_does(fields: dict[str, Any]) -> None:
    results = []
    for module in (ours, genuine):
        try:
            results.append(module.ServerSentEvent(**fields).model_dump())
        except ValidationError as refused:
            results.append({"errors": [(error["loc"], error["msg"]) for error in refused.errors()]})
    assert results[0] == results[1]


@pytest.mark.parametrize("name", ["KEEPALIVE_COMMENT", "_PING_INTERVAL", "_SSE_EVENT_SCHEMA"])
def test_constants_are_fastapis(name: str) -> None:
    assert getattr(ours, name) == getattr(genuine, name)


def test_the_media_type_is_that_of_the_standard() -> None:
    assert ours.EventSourceResponse(iter(())).headers["content-type"] == "text/event-stream; charset=utf-8"


def test_an_event_has_data_of_one_kind() -> None:
    with pytest.raises(ValidationError, match="Cannot set both 'data' and 'raw_data'"):
        ours.ServerSentEvent(data={"a": 1}, raw_data="a")
