"""What instrumentation replaces in `martlet.routing` is called, from the moment it is replaced until it is put back."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import wraps
from typing import Annotated, Any

import pytest
from pydantic import BaseModel
from starlette.requests import Request
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from martlet import Body, Depends, FastAPI, Form, Header, Query, Response, routing
from martlet._engine.words.epoch import EPOCH
from martlet.dependencies.utils import get_dependant
from martlet.exceptions import ResponseValidationError, WebSocketException
from martlet.responses import JSONResponse, PlainTextResponse, StreamingResponse
from martlet.sse import EventSourceResponse
from martlet.testclient import TestClient


class Item(BaseModel):
    name: str
    price: float = 1.0


def shop() -> FastAPI:
    app = FastAPI()

    def currency(currency: str = "EUR") -> str:
        return currency

    @app.get("/typed/{name}")
    async def typed(name: str, paid_in: Annotated[str, Depends(currency)], response: Response) -> Item:
        response.headers["x-paid-in"] = paid_in
        return Item(name=name)

    @app.get("/untyped")
    def untyped(q: int = 1) -> Any:
        return {"q": q}

    @app.post("/chosen", response_class=JSONResponse, status_code=201)
    async def chosen(item: Item) -> Item:
        return item

    @app.post("/form")
    async def form(name: Annotated[str, Form()]) -> str:
        return name

    @app.get("/lines")
    async def lines() -> AsyncIterator[Item]:
        yield Item(name="line")

    @app.get("/events", response_class=EventSourceResponse)
    async def events() -> AsyncIterator[Item]:
        yield Item(name="event")

    @app.get("/raw", response_class=StreamingResponse)
    def raw() -> Iterator[str]:
        yield "raw"

    return app


ASKED: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/typed/tea?currency=GBP", {}),
    ("GET", "/untyped?q=2", {}),
    ("GET", "/untyped?q=x", {}),
    ("POST", "/chosen", {"json": {"name": "tea"}}),
    ("POST", "/chosen", {"json": {"name": 1}}),
    ("POST", "/form", {"data": {"name": "tea"}}),
    ("GET", "/lines", {}),
    ("GET", "/events", {}),
    ("GET", "/raw", {}),
]


def answers(app: FastAPI) -> list[tuple[int, bytes, str | None]]:
    client = TestClient(app)
    responses = [client.request(method, url, **given) for method, url, given in ASKED]
    return [(each.status_code, each.content, each.headers.get("x-paid-in")) for each in responses]


def noting(original: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    @wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        calls.append(original.__name__)
        return original(*args, **kwargs)

    return wrapper


@pytest.mark.parametrize(
    "name", ["get_request_handler", "run_endpoint_function", "serialize_response", "solve_dependencies"]
)
def test_a_replaced_function_is_called_and_answers_stay_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    app = shop()
    before = answers(app)
    calls: list[str] = []

    monkeypatch.setattr(routing, name, noting(getattr(routing, name), calls))

    assert answers(app) == before
    assert set(calls) == {name}


def test_a_handler_is_asked_for_once_and_no_more_once_the_function_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    app = shop()
    calls: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(routing, "get_request_handler", noting(routing.get_request_handler, calls))
        client = TestClient(app)
        assert [client.get("/untyped").json() for _ in range(3)] == [{"q": 1}] * 3
        assert len(calls) == 1
        assert "get_request_handler (by martlet._seams)" in str(app.explain("/untyped"))

    assert TestClient(app).get("/untyped").json() == {"q": 1}
    assert len(calls) == 1
    assert "Source" in str(app.explain("/untyped"))


def test_an_endpoint_wrapped_in_its_dependant_is_what_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    original = routing.get_request_handler
    calls: list[str] = []

    def wrapping(*args: Any, **kwargs: Any) -> Any:
        kwargs["dependant"].call = noting(kwargs["dependant"].call, calls)
        return original(*args, **kwargs)

    monkeypatch.setattr(routing, "get_request_handler", wrapping)
    assert TestClient(shop()).get("/untyped").json() == {"q": 1}
    assert calls == ["untyped"]


def test_replacing_another_name_of_the_module_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = EPOCH.value
    monkeypatch.setattr(routing, "something_else", 1, raising=False)
    assert EPOCH.value == before


def test_an_override_counts_while_a_function_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(q: int = 1) -> int:
        return q

    app = FastAPI()

    @app.get("/")
    async def read(asked: Annotated[int, Depends(asked)]) -> int:
        return asked

    monkeypatch.setattr(routing, "get_request_handler", noting(routing.get_request_handler, []))
    app.dependency_overrides[asked] = lambda: 42
    assert TestClient(app).get("/").json() == 42


@pytest.mark.anyio
@pytest.mark.parametrize("is_coroutine", [True, False])
async def test_serialize_response_gives_data_or_bytes(is_coroutine: bool) -> None:
    field = routing.create_model_field("item", Item, mode="serialization")
    item = Item(name="tea")

    data = await routing.serialize_response(field=field, response_content=item, is_coroutine=is_coroutine)
    assert data == {"name": "tea", "price": 1.0}
    short = await routing.serialize_response(
        field=field, response_content=item, exclude_unset=True, dump_json=True, is_coroutine=is_coroutine
    )
    assert short == b'{"name":"tea"}'
    assert await routing.serialize_response(response_content=item) == {"name": "tea", "price": 1.0}
    with pytest.raises(ResponseValidationError):
        await routing.serialize_response(field=field, response_content={}, is_coroutine=is_coroutine)


def test_a_handler_can_be_asked_for_outside_a_route() -> None:
    async def read(request: Request, q: Annotated[int, Query()], name: Annotated[str, Body()]) -> Any:
        return [request.method, q, name]

    dependant = get_dependant(path="/", call=read)
    body_field = dependant.body_params[0]
    handler = routing.get_request_handler(dependant, body_field=body_field)
    route = Route("/", endpoint=read, methods=["POST"])
    route.app = routing.request_response(handler)
    assert TestClient(FastAPI(routes=[route])).post("/?q=1", json="tea").json() == ["POST", 1, "tea"]


def test_a_websocket_can_be_served_outside_a_route() -> None:
    async def talk(websocket: WebSocket, q: int, name: Annotated[str, Header()] = "nobody") -> None:
        if q == 0:
            raise WebSocketException(code=4000)
        await websocket.accept()
        await websocket.send_json([q, name])
        await websocket.close()

    route = WebSocketRoute("/", talk)
    route.app = routing.websocket_session(routing.get_websocket_app(get_dependant(path="/", call=talk)))
    client = TestClient(FastAPI(routes=[route]))
    with client.websocket_connect("/?q=1", headers={"name": "ann"}) as socket:
        assert socket.receive_json() == [1, "ann"]
    for query, code in (("q=x", 1008), ("q=0", 4000)):
        with pytest.raises(WebSocketDisconnect) as closed, client.websocket_connect(f"/?{query}"):
            pass
        assert closed.value.code == code


def test_a_response_object_passes_a_replaced_serialize_response_by(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(routing, "serialize_response", noting(routing.serialize_response, calls))
    app = FastAPI()

    @app.get("/")
    async def read() -> PlainTextResponse:
        return PlainTextResponse("as it is")

    assert TestClient(app).get("/").text == "as it is"
    assert calls == []
