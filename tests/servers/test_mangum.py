"""Mangum: the app as a function on AWS Lambda, events of its gateways in, answers out."""

import asyncio
import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from mangum import Mangum

from tests.servers.served import app

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class Context:
    """What Lambda hands a function beside the event."""

    function_name = "shop"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:eu-central-1:0:function:shop"
    aws_request_id = "0"


def gateway(method: str, path: str, query: str = "", body: str | None = None, **headers: str) -> dict[str, Any]:
    """Return an event of an HTTP API, version 2.0 of its format."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "shop.example.com", **{name.replace("_", "-"): value for name, value in headers.items()}},
        "requestContext": {"http": {"method": method, "path": path, "sourceIp": "192.0.2.1", "protocol": "HTTP/1.1"}},
        "body": body,
        "isBase64Encoded": False,
    }


@pytest.fixture(scope="module")
def function() -> Iterator[Any]:
    # On Lambda there is one loop, and Mangum leaves it to the process to close it.
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    handle = Mangum(app)
    yield lambda event: handle(event, Context())  # type: ignore[arg-type]  # as much of a context as is needed
    asyncio.set_event_loop(None)
    loop.close()


def test_json_in_and_out(function: Any) -> None:
    body = json.dumps({"name": "hat", "price": 3})
    answer = function(gateway("POST", "/items/7", "tags=a&tags=b", body, content_type="application/json"))
    assert answer["statusCode"] == 201
    assert answer["headers"]["content-type"] == "application/json"
    assert json.loads(answer["body"]) == {"id": 7, "item": {"name": "hat", "price": 3.0}, "tags": ["a", "b"]}


def test_a_body_in_base64(function: Any) -> None:
    body = base64.b64encode(json.dumps({"name": "hat", "price": 3}).encode()).decode()
    event = gateway("POST", "/items/7", "", body, content_type="application/json") | {"isBase64Encoded": True}
    assert function(event)["statusCode"] == 201


def test_bad_input_and_exceptions(function: Any) -> None:
    refused = function(gateway("POST", "/items/x", "", "{}", content_type="application/json"))
    assert refused["statusCode"] == 422
    assert {error["loc"][-1] for error in json.loads(refused["body"])["detail"]} == {"item_id", "name", "price"}
    assert function(gateway("GET", "/broken"))["statusCode"] == 500
    assert function(gateway("GET", "/none"))["statusCode"] == 404


def test_lifespan_and_threads(function: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(function(gateway("GET", "/health"))["body"]) == {"state": "the lifespan"}
    assert json.loads(function(gateway("GET", "/sync/3"))["body"]) == {"id": 3}
    assert capsys.readouterr().out.split("\n")[:2] == ["the app starts", "the app ends"]
