"""The 404 that is sent straight, against FastAPI's; and who has it answered the usual way."""

from typing import Any

import pytest
from starlette.responses import PlainTextResponse

from tests.asking import Ask, Framework, ask

pytestmark = pytest.mark.anyio


def make(framework: Framework, kind: str) -> Any:
    """Return an app of which something may answer what is not there."""

    async def answer(request: Any, error: Any) -> Any:
        return PlainTextResponse(f"{type(error).__name__} {error.status_code}", status_code=418)

    async def default(scope: Any, receive: Any, send: Any) -> None:
        await PlainTextResponse("by default")(scope, receive, send)

    handlers = {"status": {404: answer}, "class": {framework.HTTPException.__mro__[1]: answer}}
    app = framework.app(exception_handlers=handlers.get(kind))

    @app.get("/items/{item_id}")
    async def item(item_id: str) -> str:
        return item_id

    @app.get("/with/")
    async def with_slash() -> str:
        return "slash"

    if kind == "mount":
        app.mount("/mounted", PlainTextResponse("mounted"))
    if kind == "default":
        app.router.default = default
    if kind == "no redirects":
        app.router.redirect_slashes = False
    return app


@pytest.mark.parametrize("way", ["direct", "observed"])
@pytest.mark.parametrize("kind", ["plain", "status", "class", "mount", "default", "no redirects"])
@pytest.mark.parametrize(
    "target", ["GET /none", "POST /none/of/them", "HEAD /", "GET /items/1/", "POST /items/1", "GET /with", "GET /a%0Ab"]
)
async def test_what_is_not_there_is_answered_as_by_fastapi(target: str, kind: str, way: Any) -> None:
    ours = await ask(make(Framework("martlet", way), kind), Ask(target))
    theirs = await ask(make(Framework("fastapi", way), kind), Ask(target))
    assert ours == theirs


async def test_under_a_root_path_and_behind_new_routes() -> None:
    app = make(Framework("martlet"), "plain")
    for target in ("GET /none", "GET /root/none"):
        answer = await ask(app, Ask(target, scope={"root_path": "/root"}))
        assert answer.status == 404
    app.get("/none")(lambda: "there now")
    assert (await ask(app, Ask("GET /none"))).status == 200
