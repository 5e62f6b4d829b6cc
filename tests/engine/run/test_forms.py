"""Forms: files, lists, models and unions of them, read as FastAPI reads them."""

from io import BytesIO
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from starlette.datastructures import FormData, UploadFile
from starlette.responses import JSONResponse

from martlet._engine.read.slot import Slot
from martlet._engine.run.forms import form_values, read_file
from martlet._engine.words.markers import File, Form
from tests.asking import WAYS, App, Ask, Framework, Way, ask, post

pytestmark = pytest.mark.anyio

URLENCODED = "application/x-www-form-urlencoded"
BOUNDARY = "multipart/form-data; boundary=x"


def multipart(*parts: tuple[str, str | None, str]) -> bytes:
    """Return a multipart body of parts: name, file name or None, content."""
    texts = []
    for name, filename, content in parts:
        file = f'; filename="{filename}"' if filename is not None else ""
        texts.append(f'--x\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{content}\r\n')
    return ("".join(texts) + "--x--\r\n").encode()


class Login(BaseModel):
    user: str = Field(alias="userName")
    tags: list[str] = []


class Closed(BaseModel, extra="forbid"):
    user: str = "nobody"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    barks: bool = False


def make(fw: Framework) -> App:
    app = fw.app()

    @app.post("/fields")
    async def fields(
        name: Annotated[str, fw.Form(min_length=1)],
        tags: Annotated[list[str], fw.Form()] = [],  # noqa: B006 - defaults are copied
        note: Annotated[str | None, fw.Form()] = None,
    ) -> Any:
        return {"name": name, "tags": tags, "note": note}

    async def files(
        one: Annotated[bytes, fw.File()],
        many: Annotated[list[bytes], fw.File()] = [],  # noqa: B006
        pair: Annotated[tuple[bytes, bytes] | None, fw.File()] = None,
        upload: Any = None,
        uploads: Any = None,
    ) -> Any:
        return {
            "one": one,
            "many": many,
            "pair": pair,
            "upload": upload and [upload.filename, (await upload.read()).decode()],
            "uploads": [each.filename for each in uploads or []],
        }

    files.__annotations__["upload"] = fw.UploadFile | None
    files.__annotations__["uploads"] = list[fw.UploadFile] | None  # type: ignore[name-defined]
    app.post("/files")(files)

    @app.post("/model")
    async def model(login: Annotated[Login, fw.Form()]) -> Any:
        return login

    @app.post("/optional-model")
    async def optional_model(login: Annotated[Login | None, fw.Form()] = None) -> Any:
        return {"login": login}

    @app.post("/closed-model")
    async def closed_model(login: Annotated[Closed | None, fw.Form()] = None) -> Any:
        return {"login": login}

    @app.post("/union")
    async def union(pet: Annotated[Cat | Dog, fw.Form(discriminator="kind")]) -> Any:
        return pet

    @app.post("/model-and-field")
    async def model_and_field(login: Annotated[Login, fw.Form()], extra: Annotated[int, fw.Form()]) -> Any:
        return {"login": login, "extra": extra}

    async def dependency(name: Annotated[str, fw.Form()]) -> str:
        return name

    @app.post("/in-dependency")
    async def in_dependency(other: Annotated[str, fw.Form()], name: Annotated[str, fw.Depends(dependency)]) -> Any:
        return {"name": name, "other": other}

    return app


REQUESTS = [
    post("/fields", b"name=a&tags=1&tags=2&other=x&note=", URLENCODED),
    post("/fields", b"name=", URLENCODED),
    post("/fields", b"name=a%20b+c&note=n", URLENCODED),
    post("/fields", b"", URLENCODED),
    post("/fields", b'{"name": "a"}'),
    post("/fields", multipart(("name", None, "a"), ("tags", None, "1")), BOUNDARY),
    post("/fields", multipart(("name", "a.txt", "a")), BOUNDARY),
    post("/fields", b"--y", BOUNDARY),
    post("/fields", b"x", "multipart/form-data"),
    post("/files", multipart(("one", "a.txt", "A")), BOUNDARY),
    post("/files", multipart(("one", None, "A")), BOUNDARY),
    post("/files", multipart(("one", "", "")), BOUNDARY),
    post(
        "/files",
        multipart(
            ("one", "a.txt", "A"),
            ("many", "b.txt", "B"),
            ("many", None, "C"),
            ("pair", "d.txt", "D"),
            ("pair", "e.txt", "E"),
            ("upload", "f.txt", "F"),
            ("uploads", "g.txt", "G"),
            ("uploads", "", ""),
        ),
        BOUNDARY,
    ),
    post("/files", multipart(("one", "a.txt", "A"), ("pair", "d.txt", "D"), ("upload", None, "text")), BOUNDARY),
    post("/model", b"userName=me&tags=a&other=1", URLENCODED),
    post("/model", b"user=me", URLENCODED),
    post("/optional-model", b"", URLENCODED),
    post("/optional-model", b"other=1", URLENCODED),
    post("/optional-model", b"tags=a", URLENCODED),
    post("/closed-model", b"", URLENCODED),
    post("/closed-model", b"other=1", URLENCODED),
    post("/closed-model", b"user=x", URLENCODED),
    post("/union", b"kind=cat&lives=3", URLENCODED),
    post("/union", b"kind=dog&barks=yes", URLENCODED),
    post("/union", b"kind=cow", URLENCODED),
    post("/model-and-field", b"userName=me&extra=1", URLENCODED),
    post("/model-and-field", b"userName=me&extra=x", URLENCODED),
    post("/in-dependency", b"name=a&other=b", URLENCODED),
    post("/in-dependency", b"other=b", URLENCODED),
    Ask("POST /fields", [("content-type", URLENCODED)], [b"name="], leaves=True),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", range(len(REQUESTS)))
async def test_forms_are_read_as_by_fastapi(number: int, way: Way) -> None:
    expected = await ask(make(Framework("fastapi", way)), REQUESTS[number])
    assert await ask(make(Framework("martlet", way)), REQUESTS[number]) == expected


async def test_a_file_that_was_read_can_be_read_again() -> None:
    file = UploadFile(BytesIO(b"abc"))
    await file.seek(1)
    assert await read_file(file) == b"bc"
    assert await read_file(file) == b"bc"


async def test_a_file_slot_that_wants_no_bytes_is_left_as_it_is() -> None:
    slot = Slot(File(annotation=str), "a")
    assert await form_values([slot], FormData([("a", "text")])) == [("a", "text", slot)]
    other = Slot(Form(annotation=str), "a")
    assert await form_values([other], FormData([("a", "text"), ("b", "x")])) == [("a", "text", other), ("b", "x", None)]


class RefusedError(Exception):
    """Answered by a handler that reads the file."""


def make_closing(fw: Framework) -> App:
    app = fw.app()
    events = app.state.events
    files: list[Any] = []

    def note(when: str) -> None:
        events.append((when, [file.file.closed for file in files]))

    async def ending() -> Any:
        yield
        note("dependency ends")

    async def upload(what: str, file: Any, tasks: Any) -> str:
        files[:] = [file]
        tasks.add_task(note, "task")
        if what == "refused":
            raise RefusedError
        if what == "broken":
            raise RuntimeError("broken")
        return what

    upload.__annotations__.update(file=fw.UploadFile, tasks=fw.BackgroundTasks)
    app.post("/upload/{what}", dependencies=[fw.Depends(ending)])(upload)
    router = fw.APIRouter()
    router.post("/{what}")(upload)
    app.mount("/mounted", router)

    @app.exception_handler(RefusedError)
    async def refused(_: Any, __: Exception) -> JSONResponse:
        note("handler")
        return JSONResponse((await files[0].read()).decode(), 418)

    @app.get("/afterwards")
    async def afterwards() -> None:
        note("afterwards")

    return app


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["/upload/fine", "/upload/refused", "/upload/broken", "/mounted/fine"])
async def test_files_are_open_for_handlers_of_errors_and_closed_then(path: str, way: Way) -> None:
    asked = [post(path, multipart(("file", "a.txt", "A")), BOUNDARY), Ask("GET /afterwards")]
    theirs, ours = (make_closing(Framework(name, way)) for name in ("fastapi", "martlet"))
    for each in asked:
        assert await ask(ours, each) == await ask(theirs, each)
