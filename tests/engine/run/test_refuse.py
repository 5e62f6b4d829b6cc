"""Refusals by the errors of the one validation, against FastAPI's: their text, their order, and what ran for them."""

import json
from decimal import Decimal
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, BeforeValidator, Json, create_model
from pydantic_core import PydanticUseDefault
from starlette.responses import JSONResponse

from tests.asking import COMPILED, App, Ask, Framework, Way, ask, post

pytestmark = pytest.mark.anyio


def make(framework: Framework, *, handler: str | None = None) -> Any:
    """Return an app whose endpoint takes something from everywhere."""
    fastapi: Any = framework

    async def answer(request: Any, error: Any) -> Any:
        return JSONResponse({"errors": len(error.errors()), "body": error.body, "text": type(error).__name__}, 418)

    handlers = {"status": {422: answer}, "class": {framework.exceptions.RequestValidationError: answer}}
    app = framework.app(exception_handlers=handlers.get(handler or ""))

    def noted(value: str) -> str:
        app.state.events.append(f"validated {value}")
        if value == "bad":
            raise ValueError("bad indeed")
        return value

    @app.get("/items/{item_id}/{price}")
    async def item(
        item_id: int,
        price: Annotated[Decimal, fastapi.Path(ge=Decimal("1.5"))],
        q: str,
        x_token: Annotated[str, fastapi.Header(alias="X-Token", min_length=3)],
        session: Annotated[int, fastapi.Cookie()],
        tags: Annotated[list[int], fastapi.Query()] = [],  # noqa: B006 - as users write it
        word: Annotated[str, AfterValidator(noted)] = "good",
    ) -> list[str]:
        return [str(each) for each in (item_id, price, q, x_token, session, tags, word)]

    @app.get("/crumbs")
    async def crumbs(session: Annotated[set[int], fastapi.Cookie()]) -> list[int]:
        return [*session]

    return app


ASKED = [
    Ask("GET /items/none/none"),
    Ask("GET /items/none/1?q=a&tags=1&tags=x&tags=y&word=bad"),
    Ask("GET /items/1/2?word=bad", headers=[("x-token", "ab"), ("cookie", "session=x")]),
    Ask("GET /items/1/2?q=a&word=fine", headers=[("x-token", "abc"), ("cookie", "session=1")]),
    Ask("GET /items/%FF/2?q=a", headers=[("x-token", "abc")]),
    Ask("GET /crumbs", headers=[("cookie", "session=")]),
    Ask("GET /crumbs", headers=[("cookie", "session=x")]),
]


@pytest.mark.parametrize("way", ["direct", "observed"])
@pytest.mark.parametrize("handler", [None, "status", "class"])
@pytest.mark.parametrize("asked", ASKED)
async def test_refusals_are_fastapi_s_and_validators_run_once(asked: Ask, handler: str | None, way: Way) -> None:
    ours = await ask(make(Framework("martlet", way), handler=handler), asked)
    theirs = await ask(make(Framework("fastapi", way), handler=handler), asked)
    assert ours == theirs


EMPTY = [
    Ask("GET /lists?numbers="),
    Ask("GET /lists?numbers=[1]"),
    Ask("GET /lists", headers=[("cookie", "words=")]),
    Ask("GET /lists", headers=[("cookie", "words=a,b")]),
    Ask("POST /lists?numbers=", headers=[("content-type", "application/json")], body=b"1"),
    Ask("POST /lists?numbers=", headers=[("content-type", "application/json")], body=b"{"),
    Ask("POST /lists?numbers=[2]", headers=[("content-type", "application/json")], body=b"1"),
    Ask("GET /default?word=ask"),
    Ask("GET /default?word=say"),
]


@pytest.mark.parametrize("way", COMPILED)
@pytest.mark.parametrize("asked", EMPTY)
async def test_an_empty_text_is_no_list_and_validators_may_ask_for_the_default(asked: Ask, way: Way) -> None:
    def make_lists(framework: Framework) -> App:
        fastapi: Any = framework
        app = framework.app()
        nothing: Any = "nothing"

        def parted(value: Any) -> Any:
            return value.split(",") if isinstance(value, str) else value

        def default_for_ask(value: str) -> str:
            if value == "ask":
                raise PydanticUseDefault
            return value

        @app.get("/lists")
        async def lists(
            numbers: Annotated[Json[list[int]], fastapi.Query()] = nothing,
            words: Annotated[list[str], BeforeValidator(parted), fastapi.Cookie()] = nothing,
        ) -> Any:
            return [numbers, words]

        @app.post("/lists")
        async def post_lists(numbers: Annotated[Json[list[int]], fastapi.Query()], body: int) -> Any:
            return [numbers, body]

        @app.get("/default")
        async def default(word: Annotated[str, BeforeValidator(default_for_ask)] = "the default") -> str:
            return word

        return app

    theirs = await ask(make_lists(Framework("fastapi", way)), asked)
    assert await ask(make_lists(Framework("martlet", way)), asked) == theirs


async def test_what_json_cannot_carry_is_left_to_the_handler() -> None:
    app = Framework("martlet").app()

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> int:
        return item_id

    answer = await ask(app, Ask("GET /items/none", scope={"path": "/items/\udc80"}))
    assert answer.status == 422
    assert b"\\udc80" in answer.body


@pytest.mark.parametrize("name", ["martlet", "fastapi"])
async def test_a_default_that_is_wrong_is_told_of_the_parameter(name: Any) -> None:
    framework = Framework(name, "direct")
    fastapi: Any = framework
    app = framework.app()

    @app.get("/items")
    async def item(size: Annotated[int, fastapi.Query(alias="s", ge=1, validate_default=True)] = 0) -> int:
        return size

    answer = await ask(app, Ask("GET /items"))
    assert "greater_than_equal" in str(answer), answer
    assert "('query', 's')" in str(answer) or '"query","s"' in str(answer), answer


def make_noting(framework: Framework) -> Any:
    """Return an app whose validators are noted, for bodies, parameters and those of dependencies."""
    fastapi: Any = framework
    app = framework.app()

    def noted(value: Any) -> Any:
        app.state.events.append(f"validated {value}")
        if value == "bad":
            raise ValueError("bad indeed")
        return value

    model = create_model("Model", word=Annotated[str, AfterValidator(noted)], count=int)

    def given(q: Annotated[str, AfterValidator(noted)], size: int = 1) -> str:
        app.state.events.append("given")
        return q

    @app.post("/whole")
    async def whole(body: model) -> str:  # type: ignore[valid-type]  # made here
        return "whole"

    @app.post("/parts")
    async def parts(
        first: model,  # type: ignore[valid-type]  # likewise
        second: int = fastapi.Body(),
        third: Annotated[str, AfterValidator(noted)] = "c",
    ) -> str:
        return "parts"

    @app.post("/turns/{item_id}")
    async def turns(
        item_id: int,
        body: model,  # type: ignore[valid-type]  # likewise
        before: Annotated[str, fastapi.Depends(given)],
        end: Annotated[str, AfterValidator(noted)] = "e",
    ) -> str:
        return "turns"

    return app


def sent(target: str, body: Any) -> Ask:
    return post(target, json.dumps(body).encode())


@pytest.mark.parametrize("way", ["direct", "observed"])
@pytest.mark.parametrize(
    "asked",
    [
        sent("/whole", {"word": "w", "count": "x"}),
        sent("/whole", {"word": "bad", "count": 1}),
        sent("/whole", {"word": "bad", "count": []}),
        sent("/whole", ["w"]),
        sent("/parts?third=x", {"first": {"word": "w", "count": 1}, "second": "x"}),
        sent("/parts?third=bad", {"first": {"word": "bad", "count": 1}, "second": 1}),
        sent("/parts", {"first": {"word": "w", "count": 1}, "second": 1}),
        sent("/turns/x?q=a", {"word": "w", "count": 1}),
        sent("/turns/1?q=bad&end=bad", {"word": "w", "count": 1}),
        sent("/turns/1?q=a&end=bad", {"word": "w", "count": 1}),
        sent("/turns/1?q=a&size=x", {"word": "w", "count": "x"}),
        sent("/turns/1?q=a", {"word": "bad", "count": 1}),
    ],
)
async def test_code_of_the_users_validates_once_whatever_else_is_wrong(asked: Ask, way: Way) -> None:
    ours = await ask(make_noting(Framework("martlet", way)), asked)
    theirs = await ask(make_noting(Framework("fastapi", way)), asked)
    assert ours == theirs
