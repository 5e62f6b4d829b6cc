"""Every signature is read as genuine FastAPI reads it: the same slots with the same schemas, or the same refusal."""

import sys
from typing import Any

import pytest

from tests.engine.read.reading import FASTAPI, MARTLET, outcome


def cases(text: str) -> list[str]:
    """Return what semicolons part."""
    return [each.strip() for each in text.split(";")]


# Parameters without a marker: the type, the default and the path decide.
TYPES = cases("""
    str; int; float; bool; bytes; Any; None; object; Decimal; uuid.UUID; dt.datetime; Color; int | None; int | str;
    str | int | None; Optional[int]; Union[str, None]; Literal['a', 1]; Json; Literal[1, True]; Literal[True, 1];
    list; list[int]; list[str] | None; list[int] | int; set[str]; tuple[int, ...]; tuple[int, str]; tuple;
    frozenset[int]; deque[int]; Sequence[str]; list[Any]; list[list[int]]; list[Item]; list[int] | list[str];
    list[int] | Item; list[int | str]; dict; dict[str, int]; Mapping[str, int]; Item; Item | None; Item | Tagged;
    Item | Tagged | None; Page[Item]; Data; Data | None; Typed; Pair; Json[list[int]]; Json[Item]; Own; Own[int];
    UploadFile; UploadFile | None; list[UploadFile]; list[UploadFile] | None; list[UploadFile] | str;
    UploadFile | str; list[bytes]; bytes | None; Request; Response; WebSocket; HTTPConnection; BackgroundTasks;
    SecurityScopes; Named; Names; Callable[[int], int]; Iterable[int]; type[int]; Annotated[int, 'a note'];
    Annotated[int, Field(gt=2)]; Annotated[str, Field(alias='A', title='t')]; Annotated[int | None, at.Gt(2)];
    Annotated[list[int], at.Len(1, 3)]; Annotated[Item, 'a note']; Annotated[int, Field(default_factory=int)];
    Annotated[int, BeforeValidator(int)]; Plain; Plain | int; list[Annotated[int, at.Gt(2)]]; pydantic.SecretStr;
    pydantic.HttpUrl; pydantic.conint(gt=3); Annotated[list[str], Field(min_length=1)] | None;
    Annotated[list[str], 'n'] | Annotated[int, 'm']
""")
DEFAULTS = ("", " = None", " = 3", " = ...")

# Parameters with one: what it says, and what stands beside it.
MARKED = cases("""
    q: int = Query(); q: int = Query(3); q=Query(3); q=Query(); q: int = Query(...); q: int = Query(None);
    q: int = Query(3, alias='Q'); q: int = Query(alias='Q', validation_alias='V'); q: int = Query(ge=1, le=9);
    q: str = Query(min_length=2, max_length=4, pattern='^a'); q: float = Query(gt=0, lt=1, multiple_of=0.5);
    q: str = Query(title='T', description='D'); q: str = Query(examples=['e']); q: int = Query(deprecated=True);
    q: str = Query(include_in_schema=False); q: str = Query(json_schema_extra={'x': 1}); q: int = Query(strict=True);
    q: int = Query(default_factory=int); q: Annotated[int, Query(default_factory=int)]; q: str = Query('a');
    q: Annotated[int, Query()]; q: Annotated[int, Query()] = 3; q: Annotated[int, Query(ge=1), at.Lt(9)] = 3;
    q: Annotated[int, Field(ge=1), Query(lt=3)]; q: Annotated[int, Query(), Query(alias='last')];
    q: Annotated[int, Field(description='F'), Query(title='Q')] = 2; q: Annotated[str | None, Query()] = None;
    q: Annotated[int, Query(validate_default=True)] = 'x'; q: Annotated[str, Query(alias='a-b')] = 'x';
    q: list[int] = Query(); q: list[int] = Query([]); q: list[int] | None = Query(None); q: list = Query([]);
    q: Annotated[Filters, Query()]; q: Annotated[Filters | None, Query()] = None; q: Filters = Query();
    q: Annotated[Json[Item], Query()]; q: Annotated[Json, Query()]; q: Annotated[Data, Query()];
    q: Annotated[dict[str, int], Query()]; q: dict = Query(); q: Annotated[Item | Tagged, Query()];
    q: Annotated[list[Item], Query()]; q: Annotated[list[int] | Item, Query()]; q: Annotated[None, Query()];
    q: Annotated[int, Query(alias='x')] = 3; q: Annotated[int, Query(validation_alias=AliasChoices('a', 'b'))];
    q: Annotated[int, Query(validation_alias=AliasPath('a', 0))]; q: Annotated[int, Query(serialization_alias='s')];
    q: int = Header(); user_agent: str = Header(); user_agent: str = Header(convert_underscores=False);
    user_agent: str = Header(alias='x_y'); q: Annotated[list[str] | None, Header()] = None;
    q: Annotated[Filters, Header()]; q: Annotated[Filters, Header(convert_underscores=False)];
    q: Annotated[dict, Header()]; q: int = Cookie(); q: Annotated[str | None, Cookie()] = None;
    q: Annotated[Filters, Cookie()]; q: int = Path(); q: Annotated[int, Path(gt=2)]; q: Annotated[int, Path()] = 3;
    q: Annotated[Item, Path()]; q: Annotated[list[int], Path()]; other: int = Path(alias='q');
    q: Annotated[str, Path(validation_alias=AliasChoices('x', 'q', 'other'))]; q: Annotated[str, Path(alias='Q')];
    q: Annotated[str, Path(validation_alias=AliasChoices('x', AliasPath('q')))]; q: int = Path(title='T');
    q: Annotated[str, Path(validation_alias=AliasChoices('x', 'y'))]; q: Annotated[str, Path(alias='id')];
    q: int = Param(3); q: Annotated[int, Param()]; q: int = Body(); q: int = Body(3); q: Item = Body(embed=True);
    q: Annotated[Item, Body(media_type='application/x')]; q: Annotated[Item | Tagged, Body(discriminator='kind')];
    q: Annotated[int, Body(ge=2)] = 3; q: Annotated[Item, Body(openapi_examples={'a': {'value': 1}})];
    q: int = Form(); q: Annotated[str, Form(min_length=1)] = 'x'; q: Annotated[Item, Form()]; q: Item = Form();
    q: Annotated[Item | None, Form()] = None; q: Annotated[Item | Tagged, Form()];
    q: Item | Tagged | None = Form(None);
    q: Annotated[Annotated[Item, Tag('i')] | Annotated[Tagged, Tag('t')], Form()]; q: Annotated[Item | int, Form()];
    q: Annotated[Annotated[Item, 'n'] | Tagged, Form()]; q: Annotated[list[str], Form()]; q: bytes = File();
    q: Annotated[bytes, File()]; q: Annotated[UploadFile, File(description='D')]; q: list[UploadFile] = File();
    q: Annotated[list[bytes] | None, File()] = None; q: UploadFile | None = File(None); q: Item = File();
    q: int = Field(3); q: int = Field(gt=1); q: Annotated[int, Query(3)]; q: Annotated[int, Query(...)];
    q: Annotated[int, Depends(object)] = Depends(object); q: Annotated[Request, Query()]; q: Request = Query();
    q: Annotated[Request, 'a note']; q: Annotated[int, Header(3)] = 3; q: UploadFile = Query(); q: Any = Query();
    q: Annotated[Plain, Query()]; q: Plain = Body(); q: Plain = Header(); *args, **kwargs; q, /, other, *, last;
    q: Response = None; q: BackgroundTasks | None = None; q: str = 'a', item: Item = None, data: Data = None
""")


def is_alike(source: str, path: str, *, postponed: bool = False) -> None:
    assert outcome(MARTLET, source, path, postponed=postponed) == outcome(FASTAPI, source, path, postponed=postponed)


@pytest.mark.parametrize("path", ["/", "/{q}", "/{other}/{q:path}"])
@pytest.mark.parametrize("annotation", TYPES)
def test_parameters_without_a_marker(annotation: str, path: str) -> None:
    for default in DEFAULTS:
        is_alike(f"def endpoint(q: {annotation}{default}): ...", path)


@pytest.mark.parametrize("default", ["q", "q=None", "q=3", "q=''", "q=[]"])
def test_parameters_without_a_type(default: str) -> None:
    is_alike(f"def endpoint({default}): ...", "/")
    is_alike(f"def endpoint({default}): ...", "/{q}")


@pytest.mark.parametrize("path", ["/", "/{q}", "/{x}/{id}"])
@pytest.mark.parametrize("parameters", MARKED)
def test_parameters_with_a_marker(parameters: str, path: str) -> None:
    is_alike(f"def endpoint({parameters}): ...", path)


@pytest.mark.parametrize("parameters", [*MARKED, *(f"q: {each}" for each in TYPES)])
def test_annotations_that_are_text(parameters: str) -> None:
    is_alike(f"def endpoint({parameters}): ...", "/", postponed=True)


DEPENDENCIES = {
    "chain": """
        def lowest(a: int): ...
        async def middle(b: str, low=Depends(lowest)): ...
        def endpoint(top: Annotated[str, Depends(middle)], again=Depends(lowest, use_cache=False)): ...
        """,
    "class": "def endpoint(q: Plain = Depends(), r: Annotated[Plain, Depends()] = None): ...",
    "model": "def endpoint(q: Annotated[Item, Depends()]): ...",
    "dataclass": "def endpoint(q: Data = Depends()): ...",
    "partial": """
        def lowest(a: int, b: str = 'b'): ...
        def endpoint(q=Depends(partial(lowest, b='c')), r=Depends(partial(partial(lowest, 1)))): ...
        """,
    "instance": """
        class Checker:
            async def __call__(self, a: int, b: Annotated[str, Header()]): ...
            def method(self, c: Item): ...
        def endpoint(q=Depends(Checker()), r=Depends(Checker().method)): ...
        """,
    "lambda": "def endpoint(q=Depends(lambda: 3), r=Depends(lambda a, b=2: a)): ...",
    "wrapped": """
        from functools import wraps
        def inner(a: int): ...
        @wraps(inner)
        def outer(*args, **kwargs): ...
        def endpoint(q=Depends(outer)): ...
        """,
    "own signature": """
        import inspect
        def lowest(*args, **kwargs): ...
        lowest.__signature__ = inspect.Signature([
            inspect.Parameter('a', inspect.Parameter.KEYWORD_ONLY, annotation='Item')])
        def endpoint(q=Depends(lowest)): ...
        """,
    "scopes": """
        def lowest(scopes: SecurityScopes): ...
        def middle(low=Security(lowest, scopes=['a', 'b'])): ...
        def endpoint(q=Security(middle, scopes=['b', 'c']), r=Security(lowest), s=Security(lowest, scopes=())): ...
        """,
    "scheme": """
        scheme = HTTPBearer()
        def endpoint(q: Annotated[str, Security(scheme, scopes=['a'])], r=Depends(scheme)): ...
        """,
    "limit": """
        def lowest(): ...
        def endpoint(q=Depends(lowest, max_concurrency=3), r=Depends(lowest, max_concurrency=1)): ...
        """,
    "lifetimes": """
        def lowest():
            yield
        def middle(low=Depends(lowest, scope='function')): ...
        def endpoint(q=Depends(middle, scope='request'), r=Depends(lowest), s=Depends(lowest, scope='function')): ...
        """,
    "outlived": """
        def lowest(): ...
        def middle(low=Depends(lowest, scope='function')):
            yield
        def endpoint(q=Depends(middle)): ...
        """,
    "outlived by an async instance": """
        def lowest(): ...
        class Middle:
            async def __call__(self, low=Depends(lowest, scope='function')):
                yield
        def endpoint(q=Depends(Middle(), scope='request')): ...
        """,
    "not outlived": """
        def lowest(): ...
        def middle(low=Depends(lowest, scope='function')):
            yield
        def endpoint(q=Depends(middle, scope='function')): ...
        """,
    "refused below": """
        def lowest(q: Annotated[int, Query(3)]): ...
        def endpoint(q=Depends(lowest)): ...
        """,
    "path of a dependency": """
        def lowest(q: int, r: str = 'r'): ...
        def endpoint(low=Depends(lowest)): ...
        """,
    "bodies": """
        def lowest(item: Item): ...
        def endpoint(low=Depends(lowest), other: Item = None): ...
        """,
    "forward": """
        def endpoint(later: 'Later', q: 'Undefined | None' = Depends(lambda: 3), r: 'list[Item]' = None): ...
        class Later(pydantic.BaseModel):
            x: int
        """,
    "undefined in the return annotation": "def endpoint(q: 'int', r: 'Annotated[Item, Body()]') -> 'Undefined': ...",
    "none as text": "def endpoint(q: 'None' = None): ...",
    "of an asynchronous class": """
        class Db:
            def __init__(self, q: int): ...
            def __call__(self, other: str): ...
        def endpoint(q=Depends(Db)): ...
        """,
    "a marker of a subclass": """
        class Mine(params.Query): ...
        class MyDepends(params.Depends): ...
        def endpoint(q: Annotated[int, Mine(ge=2)], r: int = Mine(3), s=MyDepends(lambda a: 1)): ...
        """,
    "one marker for several": """
        marker = Query(ge=2)
        def endpoint(q: Annotated[int, marker], r: Annotated[int, marker] = 3): ...
        """,
}


@pytest.mark.parametrize("path", ["/", "/{q}", "/{a}/{b}"])
@pytest.mark.parametrize("source", DEPENDENCIES.values(), ids=DEPENDENCIES)
def test_dependencies(source: str, path: str) -> None:
    is_alike(source, path)


@pytest.mark.parametrize("source", DEPENDENCIES.values(), ids=DEPENDENCIES)
def test_dependencies_whose_annotations_are_text(source: str) -> None:
    is_alike(source, "/", postponed=True)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement came with Python 3.12")
@pytest.mark.parametrize(
    "declared",
    ["type Alias = int | None", "type Alias = Annotated[int, Query(ge=2)]", "type Alias = list[Item]",
     "type Alias = Annotated[Plain, Depends()]", "type Inner = int\ntype Alias = Inner"],
)  # fmt: skip
def test_aliases_of_the_type_statement(declared: str) -> None:
    is_alike(f"{declared}\ndef endpoint(q: Alias, r: Alias = 3): ...", "/")


def test_a_dependency_wins_over_a_marker_as_its_default() -> None:
    is_alike("def endpoint(q: Annotated[int, Depends(lambda: 1)] = Query()): ...", "/")


def test_an_outcome_is_worth_comparing() -> None:
    read: Any = outcome(MARTLET, "def endpoint(q: Annotated[int, Query(ge=2, alias='Q')] = 3): ...")

    [query] = read["query_params"]
    assert query["core"]["default"] == 3
    assert query["core"]["schema"]["ge"] == 2
    assert (query["name"], query["alias"], query["is_required"]) == ("q", "Q", False)
