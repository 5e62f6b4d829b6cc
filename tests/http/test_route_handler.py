"""`get_route_handler`, overridden as the documentation shows: other requests, other answers, errors that are caught."""

import gzip
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest
from starlette.requests import Request
from starlette.responses import Response

from tests.asking import COMPILED, App, Ask, Framework, Way, ask, get, post
from tests.engine.compile.cases import Item

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", COMPILED)]


class Unzipped(Request):
    async def body(self) -> bytes:
        if not hasattr(self, "_body"):
            body = await super().body()
            self._body = gzip.decompress(body) if "gzip" in self.headers.getlist("content-encoding") else body
        return self._body


def make(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    class Own(fw.routing.APIRoute):  # type: ignore[misc, name-defined]  # known at run time
        def get_route_handler(self) -> Callable[[Request], Any]:
            inner = super().get_route_handler()

            async def handle(request: Request) -> Response:
                events.append(f"asked for {self.path}")
                try:
                    response: Response = await inner(Unzipped(request.scope, request.receive))
                except fw.exceptions.RequestValidationError as error:
                    raise fw.HTTPException(422, {"errors": len(error.errors()), "body": str(error.body)}) from None
                response.headers["x-own"] = type(response).__name__
                return response

            return handle

    async def session() -> AsyncIterator[str]:
        events.append("opens")
        yield "session"
        events.append("closes")

    router = fw.APIRouter(route_class=Own, prefix="/own")

    async def create(request: Request, item: Item, session: Annotated[str, fw.Depends(session)]) -> Item:
        events.append(type(request).__name__)
        return item

    async def plain(q: int = 1) -> Any:
        if app.state.outcome == "breaks":
            raise RuntimeError("broken")
        return {"q": q}

    async def lines() -> AsyncIterator[int]:
        yield 1

    router.add_api_route("/items", create, methods=["POST"])
    router.add_api_route("/plain", plain)
    router.add_api_route("/lines", lines)
    app.include_router(router, prefix="/api")
    return app


ITEM = b'{"name": "pen"}'
JSON = ("content-type", "application/json")


@pytest.mark.parametrize(
    "request_",
    [
        post("/api/own/items", ITEM),
        Ask("POST /api/own/items", [JSON, ("content-encoding", "gzip")], gzip.compress(ITEM, mtime=0)),
        Ask("POST /api/own/items", [JSON, ("content-encoding", "gzip")], b"not zipped"),
        post("/api/own/items", b"{"),
        post("/api/own/items", b"{}"),
        get("/api/own/plain"),
        get("/api/own/plain?q=x"),
        get("/api/own/plain").then("breaks"),
        get("/api/own/lines"),
        Ask("POST /api/own/plain"),
    ],
    ids=lambda request: f"{request.target} {request.body[:9]!r}",
)
async def test_answer_is_that_of_fastapi(request_: Ask, way: Way) -> None:
    expected = await ask(make(Framework("fastapi", way)), request_)
    assert await ask(make(Framework("martlet", way)), request_) == expected
