"""What type checkers say of parameters: this file is checked, never run.

A line that must be refused carries the ignore of each checker; one that is not needed is an error itself.
"""

from collections.abc import Iterator
from typing import Annotated, Any, assert_type

from pydantic import AliasChoices, Discriminator, Field

from martlet import Body, Cookie, Depends, File, Form, Header, Path, Query, Security, UploadFile, params


def session() -> Iterator[str]:
    yield "session"


# As a default, the value's type is the annotation's; in Annotated, anything goes.
def as_defaults(
    item_id: int = Path(ge=1),
    q: str | None = Query(None, max_length=50, pattern="^fixed"),
    agent: str = Header("none", convert_underscores=False),
    cookie: str = Cookie(default_factory=lambda: "new"),
    price: float = Body(embed=True, gt=0, multiple_of=0.5),
    name: str = Form(validation_alias=AliasChoices("name", "title")),
    file: UploadFile = File(description="A file", media_type="multipart/form-data"),
    db: str = Depends(session, use_cache=False, scope="request"),
    user: str = Security(session, scopes=["items"]),
) -> None: ...


def as_annotated(
    item_id: Annotated[int, Path(title="Item", deprecated=True, examples=[1])],
    q: Annotated[list[str] | None, Query(alias="item-query", json_schema_extra={"x": 1}, strict=None)] = None,
    kind: Annotated[str, Query(discriminator=Discriminator("kind")), Field(min_length=1)] = "",
    item: Annotated[str, Body(openapi_examples={"one": {"summary": "One", "value": "x"}})] = "",
    db: Annotated[str, Depends(session, max_concurrency=2)] = "",
) -> None: ...


assert_type(Query(), Any)
assert_type(Depends(), Any)
assert_type(Path().default, Any)

Query(min_lenght=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Query(min_length="three")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Query(None, 3)  # type: ignore[arg-type, call-arg]  # pyright: ignore[reportCallIssue]
Query(embed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Query(union_mode="clever")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Query(convert_underscores=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Form(embed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Body(openapi_examples={"one": {"summary": 1}})  # type: ignore[typeddict-item]  # pyright: ignore[reportArgumentType]
Depends(session, False)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
Depends(session, scope="app")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Depends("session")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
Security(session, scopes=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]

# The classes behind the functions are typed, and can be subclassed.
assert_type(params.Query(3).in_, params.ParamTypes)
assert_type(params.Header().convert_underscores, bool)
assert_type(params.Body().embed, bool | None)
assert_type(params.Depends(session, False).use_cache, bool)
params.Query(titel="x")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
params.Form(embed=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
params.Depends(session).use_cache = True  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]


class TokenHeader(params.Header):  # type: ignore[misc]  # mypy takes over from pydantic that FieldInfo is final
    def __init__(self, default: Any = ..., *, description: str = "A token") -> None:
        super().__init__(default, alias="x-token", description=description)


assert_type(TokenHeader(description="Another"), TokenHeader)
