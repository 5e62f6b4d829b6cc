"""What operations are called, and what their users write into them by hand."""

from enum import Enum
from typing import Annotated

from martlet import FastAPI, Header, Request, Response, WebSocket
from tests.engine.describe.apps.models import Address, Person, Shape

app = FastAPI(generate_unique_id_function=lambda route: f"made-{route.name}")


class Tags(Enum):
    items = "items"


@app.get("/one", tags=["a", Tags.items], summary="Short", description="Long", deprecated=True)
def one(q: int, x_t: Annotated[str, Header(deprecated=True, description="d")] = "") -> None: ...


@app.get("/two", operation_id="own_id", name="given")
def two() -> None:
    """What it does.

        Indented.\f
    For readers of the code.
    """


@app.get("/three", summary="", description="")
def three_words_long() -> None:
    """\f"""


@app.head("/methods")
def head() -> None: ...


@app.options("/methods", tags=[])
def options() -> None: ...


@app.patch("/methods/{x:int}")
def patch(x: int) -> None: ...


@app.api_route("/query", methods=["QUERY"])
def query(address: Address, limit: int = 1) -> Person:
    raise NotImplementedError


@app.get("/hidden", include_in_schema=False)
def hidden(shape: Shape) -> None: ...


@app.post(
    "/extra",
    openapi_extra={
        "parameters": [{"in": "header", "name": "X-More", "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/json": {"schema": {"x-more": 1}}}, "description": "More"},
        "responses": {"200": {"description": "Other"}, "418": {"description": "Tea"}},
        "x-own": {"deep": [1, None, {"none": None}]},
        "externalDocs": {"url": "https://example.com"},
        "servers": [{"url": "https://example.com/v1"}],
        "tags": ["added"],
        "summary": "Replaced",
    },
    tags=["first"],
)
def extra(address: Address, q: int = 1) -> None: ...


@app.post("/extra-lax", openapi_extra={"responses": {"200": {"content": {"a/b": {"schema": {"required": {"a"}}}}}}})
def extra_lax(q: int = 1) -> None: ...


def plain(request: Request) -> Response:
    raise NotImplementedError


@app.websocket("/ws")
async def socket(websocket: WebSocket) -> None: ...


app.add_route("/plain", plain)

app.mount("/sub", FastAPI())
