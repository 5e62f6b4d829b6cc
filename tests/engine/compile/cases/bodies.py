"""Values from the body: JSON read from its text, JSON that is parsed first, forms."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel

from tests.asking import JSON, App, Ask, Framework, get, post
from tests.engine.compile.cases import Item, act, case

ITEM = b'{"name": "pen", "price": 2}'
FORM = "application/x-www-form-urlencoded"


@case(
    post("/", ITEM),
    post("/", [b'{"name": ', b'"pen"}', b""]),
    post("/", b'\xef\xbb\xbf{"name": "marked"}'),
    post("/", '{"name": "wide"}'.encode("utf-16")),
    post("/", b'{"name": "pen", "price": "dear"}'),
    post("/", b"[]"),
    post("/", b'{"name": '),
    post("/", b'{"name": "\\ud800"}'),
    post("/", b"\xff"),
    post("/", b""),
    post("/", b"null"),
    post("/", ITEM, "application/vnd.item+json; charset=utf-8"),
    post("/", ITEM, "text/plain"),
    post("/", ITEM, None),
    Ask("POST /", [("content-type", "application/json")], [b"{"], leaves=True),
    Ask("POST /", [("content-type", "application/json")], [], leaves=True),
    post("/", ITEM).then("refuses"),
    post("/", ITEM).then("breaks"),
    post("/", ITEM).then("response"),
    get("/"),
    observed=True,
)
def model_from_text(fw: Framework) -> App:
    app = fw.app()

    @app.post("/")
    async def create(item: Item) -> Any:
        return act(app, fw, {"item": item}, response=fw.Response("raw"))

    return app


@case(
    post("/", ITEM),
    post("/", ITEM, None),
    post("/", ITEM, "text/plain"),
    post("/", b"", None),
    post("/", b"{", None),
    post("/", ITEM).then("refuses"),
    post("/", ITEM).then("response"),
)
def lenient_content_type(fw: Framework) -> App:
    app = fw.app(strict_content_type=False)

    @app.post("/")
    async def create(item: Item) -> Any:
        return act(app, fw, {"item": item}, response=fw.Response("raw"))

    return app


@case(
    post("/", ITEM),
    post("/", b""),
    post("/", b"", None),
    post("/", b"null"),
    post("/", b"1"),
    post("/", b"").then("refuses"),
    post("/", ITEM).then("refuses"),
    post("/", ITEM).then("response"),
)
def optional_body(fw: Framework) -> App:
    app = fw.app()

    @app.post("/")
    async def create(item: Item | None = None) -> Any:
        return act(app, fw, {"item": item}, response=fw.Response("raw"))

    return app


@case(
    post("/7?q=a", b'{"item": {"name": "pen"}, "other": {"name": "ink", "price": 3}, "weight": 5}'),
    post("/7", b'{"item": {"name": "pen"}, "other": {"name": "ink"}}'),
    post("/x", b'{"item": {}, "weight": "much"}'),
    post("/7", b"[1]"),
    post("/7", b"{"),
    post("/7", b"\xff"),
    post("/7", b""),
    post("/7", b"text", "text/plain"),
    post("/7", b'{"item": {"name": "pen"}, "other": {"name": "ink"}}').then("refuses"),
    post("/7", b'{"item": {"name": "pen"}, "other": {"name": "ink"}}').then("response"),
)
def several(fw: Framework) -> App:
    app = fw.app()

    @app.post("/{number}")
    async def create(
        number: int, item: Item, other: Item, weight: Annotated[int, fw.Body(ge=0)] = 1, q: str | None = None
    ) -> Any:
        values = {"number": number, "item": item, "other": other, "weight": weight, "q": q}
        return act(app, fw, values, response=fw.Response("raw"))

    return app


@case(
    post("/", b'{"item": {"name": "pen"}}'),
    post("/", ITEM),
    post("/", b"", None),
    post("/", b'{"item": {"name": "pen"}}').then("refuses"),
    post("/", b'{"item": {"name": "pen"}}').then("response"),
)
def embedded(fw: Framework) -> App:
    app = fw.app()

    @app.post("/")
    async def create(item: Annotated[Item, fw.Body(embed=True)]) -> Any:
        return act(app, fw, {"item": item}, response=fw.Response("raw"))

    return app


class Bill(BaseModel):
    total: Decimal


@case(
    post("/", b'{"total": 1.10}'),
    post("/", b'{"total": "1.10"}'),
    post("/", b'{"total": "much"}'),
    post("/", b"{"),
    post("/", b"\xff"),
    post("/", b'{"total": 1}', None),
    post("/", b'{"total": 1}').then("refuses"),
    post("/", b'{"total": 1}').then("response"),
    post("/both", b'{"bill": {"total": "1.10"}, "tip": 1.10}'),
    post("/both", b'{"bill": {"total": "1.10"}}'),
    post("/both", b"1"),
    post("/both", b"1", None),
    post("/both", b'{"bill": {"total": 1}, "tip": 1}').then("refuses"),
    post("/both", b'{"bill": {"total": 1}, "tip": 1}').then("response"),
)
def parsed_first(fw: Framework) -> App:
    app = fw.app()

    @app.post("/")
    async def pay(bill: Bill) -> Any:
        return act(app, fw, {"total": str(bill.total)}, response=fw.Response("raw"))

    @app.post("/both")
    async def pay_with_tip(bill: Bill, tip: Annotated[Decimal, fw.Body()]) -> Any:
        return act(app, fw, {"total": str(bill.total), "tip": str(tip)}, response=fw.Response("raw"))

    return app


@case(
    post("/any", b'{"a": [1, null, "x"]}'),
    post("/any", b"1"),
    post("/any", b"text", "text/plain"),
    post("/any", b""),
    post("/any", b"{"),
    post("/any", b"[NaN]").then("refuses"),
    post("/any", b"{}").then("response"),
    post("/bytes", b"raw", "application/octet-stream"),
    post("/bytes", b'"raw"'),
    post("/bytes", b""),
    post("/bytes", b"{}"),
    post("/bytes", b'"raw"').then("refuses"),
    post("/bytes", b'"raw"').then("response"),
)
def loose(fw: Framework) -> App:
    app = fw.app()

    @app.post("/any")
    async def take(data: Annotated[Any, fw.Body()]) -> Any:
        return act(app, fw, {"data": str(data)}, response=fw.Response("raw"))

    @app.post("/bytes")
    async def take_bytes(data: Annotated[bytes, fw.Body()]) -> Any:
        return act(app, fw, {"length": len(data)}, response=fw.Response("raw"))

    return app


class Login(BaseModel):
    user: str
    password: str = "secret"


@case(
    post("/fields", b"name=pen&tag=a&tag=b", FORM),
    post("/fields", b"tag=a", FORM),
    post("/fields", b"name=pen", FORM).then("refuses"),
    post("/fields", b"name=pen", FORM).then("breaks"),
    post("/fields", b"name=pen", FORM).then("response"),
    post("/fields", b"--x\r\n", "multipart/form-data"),
    post("/model", b"user=me&password=x", FORM),
    post("/model", b"password=x", FORM),
    post("/model", b"user=me", FORM).then("breaks"),
    post(
        "/file",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nabc\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    post("/file", b"file=abc", FORM),
    post("/file", b"", FORM).then("breaks"),
)
def forms(fw: Framework) -> App:
    app = fw.app()

    @app.post("/fields")
    async def fields(name: Annotated[str, fw.Form()], tag: Annotated[list[str], fw.Form()] = []) -> Any:  # noqa: B006
        return act(app, fw, {"name": name, "tag": tag}, response=fw.Response("raw"))

    @app.post("/model")
    async def model(login: Annotated[Login, fw.Form()]) -> Any:
        return act(app, fw, login)

    async def file(file: Any) -> Any:
        return act(app, fw, {"name": file.filename, "content": (await file.read()).decode()})

    file.__annotations__["file"] = fw.UploadFile
    app.post("/file")(file)

    return app


@case(
    post("/", b'{"name": "pen"}'),
    post("/", b'{"price": 1}'),
    post("/", b"{"),
    post("/", b'{"name": "pen"}').then("breaks"),
)
def two_that_are_each_the_whole_body(fw: Framework) -> App:
    app = fw.app()

    async def seen(item: Item) -> str:
        return item.name

    @app.post("/")
    async def create(item: Item, name: Annotated[str, fw.Depends(seen)]) -> Any:
        return act(app, fw, {"item": item, "name": name})

    return app


LARGE = b'{"name": "much too long for the limit"}'


@case(
    post("/", ITEM),
    post("/", LARGE),
    Ask("POST /", [JSON, ("content-length", "40")], LARGE),
    Ask("POST /", [JSON, ("content-length", "no number")], ITEM),
    post("/", [b'{"name"', b': "pen"}']),
    post("/", [LARGE[:20], LARGE[20:]]),
    Ask("POST /", [JSON], [b"{"], leaves=True),
    post("/", b""),
    post("/", b"[]"),
    post("/", ITEM).then("refuses"),
    post("/", ITEM).then("response"),
    Ask("POST /form", [("content-type", FORM), ("content-length", "40")], LARGE),
    post("/form", b"name=pen", FORM),
    post("/form", b"name=pen", FORM).then("breaks"),
    post("/form", b"name=much+too+long+for+the+limit", FORM),
    post("/nothing", LARGE),
    post("/nothing", b"").then("refuses"),
    post("/nothing", b"").then("response"),
    # FastAPI calls the endpoint first.
    ours=(Ask("POST /nothing", [JSON, ("content-length", "40")], LARGE),),
)
def of_limited_size(fw: Framework) -> App:
    app = fw.app(max_body_size=30)

    @app.post("/")
    async def create(item: Item) -> Any:
        return act(app, fw, {"item": item}, response=fw.Response("raw"))

    @app.post("/form", max_body_size=20)
    async def fill(name: Annotated[str, fw.Form()]) -> Any:
        return act(app, fw, name)

    @app.post("/nothing")
    async def nothing() -> Any:
        return act(app, fw, 1, response=fw.Response("raw"))

    return app
