"""What is asked of every framework, and what each must answer.

The first seven are bare requests, one kind of work each. `stack` is one app as services have it, with middlewares
around everything, asked for six things; `upload`, `sse` and `ws` are what is not JSON. Two more, the answers to
requests that fail, are measured in instructions only.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bench.apps.shared import ITEMS, ROUTES


@dataclass(frozen=True, slots=True)
class Workload:
    """One request, sent over and over.

    Args:
        name: how the command line and the tables call it.
        about: what it shows, in a few words.
        target: path and query string.
        answer: the JSON that has to come back; `None` leaves the body open.
        body: the JSON to send; `None` makes it a GET.
        status: the status that has to come back.
        app: which function of the programs in `apps/` builds it.
        form: the bytes to send, for a body that is not JSON.
        headers: more to send, by name.
        socket: whether it is a WebSocket whose messages come back.
    """

    name: str
    about: str
    target: str
    answer: Any
    body: Any = None
    status: int = 200
    app: str = ""
    form: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    socket: bool = False

    @property
    def factory(self) -> str:
        """Return the name of the function that builds the app."""
        return self.app or self.name

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return "POST" if self.content else "GET"

    @property
    def content(self) -> bytes:
        """Return the body's bytes."""
        return self.form if self.body is None else json.dumps(self.body).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        """Return the headers to send."""
        return ({"content-type": "application/json"} if self.body is not None else {}) | dict(self.headers)

    @property
    def is_fastapi_s(self) -> bool:
        """Whether it is asked of FastAPI and Martlet only: the others answer otherwise, or have no such thing."""
        return self.status != 200 or self.factory in ("stack", "upload", "sse", "ws")

    def check(self, status: int, content: bytes) -> str:
        """Return what is wrong with an answer, or nothing."""
        if status != self.status:
            return f"status {status} instead of {self.status}: {content[:200]!r}"
        if self.answer is not None and json.loads(content) != self.answer:
            return f"{content[:200]!r} instead of {json.dumps(self.answer)[:200]}"
        return ""


ORDER = {
    "customer": "Ada Lovelace",
    "email": "ada@example.com",
    "address": {"street": "12 St James's Square", "city": "London", "zip": "SW1Y 4JH"},
    "lines": [{"sku": f"SKU-{n:04}", "quantity": n, "price": n * 2.5} for n in range(1, 6)],
    "note": None,
}
ITEM = {"id": 42, "name": "hat", "price": 20.5, "tags": ["new"]}
LAST = f"/kind{ROUTES - 1}/7"

# What a browser sends of its own accord, on a page of another origin.
BROWSER = {"origin": "https://example.com", "accept-encoding": "gzip"}
BOUNDARY = "bench-boundary"
FILE = "x" * 1024 * 1024
UPLOAD = (
    f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="file.txt"\r\n'
    f"content-type: text/plain\r\n\r\n{FILE}\r\n--{BOUNDARY}--\r\n"
).encode()
MULTIPART = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}

PLAIN = (
    Workload("json", "a dict, nothing declared", "/json", {"message": "hello"}),
    Workload("items", "a path and two query parameters into a model", "/items/42?q=hat&limit=20", ITEM),
    Workload("orders", "a JSON body of five lines, validated in and out", "/orders", ORDER, body=ORDER),
    Workload("list", "100 models out", "/list", [item.model_dump() for item in ITEMS], app="list_"),
    Workload("deps", "five async dependencies", "/deps", {"user": "user 6 of 5", "session": 6, "page": 3}),
    Workload("many", f"the last of {ROUTES} routes with a parameter", LAST, {"id": 7}),
    Workload("sync", "a `def` endpoint", "/sync", {"message": "hello"}),
)
STACK = tuple(
    Workload(f"stack-{name}", about, f"/stack/{path}", answer, status=status, app="stack", headers=BROWSER)
    for name, path, about, answer, status in (
        ("json", "json", "a dict behind CORS, GZip and an http middleware", {"message": "hello"}, 200),
        ("yield", "yield", "there, an async dependency that yields", {"value": 5}, 200),
        ("yield-sync", "yield-sync", "there, a `def` dependency that yields", {"value": 5}, 200),
        ("background", "background", "there, a background task", {"message": "hello"}, 200),
        ("stream", "stream", "there, a stream of ten chunks", None, 200),
        ("422", "items/none?limit=0", "there, two invalid parameters", None, 422),
    )
)
OTHER = (
    Workload("upload", "a file of 1 MiB in a form", "/upload", {"size": len(FILE)}, form=UPLOAD, headers=MULTIPART),
    Workload("sse", "a hundred server-sent events", "/sse", None),
    Workload("ws", "messages echoed over WebSockets", "/ws", None, socket=True),
)
UNDER_LOAD = (*PLAIN, *STACK, *OTHER)
IN_PROCESS = (
    *PLAIN,
    *STACK,
    *(each for each in OTHER if not each.socket),
    Workload("404", f"no route, among {ROUTES}", "/none/of/them", None, status=404, app="many"),
    Workload("422", "two invalid parameters", "/items/none?limit=0", None, status=422, app="items"),
)
BY_NAME = MappingProxyType({workload.name: workload for workload in (*IN_PROCESS, *OTHER)})
