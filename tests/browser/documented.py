"""An app whose docs pages are looked at: with OAuth2, a proxy, an app below, and one whose texts try to run scripts."""

from base64 import b64decode
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import BaseModel
from starlette.types import Receive, Scope, Send

from martlet import Depends, FastAPI, Form, Martlet
from martlet.openapi.docs import get_swagger_ui_html
from martlet.responses import HTMLResponse, RedirectResponse, Response
from martlet.security import OAuth2AuthorizationCodeBearer

EVIL = "</title><script>window.ran = 1</script> & 'more' \"x\" <img src='data:,' onerror='window.ran = 2'>"
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")

app = Martlet(
    title="Bookshop",
    description="Books.\n\n<span style='color: teal'>Many.</span>\n\n| a |\n|---|\n| b |\n\n```py\nprint(1)\n```",
    swagger_ui_init_oauth={"appName": "Reader", "usePkceWithAuthorizationCodeGrant": True},
)
oauth2 = OAuth2AuthorizationCodeBearer(authorizationUrl="authorize", tokenUrl="token")


class Book(BaseModel):
    """A book, with a title that says nothing."""

    title: str
    year: int = 1815


@app.get("/health", include_in_schema=False)
async def health() -> None: ...


@app.get("/books", tags=["books"], summary="List the books")
async def list_books() -> list[Book]:
    return [Book(title="Emma"), Book(title="Persuasion", year=1817)]


@app.get("/books/{book_id}", tags=["books"], summary="Find a book")
async def find_book(book_id: int) -> Book:
    return Book(title=f"Emma, number {book_id}")


@app.put("/books/{book_id}", tags=["books"])
async def change_book(book_id: int, book: Book) -> Book:
    return book


@app.get("/cover", tags=["books"], response_class=Response, responses={200: {"content": {"image/gif": {}}}})
async def read_cover() -> Response:
    return Response(PIXEL, media_type="image/gif")


@app.get("/me", tags=["books"])
async def read_me(token: Annotated[str, Depends(oauth2)]) -> str:
    return f"token of {token}"


@app.get("/authorize", include_in_schema=False)
async def authorize(redirect_uri: str, state: str) -> RedirectResponse:
    return RedirectResponse(f"{redirect_uri}?code=c0de&state={quote(state)}")


@app.post("/token", include_in_schema=False)
async def token(code: Annotated[str, Form()]) -> dict[str, str]:
    return {"access_token": code, "token_type": "bearer"}


@app.get("/own", include_in_schema=False)
async def own_page() -> HTMLResponse:
    """A page of the app's own making, with a script of its own in it."""
    from martlet._engine.describe.assets import address

    page = get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Own",
        swagger_js_url=address("swagger.js", "/docs"),
        swagger_css_url=address("swagger.css", "/docs"),
        swagger_favicon_url="data:,",
    )
    page.body = bytes(page.body).replace(b"</body>", b"<script>window.own = 1</script></body>")
    page.headers["content-length"] = str(len(page.body))
    return page


inner = FastAPI(docs_url="/here", redoc_url=None)
inner.get("/books/{book_id}", summary="Find a book")(find_book)
app.mount("/shop", inner)

evil = FastAPI(
    title=EVIL,
    description=f"{EVIL}\n\n[a link](javascript:window.ran=3)\n\n<svg onload='window.ran=4'></svg>",
    scalar_url="/scalar",
    openapi_tags=[{"name": EVIL, "description": EVIL}],
    swagger_ui_parameters={EVIL: EVIL},
    swagger_ui_init_oauth={"appName": EVIL},
)
evil.get("/books/{book_id}", summary="Find a book", tags=[EVIL], description=EVIL)(find_book)
app.mount("/evil", evil)


class Proxy:
    """Takes a prefix off, as a proxy does, and says so."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith("/behind/a/proxy/"):
            scope = {**scope, "root_path": "/behind/a/proxy"}
        await self.app(scope, receive, send)


app.add_middleware(Proxy)
