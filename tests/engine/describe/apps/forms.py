"""Fields, files and models of forms."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from martlet import FastAPI, File, Form, UploadFile
from tests.engine.describe.apps.models import Circle, Square

app = FastAPI()


class Login(BaseModel):
    model_config = {"extra": "forbid"}

    username: str
    password: str = Field(alias="pass-word")
    scopes: list[str] = []


class Profile(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    display_name: str = Field(alias="displayName")
    age: int | None = None


class Empty(BaseModel):
    pass


@app.post("/fields")
def fields(
    a: Annotated[str, Form()], b: Annotated[int, Form(ge=1)] = 1, c: Annotated[tuple[str, ...], Form()] = ()
) -> None: ...


@app.post("/single")
def single(a: Annotated[str, Form()]) -> None: ...


@app.post("/multipart")
def multipart(a: Annotated[str, Form(media_type="multipart/form-data")], b: Annotated[str, Form()]) -> None: ...


@app.post("/file")
def file(data: Annotated[bytes, File(description="As bytes.")]) -> None: ...


@app.post("/files")
def files(
    one: UploadFile,
    many: list[UploadFile],
    data: Annotated[bytes | None, File()] = None,
    maybe: UploadFile | None = None,
    token: Annotated[str, Form()] = "",
) -> None: ...


@app.post("/model")
def model(data: Annotated[Login, Form()]) -> None: ...


@app.post("/model-and-field")
def model_and_field(
    data: Annotated[Login, Form()], other: Annotated[str, Form()], more: Annotated[Profile, Form()]
) -> None: ...


@app.post("/optional-model")
def optional_model(data: Annotated[Profile | None, Form()] = None) -> None: ...


@app.post("/required-optional-model")
def required_optional_model(
    data: Annotated[Profile | None, Form()], empty: Annotated[Empty | None, Form()]
) -> None: ...


@app.post("/two-optional-models")
def two(data: Annotated[Login | None, Form()] = None, more: Annotated[Profile | None, Form()] = None) -> None: ...


@app.post("/union")
def union(data: Annotated[Login | Profile, Form()]) -> None: ...


@app.post("/discriminated")
def discriminated(
    data: Annotated[Square | Circle, Form(discriminator="kind")], note: Annotated[str, Form()]
) -> None: ...
