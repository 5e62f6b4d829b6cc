"""Reading a request's body and taking it for what its Content-Type says."""

import json
from typing import Any

from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from martlet._engine.run.headers import is_json
from martlet._engine.run.limits import limit_error

UNREADABLE = "There was an error parsing the body"


class NotJSONError(Exception):
    """The body says it is JSON and is not.

    Args:
        error: where and why it ends being JSON, as the answer tells it.
        text: the body.
    """

    def __init__(self, error: dict[str, Any], text: str) -> None:
        super().__init__(error["ctx"]["error"])
        self.error = error
        self.text = text


async def read_body(receive: Receive) -> bytes:
    """Return the whole body.

    Raises:
        HTTPException: 400, it cannot be read: the client has gone, say; 413, it is too large.
    """
    try:
        message = await receive()
        if message["type"] == "http.request":
            body: bytes = message.get("body", b"")
            if not message.get("more_body", False):
                return body
            chunks = [body]
            while (message := await receive())["type"] == "http.request":
                chunks.append(message.get("body", b""))
                if not message.get("more_body", False):
                    return b"".join(chunks)
    except HTTPException:
        raise
    except Exception as error:
        raise unreadable(error) from error
    raise HTTPException(status_code=400, detail=UNREADABLE) from ClientDisconnect()


async def body_of(request: Request) -> bytes:
    """Return the whole body, so that it can be read from the request again.

    Raises:
        HTTPException: 400, it cannot be read: the client has gone, say; 413, it is too large.
    """
    try:
        return await request.body()
    except HTTPException:
        raise
    except Exception as error:
        raise unreadable(error) from error


def unreadable(error: Exception) -> Exception:
    """Return what answers an error in reading a body: 413 if it is a limit's, 400 otherwise."""
    # COMPAT: Starlette's own class: a handler that an app has for Martlet's is not asked.
    return limit_error(error) or HTTPException(status_code=400, detail=UNREADABLE)


async def parse_body(request: Request, *, strict_content_type: bool) -> Any:
    """Return the body as JSON where it is JSON, as bytes where it is not, PydanticUndefined where it is empty.

    Raises:
        NotJSONError: it says it is JSON, and is not.
        HTTPException: 400, it cannot be read at all (undecodable bytes, nesting without end, a client that left).
    """
    try:
        body = await request.body()
        if not body:
            return PydanticUndefined
        declared = request.headers.get("content-type")
        if is_json(declared) if declared else not strict_content_type:
            return await request.json()
    except json.JSONDecodeError as refused:
        raise NotJSONError(
            {
                "type": "json_invalid",
                "loc": ("body", refused.pos),
                "msg": "JSON decode error",
                "input": {},
                "ctx": {"error": refused.msg},
            },
            refused.doc,
        ) from refused
    except HTTPException:
        raise
    except Exception as error:
        raise unreadable(error) from error
    return body
