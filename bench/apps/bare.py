"""No framework: ASGI callables that do by hand what each workload asks, as the limit of what a server allows."""

import asyncio
import json as json_
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from pydantic import TypeAdapter
from starlette.types import ASGIApp, Receive, Scope, Send

from bench.apps.shared import ITEMS, Item, Order

LIST = TypeAdapter(list[Item])


def answering(work: Callable[[Scope, Receive], Awaitable[bytes]]) -> ASGIApp:
    """Wrap what computes a body in the two messages that send it."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await work(scope, receive)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


def json() -> ASGIApp:
    async def work(scope: Scope, receive: Receive) -> bytes:
        return json_.dumps({"message": "hello"}).encode()

    return answering(work)


def items() -> ASGIApp:
    async def work(scope: Scope, receive: Receive) -> bytes:
        query = parse_qs(scope["query_string"].decode())
        item_id, limit = int(scope["path"].rpartition("/")[2]), int(query["limit"][0])
        return Item(id=item_id, name=query["q"][0], price=limit + 0.5, tags=["new"]).model_dump_json().encode()

    return answering(work)


def orders() -> ASGIApp:
    async def work(scope: Scope, receive: Receive) -> bytes:
        message = await receive()
        body: bytes = message["body"]
        while message["more_body"]:
            message = await receive()
            body += message["body"]
        return Order.model_validate_json(body).model_dump_json().encode()

    return answering(work)


def list_() -> ASGIApp:
    async def work(scope: Scope, receive: Receive) -> bytes:
        return LIST.dump_json(ITEMS)

    return answering(work)


def deps() -> ASGIApp:
    async def work(scope: Scope, receive: Receive) -> bytes:
        return json_.dumps({"user": "user 6 of 5", "session": 6, "page": 3}).encode()

    return answering(work)


def many() -> ASGIApp:
    async def work(scope: Scope, receive: Receive) -> bytes:
        return json_.dumps({"id": int(scope["path"].rpartition("/")[2])}).encode()

    return answering(work)


def sync() -> ASGIApp:
    def hello() -> bytes:
        return json_.dumps({"message": "hello"}).encode()

    async def work(scope: Scope, receive: Receive) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(None, hello)

    return answering(work)
