"""What return values become: typed and untyped JSON, response classes, streams."""

from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import anyio
from pydantic import AfterValidator, BaseModel, Field
from starlette.background import BackgroundTasks
from starlette.responses import HTMLResponse, Response, StreamingResponse

from tests.asking import App, Framework, get
from tests.engine.compile.cases import Item, Priced, act, case


@case(
    get("/one"),
    get("/one").then("sub"),
    get("/one").then("dict"),
    get("/one").then("wrong"),
    get("/one").then("response"),
    get("/one").then("refuses"),
    get("/many"),
    get("/many").then("mixed"),
    get("/many").then("empty"),
    get("/many").then("tuple"),
    get("/many").then("wrong"),
    get("/many").then("response"),
    get("/many").then("refuses"),
)
def trusted_models(fw: Framework) -> App:
    """An exact instance of a model without validators is not validated again; whatever else is."""
    app = fw.app()

    @app.get("/one")
    async def one() -> Item:
        result: Item = act(
            app,
            fw,
            Item(name="pen"),
            sub=Priced(name="sub"),
            dict={"name": "dict", "price": "3"},
            wrong={"price": "x"},
            response=fw.Response("raw"),
        )
        return result

    @app.get("/many", status_code=201)
    async def many() -> list[Item]:
        items = [Item(name="pen"), Item(name="ink", price=2)]
        result: list[Item] = act(
            app,
            fw,
            items,
            mixed=[*items, Priced(name="sub")],
            empty=[],
            tuple=tuple(items),
            wrong=[1],
            response=fw.Response("raw"),
        )
        return result

    return app


@case(
    get("/number"),
    get("/number").then("wrong"),
    get("/number").then("response"),
    get("/number").then("refuses"),
    get("/filtered"),
    get("/filtered").then("model"),
    get("/filtered").then("wrong"),
    get("/filtered").then("response"),
    get("/filtered").then("refuses"),
    get("/optional"),
    get("/optional").then("none"),
    get("/optional").then("wrong"),
    get("/optional").then("response"),
    get("/optional").then("refuses"),
)
def typed(fw: Framework) -> App:
    app = fw.app()

    @app.get("/number")
    async def number() -> int:
        result: int = act(app, fw, 7, wrong="x", response=fw.Response("raw"))
        return result

    class Aliased(BaseModel):
        name: str = Field(alias="itemName")
        price: float | None = None
        note: str = "none"

    @app.get(
        "/filtered",
        response_model=Aliased,
        response_model_by_alias=False,
        response_model_exclude={"note"},
        response_model_exclude_none=True,
        response_model_exclude_unset=True,
    )
    async def filtered() -> Any:
        model = Aliased(itemName="pen", note="x")
        return act(app, fw, {"itemName": "pen", "note": "x"}, model=model, wrong={}, response=fw.Response("raw"))

    @app.get("/optional", response_model_include={"name"})
    async def optional() -> Item | None:
        result: Item | None = act(app, fw, Item(name="pen"), none=[None][0], wrong=[], response=fw.Response("raw"))
        return result

    return app


@case(
    get("/typed"),
    get("/typed").then("wrong"),
    get("/typed").then("response"),
    get("/typed").then("refuses"),
    get("/typed").then("breaks"),
    get("/checked"),
    get("/checked").then("wrong"),
    get("/checked").then("response"),
    get("/checked").then("refuses"),
    get("/untyped?q=1"),
    get("/untyped?q=x"),
    get("/untyped?q=1").then("moment"),
    get("/untyped?q=1").then("stranger"),
    get("/untyped?q=1").then("response"),
    get("/untyped?q=1").then("refuses"),
)
def def_endpoints(fw: Framework) -> App:
    """They run in a thread; what validates their answers with code of the user's runs there as well."""
    app = fw.app()

    def in_order(value: list[int]) -> list[int]:
        return sorted(value)

    @app.get("/typed")
    def read_typed() -> Item:
        result: Item = act(app, fw, Item(name="pen"), wrong={"price": 1}, response=fw.Response("raw"))
        return result

    @app.get("/checked")
    def read_checked() -> Annotated[list[int], AfterValidator(in_order)]:
        result: list[int] = act(app, fw, [3, 1, 2], wrong=["x"], response=fw.Response("raw"))
        return result

    @app.get("/untyped")
    def read_untyped(q: int) -> Any:
        moment = datetime(2024, 2, 29, tzinfo=UTC)
        return act(app, fw, {"q": q}, moment={"at": moment}, stranger=object(), response=fw.Response("raw"))

    return app


@case(
    get("/html"),
    get("/html").then("response"),
    get("/html").then("refuses"),
    get("/json"),
    get("/json").then("wrong"),
    get("/json").then("response"),
    get("/json").then("refuses"),
    get("/own"),
    get("/own").then("other"),
    get("/own").then("refuses"),
    get("/nothing"),
    get("/nothing").then("something"),
    get("/nothing").then("response"),
    get("/nothing").then("refuses"),
)
def response_classes(fw: Framework) -> App:
    app = fw.app()

    @app.get("/html", response_class=HTMLResponse)
    async def html() -> Any:
        return act(app, fw, "<p>", response=fw.Response("raw"))

    @app.get("/json", response_class=fw.responses.JSONResponse, status_code=203)
    async def json() -> Item:
        result: Item = act(app, fw, Item(name="pen"), wrong=[], response=fw.Response("raw"))
        return result

    @app.get("/own")
    async def own() -> Response:
        result: Response = act(app, fw, HTMLResponse("<p>"), other={"a": 1})
        return result

    @app.get("/nothing", status_code=204, response_model=None)
    async def nothing() -> Any:
        return act(app, fw, None, something={"a": 1}, response=fw.Response("raw"))

    return app


@case(
    get("/lines"),
    get("/lines").then("refuses"),
    get("/lines").then("breaks"),
    get("/plain-lines?count=2"),
    get("/plain-lines?count=x"),
    get("/plain-lines?count=2").then("refuses"),
    get("/events"),
    get("/events").then("refuses"),
    get("/raw"),
    get("/raw").then("refuses"),
    get("/plain-raw"),
    get("/plain-raw").then("refuses"),
)
def streams(fw: Framework) -> App:
    app = fw.app()

    @app.get("/lines")
    async def lines(response: Response, tasks: BackgroundTasks) -> AsyncIterable[Item]:
        response.headers["x-mark"] = "1"
        response.status_code = 202
        tasks.add_task(app.state.events.append, "task")
        act(app, fw)
        yield Item(name="first")
        yield Priced(name="second")

    @app.get("/plain-lines")
    def plain_lines(count: int) -> Iterable[int]:
        act(app, fw)
        yield from range(count)

    @app.get("/events", response_class=fw.sse.EventSourceResponse)
    async def events() -> AsyncIterator[Any]:
        yield {"a": 1}
        await anyio.sleep(0.01)  # it is on its way by then, here and there
        act(app, fw)
        yield fw.sse.ServerSentEvent(data=[1], event="named", id="7", retry=10, comment="said")
        yield fw.sse.ServerSentEvent(raw_data="raw")
        yield fw.sse.ServerSentEvent(comment="only")
        yield fw.sse.ServerSentEvent(data=Item(name="pen"))

    @app.get("/raw", response_class=StreamingResponse)
    async def raw() -> AsyncIterator[bytes]:
        act(app, fw)
        yield b"one"
        yield b"two"

    @app.get("/plain-raw", response_class=StreamingResponse)
    def plain_raw() -> Iterator[str]:
        act(app, fw)
        yield "one"

    return app
