"""How a handler reads and answers over ASGI."""

from typing import Final

from martlet._engine.compile.dialects.dialect import Dialect
from martlet._engine.run.body import read_body
from martlet._engine.run.headers import content_type, cookie_values, header_values
from martlet._engine.run.send import send_response


def _latin(name: str) -> bytes:
    return name.encode("latin-1")


ASGI: Final = Dialect(
    arguments="scope, receive, send, path",
    connection="scope, receive, send",
    scope="scope",
    query='scope["query_string"]',
    headers='scope["headers"]',
    raw_headers='scope["headers"]',
    content_type='content_type(scope["headers"])',
    read_body="await read_body(receive)",
    reader=read_body,
    header_name=_latin,
    header_values=header_values,
    cookie_values=cookie_values,
    send_response=send_response,
    names={"content_type": content_type},
)
