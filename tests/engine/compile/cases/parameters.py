"""Values from the path, the query, headers and cookies."""

from datetime import date
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, Field, Json
from starlette.routing import Mount

from tests.asking import App, Ask, Framework, get
from tests.engine.compile.cases import act, case


@case(
    get("/"),
    get("/?q=1"),
    get("/").then("refuses"),
    get("/").then("breaks"),
    get("/").then("response"),
    Ask("POST /"),
    observed=True,
)
def nothing(fw: Framework) -> App:
    app = fw.app()

    @app.get("/")
    async def root() -> Any:
        return act(app, fw, {"a": 1}, response=fw.responses.PlainTextResponse("plain", 202))

    return app


@case(
    get("/items/7"),
    get("/items/seven"),
    get("/items/7").then("refuses"),
    get("/items/7").then("response"),
    get("/files/a/b%20c.txt"),
    get("/files/a/very/long/one"),
    get("/files/a").then("refuses"),
    get("/files/a").then("response"),
    get("/years/2024"),
    get("/years/1899"),
    get("/years/2024").then("refuses"),
    get("/years/2024").then("response"),
)
def path(fw: Framework) -> App:
    app = fw.app()

    @app.get("/items/{item_id}")
    async def item(item_id: int) -> Any:
        return act(app, fw, {"item_id": item_id}, response=fw.Response("raw"))

    @app.get("/files/{name:path}")
    async def file(name: Annotated[str, fw.Path(max_length=9)]) -> Any:
        return act(app, fw, name, response=fw.Response("raw"))

    @app.get("/years/{year:int}")
    async def of_year(year: Annotated[int, fw.Path(gt=1900)]) -> Any:
        return act(app, fw, year, response=fw.Response("raw"))

    return app


@case(
    get("/?q=a"),
    get("/?q=a&q=b&page=2&page=3&on=yes&day=2024-02-29"),
    get("/?q="),
    get("/?q"),
    get("/?"),
    get("/?q=a%20b+c&page=%32"),
    get("/?q=%ff&&=x&other=1;page=9"),
    get("/?q=a&page=no&on=perhaps&day=x"),
    get("/?q=a").then("refuses"),
    get("/?q=a").then("response"),
)
def query(fw: Framework) -> App:
    app = fw.app()

    @app.get("/")
    async def search(q: str, page: int = 1, on: bool = False, day: date | None = None) -> Any:
        return act(app, fw, {"q": q, "page": page, "on": on, "day": day}, response=fw.Response("raw"))

    return app


@case(
    get("/?id=1"),
    get("/?id=1&tag=a&tag=b&id=2&ids=[4]&name=x"),
    get("/?id=1&Name=y&ids=%5B1%2C2%5D&name=z"),
    get("/?id=x&id=2&ids=no"),
    get("/?tag=a"),
    get("/?id=1&tag=a+b&tag=%C3%A9"),
    get("/?id=1").then("refuses"),
    get("/?id=1").then("response"),
)
def query_lists(fw: Framework) -> App:
    app = fw.app()

    @app.get("/")
    async def search(
        id: Annotated[list[int], fw.Query()],
        tag: Annotated[set[str], fw.Query(max_length=2)] = {"none"},  # noqa: B006 - what is tested: defaults are copied
        ids: Annotated[Json[list[int]] | None, fw.Query()] = None,
        name: Annotated[str | None, fw.Query(validation_alias=AliasChoices("name", "Name"))] = None,
    ) -> Any:
        return act(app, fw, {"id": id, "tag": sorted(tag), "ids": ids, "name": name}, response=fw.Response("raw"))

    return app


@case(
    get("/", x_token="a"),
    get("/", X_TOKEN="a", user_agent="me", x_tag="1"),
    Ask("GET /", [("x-token", "1"), ("x-token", "2"), ("x-tag", "1"), ("x-tag", "2"), ("Under_Score", "u")]),
    Ask("GET /", [("x-token", "caf\xe9"), ("under_score", "7")]),
    get("/", x_token="a", x_tag="no"),
    get("/"),
    get("/", x_token="a").then("refuses"),
    get("/", x_token="a").then("response"),
)
def header(fw: Framework) -> App:
    app = fw.app()

    @app.get("/")
    async def read(
        x_token: Annotated[str, fw.Header()],
        user_agent: Annotated[str | None, fw.Header()] = None,
        x_tag: Annotated[list[int] | None, fw.Header()] = None,
        under_score: Annotated[str | None, fw.Header(convert_underscores=False)] = None,
    ) -> Any:
        values = {"x_token": x_token, "user_agent": user_agent, "x_tag": x_tag, "under_score": under_score}
        return act(app, fw, values, response=fw.Response("raw"))

    return app


@case(
    get("/", cookie="session=abc; visits=3"),
    Ask("GET /", [("cookie", "session=abc"), ("cookie", "visits=4; session=def")]),
    get("/", cookie='session="quoted; not"; visits="\\061"'),
    get("/", cookie="visits=x"),
    get("/", cookie="lonely; session=; =x"),
    get("/"),
    get("/", cookie="session=a").then("refuses"),
    get("/", cookie="session=a").then("response"),
)
def cookie(fw: Framework) -> App:
    app = fw.app()

    @app.get("/")
    async def read(session: Annotated[str, fw.Cookie()], visits: Annotated[int, fw.Cookie(alias="visits")] = 0) -> Any:
        return act(app, fw, {"session": session, "visits": visits}, response=fw.Response("raw"))

    return app


@case(
    get("/?q=1&q=2"),
    get("/?q=1"),
    get("/"),
    Ask("GET /", [("x-tag", "1"), ("x-tag", "2")]),
    get("/").then("breaks"),
    get("/header").then("breaks"),
    Ask("GET /header", [("x-tag", "1"), ("x-tag", "2")]),
)
def name_that_is_one_value_and_a_list(fw: Framework) -> App:
    app = fw.app()

    async def last(q: Annotated[Any, fw.Query()] = None) -> Any:
        return q

    @app.get("/")
    async def read(last: Annotated[Any, fw.Depends(last)], q: Annotated[list[str], fw.Query()] = []) -> Any:  # noqa: B006
        return act(app, fw, [last, q])

    @app.get("/header")
    async def read_header(
        one: Annotated[Any, fw.Header(alias="x-tag")] = None,
        all: Annotated[list[str] | None, fw.Header(alias="X-Tag")] = None,
    ) -> Any:
        return act(app, fw, [one, all])

    return app


class Page(BaseModel):
    limit: int = Field(10, le=100)
    tags: list[str] = []
    order_by: str = Field("name", alias="orderBy")


class Strict(BaseModel, extra="forbid"):
    if_match: str | None = None
    x_trace: list[str] = []


@case(
    get("/query"),
    get("/query?limit=5&tags=a&tags=b&orderBy=x&other=1&other=2"),
    get("/query?limit=500&orderBy=x"),
    get("/query").then("refuses"),
    get("/query").then("response"),
    get("/headers"),
    Ask("GET /headers", [("if-match", "x"), ("x-trace", "1"), ("x-trace", "2")]),
    get("/headers", if_match="x", host="h"),
    get("/headers").then("refuses"),
    get("/headers").then("response"),
    get("/cookies"),
    get("/cookies", cookie="if_match=x"),
    get("/cookies", cookie="if_match=x; more=1"),
    get("/cookies").then("refuses"),
    get("/cookies").then("response"),
)
def models(fw: Framework) -> App:
    app = fw.app()

    @app.get("/query")
    async def by_query(page: Annotated[Page, fw.Query()]) -> Any:
        return act(app, fw, page, response=fw.Response("raw"))

    @app.get("/headers")
    async def by_headers(known: Annotated[Strict, fw.Header()]) -> Any:
        return act(app, fw, known, response=fw.Response("raw"))

    @app.get("/cookies")
    async def by_cookies(known: Annotated[Strict | None, fw.Cookie()] = None) -> Any:
        return act(app, fw, {"known": known}, response=fw.Response("raw"))

    return app


@case(
    get("/shop/items/3"),
    get("/shop/items/x"),
    get("/shop/items/3").then("refuses"),
    get("/shop/items/3").then("response"),
)
def path_of_a_mount(fw: Framework) -> App:
    app = fw.app()

    @app.get("/items/{item_id}")
    async def item(tenant: Annotated[str, fw.Path()], item_id: int) -> Any:
        return act(app, fw, {"tenant": tenant, "item_id": item_id}, response=fw.Response("raw"))

    outer: App = fw.FastAPI(openapi_url=None, routes=[Mount("/{tenant}", app)])
    outer.state = app.state
    app.state.inner = app
    return outer


@case(
    get("/?gr%C3%B6%C3%9Fe=2"),
    get("/?gr%C3%B6%C3%9Fe=x"),
    get("/?gr%C3%B6%C3%9Fe=2").then("breaks"),
)
def name_that_is_not_ascii(fw: Framework) -> App:
    app = fw.app()

    @app.get("/")
    async def read(size: Annotated[int, fw.Query(alias="größe")]) -> Any:
        return act(app, fw, size)

    return app
