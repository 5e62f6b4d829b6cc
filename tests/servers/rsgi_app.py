"""What Granian and `tests/rsgi.py` are asked alike: a bare RSGI app that says what it was given and what it can."""

import asyncio
import json
from typing import Any


async def app(scope: Any, proto: Any) -> None:
    """Answer by what the path says."""
    what = scope.path.strip("/").partition("/")[0]
    await {"head": _head, "body": _body, "pieces": _pieces, "twice": _twice, "gone": _gone}.get(what, _answer)(
        scope, proto
    )


async def _head(scope: Any, proto: Any) -> None:
    names = ("proto", "http_version", "rsgi_version", "scheme", "method", "path", "query_string", "authority")
    said: dict[str, Any] = {name: getattr(scope, name) for name in names}
    headers = scope.headers
    said["items"] = [pair for pair in headers.items() if pair[0].startswith("x-")]
    said["get"] = [headers.get("x-one"), headers.get("x-none"), headers.get("x-odd"), headers.get("X-One")]
    said["all"] = [headers.get_all("x-two"), headers.get_all("x-none")]
    said["in"] = ["x-one" in headers, "x-odd" in headers, "x-none" in headers]
    proto.response_str(200, [("content-type", "application/json")], json.dumps(said))


async def _body(scope: Any, proto: Any) -> None:
    body = await proto()
    again = "nothing"
    try:
        await proto()
    except Exception as error:
        again = type(error).__name__
    proto.response_bytes(200, [], json.dumps([body.decode(), again]).encode())


async def _pieces(scope: Any, proto: Any) -> None:
    # How they are cut is the network's business; the end is not.
    pieces = [piece async for piece in proto]
    proto.response_str(
        200, [], json.dumps([b"".join(pieces).decode(), [piece for piece in pieces if not piece] == [b""]])
    )


async def _twice(scope: Any, proto: Any) -> None:
    proto.response_empty(202, [("X-One", "1"), ("x-one", "2")])
    proto.response_bytes(500, [], b"not any more")


async def _gone(scope: Any, proto: Any) -> None:
    try:
        body = await proto()
        said = repr(body)
    except Exception as error:
        said = type(error).__name__
    await asyncio.wait_for(proto.client_disconnect(), 5) if "wait" in scope.query_string else None
    print(f"gone: {said}", flush=True)


async def _answer(scope: Any, proto: Any) -> None:
    if scope.path != "/health":
        raise ValueError(scope.path)
    proto.response_str(200, [], "here")
