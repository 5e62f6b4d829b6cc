"""How a handler reads and answers over RSGI: without ASGI's scope, and by one call of the server.

`bridge` makes ASGI's three arguments of `scope` and `proto` wherever a request leaves the straight way.
"""

from typing import Final

from martlet._engine.compile.dialects.dialect import Dialect
from martlet._engine.run.rsgi import raw_headers
from martlet._engine.run.rsgi_calls import cookie_texts, header_texts, read_body, send_response

RSGI: Final = Dialect(
    arguments="bridge, scope, proto, path",
    connection="bridge, scope, proto",
    scope="bridge.open_scope(scope)",
    query="scope.query_string.encode()",
    headers="scope.headers",
    raw_headers="raw_headers(scope.headers)",
    content_type='scope.headers.get("content-type")',
    read_body="await read_body(proto)",
    reader=read_body,
    header_name=str,
    header_values=header_texts,
    cookie_values=cookie_texts,
    send_response=send_response,
    names={"raw_headers": raw_headers},
)
