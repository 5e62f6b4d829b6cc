"""What is asked of every framework, and what each must answer.

Seven workloads are measured under load; two more, the answers to requests that fail, only in instructions.
"""

import json
from dataclasses import dataclass
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
    """

    name: str
    about: str
    target: str
    answer: Any
    body: Any = None
    status: int = 200
    app: str = ""

    @property
    def factory(self) -> str:
        """Return the name of the function that builds the app."""
        return self.app or self.name

    @property
    def method(self) -> str:
        """Return the HTTP method."""
        return "GET" if self.body is None else "POST"

    @property
    def content(self) -> bytes:
        """Return the body's bytes."""
        return b"" if self.body is None else json.dumps(self.body).encode()

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

UNDER_LOAD = (
    Workload("json", "a dict, nothing declared", "/json", {"message": "hello"}),
    Workload("items", "a path and two query parameters into a model", "/items/42?q=hat&limit=20", ITEM),
    Workload("orders", "a JSON body of five lines, validated in and out", "/orders", ORDER, body=ORDER),
    Workload("list", "100 models out", "/list", [item.model_dump() for item in ITEMS], app="list_"),
    Workload("deps", "five async dependencies", "/deps", {"user": "user 6 of 5", "session": 6, "page": 3}),
    Workload("many", f"the last of {ROUTES} routes with a parameter", LAST, {"id": 7}),
    Workload("sync", "a `def` endpoint", "/sync", {"message": "hello"}),
)
IN_PROCESS = (
    *UNDER_LOAD,
    Workload("404", f"no route, among {ROUTES}", "/none/of/them", None, status=404, app="many"),
    Workload("422", "two invalid parameters", "/items/none?limit=0", None, status=422, app="items"),
)
BY_NAME = MappingProxyType({workload.name: workload for workload in IN_PROCESS})
