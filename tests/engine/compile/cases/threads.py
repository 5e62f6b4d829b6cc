"""Plain functions, which run in threads: what is called in one thread, one after the other, and what ends that."""

from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar
from typing import Annotated, Any

from starlette.background import BackgroundTasks
from starlette.responses import HTMLResponse, Response

from tests.asking import App, Framework, get
from tests.engine.compile.cases import Item, Priced, act, case
from tests.engine.compile.cases.dependencies import Capital


class _Plain:
    """Plain functions that depend on each other, and note which context variables each of them sees."""

    def __init__(self, fw: Framework, app: App) -> None:
        events = app.state.events
        word: ContextVar[str] = ContextVar("word", default="unset")

        def note(name: str) -> None:
            events.append((name, word.get()))
            word.set(name)

        def guard() -> None:
            note("guard")
            if app.state.outcome == "stops":
                raise StopIteration

        def first(q: int) -> int:
            note("first")
            return q

        def second(first: Annotated[int, fw.Depends(first)]) -> int:
            note("second")
            act(app, fw)
            return first + 1

        self.note, self.guard, self.first, self.second = note, guard, first, second


@case(
    get("/?q=1"),
    get("/?q=x"),
    get("/"),
    get("/?q=1").then("refuses"),
    get("/?q=1").then("breaks"),
    get("/?q=1").then("response"),
    get("/?q=1").then("stops"),
    get("/limited?q=1"),
    get("/limited?q=x"),
    get("/limited?q=1").then("refuses"),
    get("/limited?q=1").then("sub"),
    get("/limited?q=1").then("wrong"),
    get("/limited?q=1").then("response"),
    get("/page?q=1"),
    get("/page?q=x"),
    get("/page?q=1").then("refuses"),
    get("/coroutine?q=1"),
    get("/coroutine?q=x"),
    get("/coroutine?q=1").then("refuses"),
    get("/coroutine?q=1").then("response"),
)
def of_plain_functions(fw: Framework) -> App:
    """What follows one another is called in one thread; each call has context variables of its own."""
    app = fw.app()
    plain = _Plain(fw, app)

    @app.get("/", dependencies=[fw.Depends(plain.guard)])
    def read(second: Annotated[int, fw.Depends(plain.second)], q: int) -> Any:
        plain.note("endpoint")
        return act(app, fw, {"second": second, "q": q}, response=fw.Response("raw"))

    @app.get("/limited", dependencies=[fw.Depends(plain.guard, max_concurrency=1)])
    def read_limited(second: Annotated[int, fw.Depends(plain.second)]) -> Item:
        plain.note("endpoint")
        item, sub = Item(name=str(second)), Priced(name="sub")
        result: Item = act(app, fw, item, sub=sub, wrong={"price": "x"}, response=fw.Response("raw"))
        return result

    @app.get("/page", response_class=HTMLResponse)
    def read_page(second: Annotated[int, fw.Depends(plain.second)]) -> Any:
        plain.note("endpoint")
        return f"<p>{second}</p>"

    @app.get("/coroutine", dependencies=[fw.Depends(plain.guard)])
    async def read_as_coroutine(second: Annotated[int, fw.Depends(plain.second)]) -> Any:
        plain.note("endpoint")
        return act(app, fw, second, response=fw.Response("raw"))

    return app


@case(
    get("/between?q=1"),
    get("/between?q=x"),
    get("/between?q=1").then("refuses"),
    get("/between?q=1").then("status"),
    get("/between?q=1").then("response"),
    get("/waiting?q=1&word=a"),
    get("/waiting?q=x&word=a"),
    get("/waiting?q=1&word=%C3%A9"),
    get("/waiting?q=1&word=%C3%A9").then("refuses"),
    get("/waiting?q=1&word=a").then("response"),
    get("/open?q=1"),
    get("/open?q=x"),
    get("/open?q=1").then("sub"),
    get("/open?q=1").then("wrong"),
    get("/open?q=1").then("response"),
    get("/open?q=1").then("refuses"),
    ours=(get("/open?q=1").then("swallowed"),),
)
def that_the_loop_comes_between(fw: Framework) -> App:
    """A coroutine, a validation that waits for its turn or another half behind a `yield` ends what one thread does."""
    app = fw.app()
    plain = _Plain(fw, app)

    async def between(second: Annotated[int, fw.Depends(plain.second)]) -> int:
        plain.note("between")
        return second + 1

    def opened() -> Iterator[None]:
        plain.note("opens")
        with suppress(LookupError):
            yield

    @app.get("/between", dependencies=[fw.Depends(plain.guard)])
    def read_between(
        first: Annotated[int, fw.Depends(plain.first)],
        between: Annotated[int, fw.Depends(between)],
        response: Response,
        tasks: BackgroundTasks,
    ) -> Any:
        plain.note("endpoint")
        tasks.add_task(plain.note, "task")
        response.headers["x-first"] = str(first)
        response.status_code = act(app, fw, response.status_code, status=202)
        return act(app, fw, {"between": between}, response=fw.Response("raw"), status={"between": between})

    @app.get("/waiting")
    def read_waiting(second: Annotated[int, fw.Depends(plain.second)], word: Capital) -> Any:
        plain.note("endpoint")
        return act(app, fw, {"second": second, "word": word}, response=fw.Response("raw"))

    @app.get("/open", dependencies=[fw.Depends(opened)])
    def read_open(second: Annotated[int, fw.Depends(plain.second)]) -> list[Item]:
        plain.note("endpoint")
        if app.state.outcome == "swallowed":
            raise LookupError
        items = [Item(name=str(second))]
        result: list[Item] = act(app, fw, items, sub=[Priced(name="sub")], wrong=[1], response=fw.Response("raw"))
        return result

    return app
