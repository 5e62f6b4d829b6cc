"""What is put into the scope, and what is noted of an answer."""

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Message

from martlet._engine.run.outgoing import STARTED
from martlet._engine.run.send import make_request, publish_route, send_response

pytestmark = pytest.mark.anyio


async def receive() -> Message:
    return {"type": "http.request", "body": b"from the server"}


async def send(message: Message) -> None: ...


async def test_an_answer_is_noted_once_it_has_begun() -> None:
    scope: dict[str, Any] = {"type": "http"}
    await send_response(PlainTextResponse("x"), scope, receive, send)
    assert scope[STARTED] is True


@pytest.mark.parametrize(("body", "read"), [(b"known", b"known"), (None, b"from the server")])
async def test_a_body_that_was_read_can_be_read_again(body: bytes | None, read: bytes) -> None:
    request = make_request({"type": "http"}, receive, send, body)
    assert await request.body() == read


def test_a_route_is_named_with_the_parameters_of_all_around_it() -> None:
    scope: dict[str, Any] = {"router": "outer", "path_params": {"tenant": "me"}}
    publish_route(scope, "inner", "route", "endpoint", {"item_id": 1})
    assert scope == {
        "router": "outer",
        "route": "route",
        "endpoint": "endpoint",
        "path_params": {"tenant": "me", "item_id": 1},
    }


def test_a_route_of_an_included_router_is_named_where_fastapi_has_it() -> None:
    scope: dict[str, Any] = {}
    route = SimpleNamespace(original_route="original")
    publish_route(scope, "router", route, "endpoint", {})
    assert scope["fastapi"] == {"effective_route_context": route}
