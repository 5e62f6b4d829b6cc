"""No framework: RSGI callables that do by hand what each workload asks, as the limit of what Granian allows."""

import asyncio
import json as json_
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from bench.apps.bare import LIST
from bench.apps.shared import ITEMS, Item, Order

HEADERS = [("content-type", "application/json")]


class Answering:
    """Wraps what computes a body in the one call that sends it."""

    def __init__(self, work: Callable[[Any, Any], Awaitable[bytes]]) -> None:
        self.work = work

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        protocol.response_bytes(200, HEADERS, await self.work(scope, protocol))

    __call__ = __rsgi__


def json() -> Answering:
    async def work(scope: Any, protocol: Any) -> bytes:
        return json_.dumps({"message": "hello"}).encode()

    return Answering(work)


def items() -> Answering:
    async def work(scope: Any, protocol: Any) -> bytes:
        query = parse_qs(scope.query_string)
        item_id, limit = int(scope.path.rpartition("/")[2]), int(query["limit"][0])
        return Item(id=item_id, name=query["q"][0], price=limit + 0.5, tags=["new"]).model_dump_json().encode()

    return Answering(work)


def orders() -> Answering:
    async def work(scope: Any, protocol: Any) -> bytes:
        return Order.model_validate_json(await protocol()).model_dump_json().encode()

    return Answering(work)


def list_() -> Answering:
    async def work(scope: Any, protocol: Any) -> bytes:
        return LIST.dump_json(ITEMS)

    return Answering(work)


def deps() -> Answering:
    async def work(scope: Any, protocol: Any) -> bytes:
        return json_.dumps({"user": "user 6 of 5", "session": 6, "page": 3}).encode()

    return Answering(work)


def many() -> Answering:
    async def work(scope: Any, protocol: Any) -> bytes:
        return json_.dumps({"id": int(scope.path.rpartition("/")[2])}).encode()

    return Answering(work)


def sync() -> Answering:
    def hello() -> bytes:
        return json_.dumps({"message": "hello"}).encode()

    async def work(scope: Any, protocol: Any) -> bytes:
        return await asyncio.get_running_loop().run_in_executor(None, hello)

    return Answering(work)
