"""The program that callgrind watches: canned requests, straight into an app, between marks.

Run as `python -m bench.canned FRAMEWORK WORKLOAD,...`. For each workload it imports and builds the app, warms it up,
then sends two batches of different size. A mark before and behind each batch tells callgrind to write its counts:
`os.getpgid`, a system call that nothing else here makes (see `instructions.MARK`).
"""

import asyncio
import gc
import importlib
import os
import sys
from typing import Any

from starlette.types import ASGIApp, Message

from bench.workloads import BY_NAME, Workload

WARM_UP = 30
BATCHES = (20, 120)


def scope_of(workload: Workload) -> dict[str, Any]:
    """Return what uvicorn hands an app for the workload's request."""
    path, _, query = workload.target.partition("?")
    headers = [(b"host", b"127.0.0.1:8000"), (b"user-agent", b"bench"), (b"accept", b"*/*")]
    headers += [(name.encode(), value.encode()) for name, value in workload.all_headers.items()]
    if workload.content:
        headers.append((b"content-length", b"%d" % len(workload.content)))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "server": ("127.0.0.1", 8000),
        "client": ("127.0.0.1", 40000),
        "scheme": "http",
        "root_path": "",
        "method": workload.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": headers,
        "state": {},
    }


async def batch(app: ASGIApp, scope: dict[str, Any], content: bytes, count: int) -> list[Message]:
    """Send the request so many times, one after the other, and return the messages of the last answer.

    Little else happens here, for all of it is counted with the app.
    """
    whole: Message = {"type": "http.request", "body": content, "more_body": False}
    sent: list[Message] = []
    given: list[Message] = []
    never = asyncio.Event()

    async def receive() -> Message:
        if not given:
            await never.wait()  # the client stays, and has nothing more to say
        return given.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    for _ in range(count):
        sent.clear()
        given[:] = (whole,)
        await app(scope.copy(), receive, send)
    return sent


async def measure(framework: str, workload: Workload) -> None:
    """Warm up, then send the batches between marks.

    Raises:
        ValueError: the app answers something else than it should.
    """
    app: ASGIApp = getattr(importlib.import_module(f"bench.apps.{framework}"), workload.factory)()
    scope = scope_of(workload)
    sent = await batch(app, scope, workload.content, WARM_UP)
    wrong = workload.check(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]))
    if wrong:
        raise ValueError(f"{framework} on {workload.name}: {wrong}")
    gc.collect()
    gc.freeze()
    for count in BATCHES:
        os.getpgid(0)
        await batch(app, scope, workload.content, count)
    os.getpgid(0)


def main(framework: str, workloads: str) -> None:
    """Measure one workload after the other."""
    for name in workloads.split(","):
        asyncio.run(measure(framework, BY_NAME[name]))


if __name__ == "__main__":
    main(*sys.argv[1:])
