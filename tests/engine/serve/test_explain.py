"""What is said of a path: which route answers it and why, and what its handler does; golden files show it whole."""

import os
import re
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator
from starlette.background import BackgroundTasks
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route, Router

from martlet import Body, Depends, FastAPI, Form, Header, Query
from martlet._engine.serve.explain import callable_name, type_text
from martlet.routing import APIRoute
from martlet.security import HTTPBearer
from tests.engine.compile.cases import Item

GOLDEN = Path(__file__).parent / "golden"


def checked(value: str) -> str:
    return value


Checked = Annotated[str, AfterValidator(checked)]


async def session(q: int) -> AsyncIterator[int]:
    yield q


def transaction(session: Annotated[int, Depends(session, scope="function")]) -> Iterator[None]:
    yield


async def signed_in(token: Annotated[str | None, Header()] = None) -> None: ...


class Overridden(APIRoute):
    def get_route_handler(self) -> Any:
        return super().get_route_handler()


def make(**options: Any) -> FastAPI:
    app = FastAPI(openapi_url=None, **options)

    @app.get("/items/{item_id:int}")
    async def read(item_id: int, q: Annotated[list[str], Query()] = []) -> Item:  # noqa: B006 - defaults are copied
        return Item(name=f"{item_id} {q}")

    @app.get("/items/special")
    async def special() -> None: ...

    @app.post("/items", dependencies=[Depends(signed_in), Depends(partial(signed_in))], max_body_size=1000)
    async def create(
        item: Annotated[Item, Body(embed=True)],
        note: Annotated[Checked, Body()],
        number: Annotated[None, Depends(transaction, scope="function")],
        tasks: BackgroundTasks,
        request: Request,
        name: Checked = "x",
    ) -> Item:
        return item

    @app.post("/forms")
    async def fill(name: Annotated[str, Form()]) -> str:
        return name

    @app.post("/odd")
    async def odd(name: Annotated[str, Query(alias="größe")]) -> str:
        return name

    @app.get("/lines", dependencies=[Depends(session)])
    async def lines() -> AsyncIterator[int]:
        yield 1

    @app.get("/page", response_class=HTMLResponse)
    def page() -> str:
        return ""

    @app.get("/sorted")
    def in_order() -> Annotated[list[int], AfterValidator(sorted)]:
        return []

    app.add_api_route("/overridden", special, route_class_override=Overridden)
    app.routes.append(Route("/plain", lambda _request: PlainTextResponse()))
    return app


@pytest.mark.parametrize(
    ("name", "path", "method"),
    [
        ("read", "/items/{item_id}", "GET"),
        ("create", "/items", "POST"),
        ("fill", "/forms", "POST"),
        ("lines", "/lines", "GET"),
        ("page", "/page", "GET"),
        ("in_order", "/sorted", "GET"),
    ],
)
def test_text_is_golden(name: str, path: str, method: str) -> None:
    # The endpoint's file and line stand in it; here they change with every edit.
    found = re.sub(f"{re.escape(__file__)}:\\d+", "FILE:LINE", str(make().explain(path, method))) + "\n"
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("MARTLET_UPDATE_GOLDEN"):
        file.write_text(found, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == found


@pytest.mark.parametrize(
    ("path", "method", "reason"),
    [
        ("/items/7", "get", "matches /items/{item_id:int}, the first declared that does"),
        ("/items/{item_id:int}", "GET", "declared as this template"),
        ("/items/special", "GET", "matches /items/special, the first declared that does"),
        ("/items/{item_id}", "DELETE", "404 Not Found: no route matches"),
        ("/items/7", "DELETE", "405 Method Not Allowed: /items/{item_id:int} takes GET"),
        ("/nowhere", "GET", "404 Not Found: no route matches"),
    ],
)
def test_a_reason_is_given(path: str, method: str, reason: str) -> None:
    explanation = make().explain(path, method)
    assert (explanation.path, explanation.method, explanation.reason) == (path, method.upper(), reason)
    assert str(explanation).splitlines()[:2] == [f"{method.upper()} {path}", f"  {reason}"]


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (int, "int"),
        (Item, "Item"),
        (list[Item], "list[Item]"),
        (Item | None, "Item | None"),
        (Annotated[dict[str, Item], "kept"], "dict[str, Item]"),
        (Literal["a.b", 1.5], "Literal['a.b', 1.5]"),
        (None, "None"),
    ],
)
def test_types_are_named_as_one_writes_them(annotation: object, text: str) -> None:
    assert type_text(annotation) == text


def test_a_type_made_in_a_function_is_named_without_it() -> None:
    class Local: ...

    assert type_text(list[Local]) == "list[Local]"


def test_an_instance_that_is_called_has_the_name_of_its_class() -> None:
    assert callable_name(HTTPBearer()) == "HTTPBearer"


def test_values_of_the_path_are_told() -> None:
    assert make().explain("/items/7").params == {"item_id": 7}


@pytest.mark.parametrize("path", ["/plain", "/overridden"])
def test_a_route_that_is_not_compiled_says_why(path: str) -> None:
    explanation = make().explain(path)
    assert "; it is not compiled: " in explanation.reason
    assert (explanation.plan, explanation.steps, explanation.source) == (None, (), "")
    assert len(str(explanation).splitlines()) == 2


def test_a_mounted_app_may_answer() -> None:
    app = make()
    app.routes.append(Mount("/mounted", Router()))
    assert app.explain("/mounted/x").reason.startswith("not in the table: a mounted app")


def test_a_name_that_is_not_ascii_is_read_value_by_value() -> None:
    assert make().explain("/odd", "POST").steps == ("validate value by value; then as any other handler does",)


def test_a_route_can_be_given_where_it_is_known() -> None:
    app = make()
    route = app.routes[1]
    assert app.explain("/items/special", "GET", route).steps == app.explain("/items/special").steps
    told = app.explain("/x", "GET", Mount("/x", Router()))
    assert (told.reason, told.plan) == ("it matches or handles requests by code of its own", None)


def test_an_app_with_middleware_shows_the_handlers_behind_it() -> None:
    app = make()
    assert "await fail(" in app.explain("/page").source
    app.add_middleware(lambda app: app)
    assert "await fail(" not in app.explain("/page").source


def test_overrides_are_shown() -> None:
    app = make()
    app.dependency_overrides[session] = lambda: 1
    assert "call test_overrides_are_shown.<locals>.<lambda> (plain, in a thread)" in app.explain("/lines").steps


def test_calls_of_one_hop_are_in_one_thread() -> None:
    app = FastAPI(openapi_url=None)

    def first() -> int:
        return 1

    def second(first: Annotated[int, Depends(first)]) -> int:
        return first

    async def third(second: Annotated[int, Depends(second)]) -> int:
        return second

    @app.get("/")
    def read(third: Annotated[int, Depends(third)], fourth: Annotated[int, Depends(second, use_cache=False)]) -> int:
        return third + fourth

    here = "test_calls_of_one_hop_are_in_one_thread.<locals>"
    assert app.explain("/").steps == (
        f"call {here}.first (plain, in a thread)",
        f"call {here}.second (plain, in the same thread)",
        f"call {here}.third (coroutine)",
        f"call {here}.second (plain, in a thread)",
        "call the endpoint (plain, in the same thread)",
        "write JSON straight, in the same thread",
        "send",
    )
