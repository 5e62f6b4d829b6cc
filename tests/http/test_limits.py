"""Limits on bodies and forms: of apps, routers and path operations, and of apps mounted in one another."""

from collections.abc import Sequence
from typing import Annotated, Any

import pytest
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.asking import WAYS, App, Ask, Framework, Way, ask, post

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("way", WAYS)]

FORM = "application/x-www-form-urlencoded"


def sized(target: str, size: int, *, told: bool = False, pieces: int = 1) -> Ask:
    """Make a request with a JSON string of `size` bytes, in pieces, whose length may be told in front."""
    text = b'"' + b"x" * (size - 2) + b'"'
    body = [text[start : start + -(-size // pieces)] for start in range(0, size, -(-size // pieces))]
    request = post(target, body)
    length = [("content-length", str(size))] if told else []
    if not told:
        body.append(b"")  # RSGI tells the end of such a body in a message of its own, and so does ASGI here
    return Ask(request.target, [*request.headers, *length], body)


class Reading:
    """A middleware that reads some of the body before the app does, and gives it on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        first = await receive()

        async def again() -> Any:
            nonlocal first
            message, first = first, {}
            return message or await receive()

        await self.app(scope, again, send)


def make(fw: Framework, *, outer_limit: int | None, inner_limit: int | None, reading: bool = False) -> App:
    def declare(app: App) -> App:
        @app.post("/own", max_body_size=20)
        async def own(text: Annotated[str, fw.Body()]) -> int:
            return len(text)

        @app.post("/inherited")
        async def inherited(text: Annotated[str, fw.Body()]) -> int:
            return len(text)

        @app.post("/request", max_body_size=20)
        async def request(request: Request) -> int:
            return len(await request.body())

        @app.post("/stream", max_body_size=20)
        async def stream(request: Request) -> int:
            size = 0
            async for chunk in request.stream():
                size += len(chunk)
            return size

        return app

    app = declare(fw.app(max_body_size=outer_limit))
    inner = declare(fw.app(max_body_size=inner_limit))
    if reading:
        app.add_middleware(Reading)
    app.mount("/inner", inner)
    return app


@pytest.mark.parametrize(("outer", "inner"), [(None, None), (10, None), (None, 10), (10, 30), (30, 10)])
@pytest.mark.parametrize("reading", [False, True])
async def test_bodies_are_held_to_limits_as_by_fastapi(
    outer: int | None, inner: int | None, reading: bool, way: Way
) -> None:
    ours = make(Framework("martlet", way), outer_limit=outer, inner_limit=inner, reading=reading)
    theirs = make(Framework("fastapi", way), outer_limit=outer, inner_limit=inner, reading=reading)
    for path in ("/own", "/inherited", "/request", "/stream", "/inner/own", "/inner/inherited", "/inner/request"):
        for size in (5, 15, 25, 35):
            for request in (sized(path, size), sized(path, size, told=True), sized(path, size, pieces=3)):
                assert await ask(ours, request) == await ask(theirs, request), (path, size, request)


async def test_a_body_for_nobody_is_held_to_the_limit_too(way: Way) -> None:
    theirs, ours = (Framework(name, way).app(max_body_size=10) for name in ("fastapi", "martlet"))
    for size in (5, 15):
        for request in (sized("/nowhere", size), sized("/nowhere", size, told=True)):
            assert await ask(ours, request) == await ask(theirs, request), (size, request)


def forms(fw: Framework, limits: Sequence[dict[str, int] | None]) -> App:
    """Make an app that says limits for its forms, in a router, in a path operation, and mounted in another."""
    outer, of_app, of_router, of_route = limits
    app = fw.app(form_limits=of_app)
    router = fw.APIRouter(form_limits=of_router)

    async def fill(a: Annotated[str, fw.Form()], b: Annotated[str, fw.Form()] = "") -> Any:
        return a + b

    app.add_api_route("/app", fill, methods=["POST"])
    app.add_api_route("/route", fill, methods=["POST"], form_limits=of_route)
    router.add_api_route("/router", fill, methods=["POST"])
    router.add_api_route("/both", fill, methods=["POST"], form_limits=of_route)
    app.include_router(router)
    around = fw.app(form_limits=outer)
    around.mount("/mounted", app)
    return around


ONE, TWO = {"max_fields": 1}, {"max_fields": 2}


@pytest.mark.parametrize(
    "limits",
    [
        (None, None, None, None),
        (ONE, None, None, None),
        (ONE, TWO, None, None),
        (None, ONE, None, TWO),
        (None, ONE, TWO, None),
        (TWO, TWO, ONE, TWO),
    ],
)
async def test_forms_are_held_to_limits_as_by_fastapi(limits: Sequence[dict[str, int] | None], way: Way) -> None:
    ours, theirs = forms(Framework("martlet", way), limits), forms(Framework("fastapi", way), limits)
    for path in ("/app", "/route", "/router", "/both"):
        for body in (b"a=1", b"a=1&b=2", b"a=1&b=2&c=3"):
            request = post(f"/mounted{path}", body, FORM)
            assert await ask(ours, request) == await ask(theirs, request), (path, body)


ODD_LENGTHS = [["9" * 5000], ["9" * 100], ["+500"], [""], ["x"], ["-1"], ["1", "500"], ["0" * 5000 + "5"]]


@pytest.mark.parametrize("lengths", ODD_LENGTHS, ids=lambda lengths: " ".join(lengths)[:9])
@pytest.mark.parametrize("path", ["/own", "/request"])
async def test_lengths_that_are_no_numbers_are_taken_as_by_fastapi(path: str, lengths: list[str], way: Way) -> None:
    announced = [("content-length", length) for length in lengths]
    asked = Ask(f"POST {path}", [("content-type", "application/json"), *announced], b'"a"')
    theirs, ours = (make(Framework(name, way), outer_limit=100, inner_limit=None) for name in ("fastapi", "martlet"))
    assert await ask(ours, asked) == await ask(theirs, asked)
