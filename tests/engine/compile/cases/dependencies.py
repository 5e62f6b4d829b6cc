"""Dependencies: each kind of callable, each lifetime, what is injected, and validation that waits for its turn."""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel
from starlette.background import BackgroundTasks
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from tests.asking import JSON, App, Ask, Framework, get, post
from tests.engine.compile.cases import Item, Priced, act, case


@case(
    get("/?q=1&page=2"),
    get("/?q=x&page=y"),
    get("/"),
    get("/").then("refuses"),
    get("/?q=1").then("breaks"),
    get("/?q=1").then("response"),
)
def of_each_kind(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    async def asked(q: int) -> int:
        events.append("asked")
        return q

    def in_thread(q: Annotated[int, fw.Depends(asked)]) -> int:
        events.append("in thread")
        return q + 1

    class Paging:
        def __init__(self, page: int = 1) -> None:
            self.page = page

        async def __call__(self) -> str:
            return "called"

    def guard() -> None:
        events.append("guard")
        act(app, fw)

    @app.get("/", dependencies=[fw.Depends(guard)])
    async def read(
        q: Annotated[int, fw.Depends(asked)],
        more: Annotated[int, fw.Depends(in_thread)],
        paging: Annotated[Paging, fw.Depends()],
        called: Annotated[str, fw.Depends(Paging())],
        again: Annotated[int, fw.Depends(asked, use_cache=False)],
    ) -> Any:
        values = {"q": q, "more": more, "page": paging.page, "called": called, "again": again}
        return act(app, fw, values, response=fw.Response("raw"))

    return app


@case(
    get("/?q=1"),
    get("/?q=x"),
    get("/?q=1").then("refuses"),
    get("/?q=1").then("breaks"),
    get("/?q=1").then("response"),
    get("/?q=1").then("late"),
    get("/request?q=1"),
    get("/request?q=x"),
    get("/request?q=1").then("refuses"),
    get("/request?q=1").then("response"),
    get("/request?q=1").then("sub"),
    get("/request?q=1").then("wrong"),
    get("/request?q=1").then("late"),
    ours=(get("/?q=1").then("swallowed"), get("/request?q=1").then("swallowed")),
    observed=True,
)
def that_yield(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    async def session(q: int) -> AsyncIterator[int]:
        events.append("session opens")
        try:
            yield q
        except RuntimeError as error:
            events.append(f"session sees {error}")
            if app.state.outcome != "swallowed":
                raise
        finally:
            events.append("session closes")
        if app.state.outcome == "late":
            raise ValueError("too late")

    def transaction(session: Annotated[int, fw.Depends(session, scope="function")]) -> Iterator[int]:
        events.append("transaction begins")
        try:
            yield session + 1
        finally:
            events.append("transaction ends")

    @app.get("/")
    async def read(number: Annotated[int, fw.Depends(transaction, scope="function")]) -> Any:
        if app.state.outcome == "swallowed":
            raise RuntimeError("swallowed")
        return act(app, fw, {"number": number}, response=fw.Response("raw"))

    @app.get("/request")
    async def read_in_request(number: Annotated[int, fw.Depends(session, scope="request")]) -> Item:
        if app.state.outcome == "swallowed":
            raise RuntimeError("swallowed")
        item = Item(name=str(number))
        sub = Priced(name="sub")
        result: Item = act(app, fw, item, response=fw.Response("raw"), sub=sub, wrong={"price": "x"})
        return result

    return app


@case(
    get("/?q=1"),
    get("/?q=x"),
    get("/?q=1").then("refuses"),
    get("/?q=1").then("response"),
    ours=(get("/?q=1").then("swallowed"),),
)
def of_limited_concurrency(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    async def busy(q: int) -> int:
        return q

    async def session() -> AsyncIterator[str]:
        try:
            yield "open"
        except RuntimeError:
            events.append("swallowed")
        events.append("closed")

    @app.get("/")
    async def read(
        number: Annotated[int, fw.Depends(busy, max_concurrency=2)],
        session: Annotated[str, fw.Depends(session, max_concurrency=1)],
    ) -> Any:
        if app.state.outcome == "swallowed":
            raise RuntimeError("swallowed")
        return act(app, fw, {"number": number, "session": session}, response=fw.Response("raw"))

    return app


def _capital(value: str) -> str:
    if not value.isascii():
        raise ValueError("not from here")
    return value.upper()


Capital = Annotated[str, AfterValidator(_capital)]


class Named(BaseModel):
    name: Capital


@case(
    get("/?q=a&r=b&n=1"),
    get("/?q=%C3%A9&r=%C3%A9&n=x"),
    get("/?q=a&r=%C3%A9&n=1"),
    get("/?q=%C3%A9&r=b&n=1"),
    get("/?q=a&r=b&n=1").then("refuses"),
    get("/?q=%C3%A9&r=b&n=1").then("refuses"),
    get("/?q=a&r=b&n=1").then("response"),
    get("/alone?q=a"),
    get("/alone?q=%C3%A9"),
    get("/alone?q=a").then("refuses"),
    get("/alone?q=a").then("response"),
)
def validation_that_waits(fw: Framework) -> App:
    """A validator of the user's runs when its owner's turn has come, so that a 401 before it goes first."""
    app = fw.app()
    events = app.state.events

    async def first(q: Capital, n: int) -> str:
        events.append("first")
        return f"{q}{n}"

    async def guard() -> None:
        events.append("guard")
        act(app, fw)

    @app.get("/", dependencies=[fw.Depends(guard)])
    async def read(first: Annotated[str, fw.Depends(first)], r: Capital) -> Any:
        return act(app, fw, {"first": first, "r": r}, response=fw.Response("raw"))

    @app.get("/alone")
    async def alone(q: Capital) -> Any:
        return act(app, fw, q, response=fw.Response("raw"))

    return app


@case(
    post("/?q=a", b'{"name": "pen"}'),
    post("/?q=a", b'{"name": "\xc3\xa9"}'),
    post("/?q=a", b'{"name": '),
    post("/?q=a", b"\xff"),
    post("/?q=a", b""),
    post("/?q=%C3%A9", b'{"name": "pen"}'),
    post("/?q=a", b'{"name": "pen"}').then("refuses"),
    post("/?q=a", b'{"name": "pen"}').then("response"),
    post("/parts", b'{"item": {"name": "pen"}, "named": {"name": "ink"}}'),
    post("/parts", b'{"item": {"name": "pen"}, "named": {"name": "\xc3\xa9"}}'),
    post("/parts", b'{"item": {"name": 1}, "named": {"name": "ink"}}'),
    post("/parts", b"{"),
    post("/parts", b"[]"),
    post("/parts", b"[]", None),
    post("/parts", b'{"item": {"name": "pen"}, "named": {"name": "ink"}}').then("refuses"),
    post("/parts", b'{"item": {"name": "pen"}, "named": {"name": "ink"}}').then("response"),
    ours=(post("/?q=a", b'{"name": "pen"}').then("breaks"),),
)
def body_that_waits(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    async def opened() -> AsyncIterator[str]:
        events.append("opens")
        try:
            yield "open"
        except RuntimeError:
            events.append("swallowed")
        events.append("closes")

    async def with_all(
        request: Request, response: Response, tasks: BackgroundTasks, opened: Annotated[str, fw.Depends(opened)]
    ) -> str:
        response.headers["x-first"] = request.url.path
        tasks.add_task(events.append, "task")
        return opened

    @app.post("/")
    async def create(first: Annotated[str, fw.Depends(with_all)], q: Capital, named: Named) -> Any:
        return act(app, fw, {"first": first, "q": q, "named": named}, response=fw.Response("raw"))

    async def item_of(item: Item) -> str:
        events.append("item")
        return item.name

    @app.post("/parts")
    async def create_of_parts(item: Annotated[str, fw.Depends(item_of)], named: Named) -> Any:
        return act(app, fw, {"item": item, "named": named}, response=fw.Response("raw"))

    return app


@case(
    get("/"),
    get("/").then("refuses"),
    get("/").then("breaks"),
    get("/").then("response"),
    get("/").then("status"),
    get("/typed"),
    get("/typed").then("refuses"),
    get("/typed").then("response"),
    get("/typed").then("status"),
    get("/typed").then("wrong"),
    get("/typed").then("other"),
)
def draft_response(fw: Framework) -> App:
    app = fw.app()

    async def mark(response: Response) -> None:
        response.headers["x-mark"] = "1"
        response.set_cookie("seen", "yes")
        if app.state.outcome == "status":
            response.status_code = 202

    @app.get("/", dependencies=[fw.Depends(mark)], status_code=201)
    async def read(response: Response) -> Any:
        response.headers["x-own"] = "2"
        return act(app, fw, {"a": 1}, response=fw.Response("raw"))

    @app.get("/typed", dependencies=[fw.Depends(mark)])
    async def read_typed() -> Item:
        item = Item(name="pen")
        result: Item = act(
            app, fw, item, response=fw.Response("raw"), wrong={"price": 1}, other={"name": "other", "more": 1}
        )
        return result

    return app


@case(
    get("/"),
    get("/").then("refuses"),
    get("/").then("breaks"),
    get("/").then("response"),
    get("/").then("own"),
    get("/").then("task refuses"),
    get("/").then("task breaks"),
)
def background_tasks(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events

    def task(name: str) -> None:
        events.append(f"task of {name}")
        if app.state.outcome == "task refuses":
            raise fw.HTTPException(400, "too late")
        if app.state.outcome == "task breaks":
            raise RuntimeError("broken task")

    async def noted(background: BackgroundTasks) -> None:
        background.add_task(task, "dependency")

    @app.get("/", dependencies=[fw.Depends(noted)])
    async def read(tasks: BackgroundTasks) -> Any:
        tasks.add_task(task, "endpoint")
        own = fw.background.BackgroundTasks()
        own.add_task(task, "response")
        response = fw.Response("raw")
        return act(app, fw, {"a": 1}, response=response, own=fw.Response("own", background=own))

    return app


@case(
    post("/items?q=1", b'{"name": "pen"}'),
    post("/items?q=1", b"{"),
    post("/items?q=x", b'{"name": "pen"}'),
    post("/items?q=1", b'{"name": "pen"}', None),
    post("/items?q=1", b'{"name": "pen"}').then("refuses"),
    post("/items?q=1", b'{"name": "pen"}').then("response"),
    Ask("POST /items?q=1", [JSON], [b"{"], leaves=True),
    get("/plain/1"),
    get("/plain/1").then("refuses"),
    get("/plain/1").then("response"),
)
def request(fw: Framework) -> App:
    app = fw.app()

    async def connected(connection: HTTPConnection) -> Any:
        return connection.headers.get("host")

    @app.post("/{path}")
    async def create(request: Request, host: Annotated[Any, fw.Depends(connected)], q: int, item: Item) -> Any:
        body = (await request.body()).decode()
        route = request.scope["route"].path
        values = {"body": body, "again": await request.json(), "host": host, "route": route, "q": q, "item": item}
        return act(app, fw, values, response=fw.Response("raw"))

    @app.get("/plain/{number}")
    async def read(request: Request) -> Any:
        return act(app, fw, request.path_params, response=fw.Response("raw"))

    return app


@case(
    get("/"),
    get("/", authorization="Bearer abc"),
    get("/", authorization="Bearer abc").then("refuses"),
    get("/", authorization="Bearer abc").then("response"),
)
def security_scopes(fw: Framework) -> App:
    app = fw.app()
    scheme = fw.security.OAuth2PasswordBearer("token", scopes={"read": "Read", "me": "Me"})

    async def user(scopes: Any, token: Annotated[str, fw.Depends(scheme)]) -> Any:
        return {"token": token, "scopes": scopes.scopes, "text": scopes.scope_str}

    user.__annotations__["scopes"] = fw.security.SecurityScopes

    async def active(user: Annotated[Any, fw.Security(user, scopes=["me"])]) -> Any:
        return user

    @app.get("/")
    async def read(
        active: Annotated[Any, fw.Security(active, scopes=["read"])], plain: Annotated[Any, fw.Security(user)]
    ) -> Any:
        return act(app, fw, {"active": active, "plain": plain}, response=fw.Response("raw"))

    return app


@case(get("/"), get("/?q=x"), get("/").then("refuses"), get("/").then("response"))
def overridden(fw: Framework) -> App:
    app = fw.app()

    async def real() -> str:
        return "real"

    async def fake(q: int = 1) -> str:
        return f"fake {q}"

    @app.get("/")
    async def read(value: Annotated[str, fw.Depends(real)]) -> Any:
        return act(app, fw, value, response=fw.Response("raw"))

    app.dependency_overrides[real] = fake
    return app
