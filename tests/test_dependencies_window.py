"""`martlet.dependencies` offers what packages take from `fastapi.dependencies`, and it does the same."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Annotated, Any

import fastapi.dependencies.models as genuine_models
import fastapi.dependencies.utils as genuine
import pytest
from pydantic import AliasChoices, BaseModel, Field
from pydantic_core import PydanticUndefined
from starlette.background import BackgroundTasks
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

import martlet.dependencies.models as our_models
import martlet.dependencies.utils as ours
from martlet.concurrency import DependencyConcurrency
from tests.engine.read.reading import FASTAPI, FRAMEWORKS, MARTLET, Item, defined, plain, read, told
from tests.ids import shown

pytestmark = pytest.mark.anyio

SIGNATURE = """
def low(a: int, token: Annotated[str | None, Header()] = None): ...
def model(filters: Annotated[Filters, Query()], again=Depends(low)): ...
def endpoint(a: int, c: Annotated[str, Cookie()], item: Item, one=Depends(low), two=Depends(model), b: str = 'b'): ...
"""


def both(source: str, path: str = "/") -> tuple[Any, Any]:
    """Return what each framework reads of a signature."""
    mine, theirs = (read(framework, defined(framework, source), path) for framework in FRAMEWORKS)
    return mine, theirs


# ------------------------------------------------------------------------------------------------------------- models


def plain_function() -> None: ...
async def coroutine() -> None: ...
def generator() -> Iterator[None]:
    yield


async def async_generator() -> AsyncIterator[None]:
    yield


CALLS = (plain_function, coroutine, generator, async_generator, None, Item, MARTLET.module("security").HTTPBearer())


@pytest.mark.parametrize("call", CALLS, ids=shown)
def test_callables_are_questioned_as_there(call: Any) -> None:
    for name in ("_is_gen_callable", "_is_async_gen_callable", "_is_coroutine_callable"):
        assert getattr(our_models, name)(call) is getattr(genuine_models, name)(call), name
    assert our_models._unwrapped_call(call) is genuine_models._unwrapped_call(call)


def test_answers_about_callables_are_kept() -> None:
    for name in ("gen", "async_gen", "coroutine"):
        cached = getattr(our_models, f"_is_{name}_callable_cached")
        cached.cache_clear()
        for _ in range(2):
            getattr(our_models, f"_is_{name}_callable")(coroutine)
        assert (cached.cache_info().hits, cached.cache_info().misses) == (1, 1)


def test_trees_are_questioned_as_there() -> None:
    scheme = MARTLET.module("security").HTTPBearer()
    mine = our_models.Dependant(call=scheme, own_oauth_scopes=["b"], parent_oauth_scopes=["a"])
    top = our_models.Dependant(call=generator, dependencies=[mine])

    assert our_models._get_oauth_scopes(dependant=mine) == ["a", "b"]
    assert our_models._uses_scopes(dependant=top, cache={})
    assert our_models._get_cache_key(dependant=mine) == (scheme, ("a", "b"), "")
    assert our_models._get_computed_scope(dependant=top) == "request"
    assert our_models._is_security_scheme(dependant=mine)
    assert our_models._get_security_scheme(dependant=mine) is scheme


def test_a_dependant_has_their_fields_in_their_order() -> None:
    assert our_models.Dependant.__dataclass_fields__.keys() == genuine_models.Dependant.__dataclass_fields__.keys()


# -------------------------------------------------------------------------------------------------------------- reading


def test_a_callable_is_read_as_it_is_used() -> None:
    limit = DependencyConcurrency(3)
    said: dict[str, Any] = {
        "name": "x",
        "own_oauth_scopes": ["a"],
        "parent_oauth_scopes": ["b"],
        "use_cache": False,
        "scope": "function",
    }
    source = "def endpoint(q: int, low=Security(lambda r: r, scopes=['c'])): ..."
    mine = read(MARTLET, defined(MARTLET, source), **said, concurrency=limit)
    theirs = read(FASTAPI, defined(FASTAPI, source), **said, concurrency=limit)

    assert told(mine) == told(theirs)
    assert mine.concurrency is limit


@pytest.mark.parametrize("depends", ["Depends(low, use_cache=False, scope='request')", "Security(low, scopes=['a'])"])
def test_a_dependency_of_a_decorator_is_read_as_there(depends: str) -> None:
    read_ = []
    for framework in FRAMEWORKS:
        marker = defined(framework, f"def low(a: int): ...\nfound = {depends}", name="found")
        utils = framework.module("dependencies.utils")
        read_.append(told(utils.get_parameterless_sub_dependant(depends=marker, path="/{a}")))

    assert read_[0] == read_[1]


def test_flat_parameters_are_theirs() -> None:
    mine, theirs = both(SIGNATURE, "/{a}")

    assert [(slot.name, slot.alias) for slot in ours.get_flat_params(mine)] == [
        (slot.name, slot.alias) for slot in genuine.get_flat_params(theirs)
    ]


def test_a_callable_that_cannot_be_hashed_has_flat_parameters() -> None:
    class Unhashable:
        __hash__ = None  # type: ignore[assignment]  # how Python says that it has none

        def __call__(self, q: int) -> None: ...

    assert [slot.name for slot in ours.get_flat_params(read(MARTLET, Unhashable()))] == ["q"]


def test_names_for_what_the_engine_does() -> None:
    mine, _ = both(SIGNATURE)

    assert ours.get_typed_signature(defined(MARTLET, "def endpoint(q: 'int'): ...")).parameters["q"].annotation is int
    assert ours.get_typed_annotation("None", {}) is None
    assert ours.get_typed_return_annotation(generator) == Iterator[None]
    assert ours.get_stream_item_type(Iterator[int]) is int
    assert ours._should_embed_body_fields(ours._get_flat_body_params(mine)) is False
    assert ours.multipart_not_installed_error == genuine.multipart_not_installed_error
    assert ours.multipart_incorrect_install_error == genuine.multipart_incorrect_install_error
    ours.ensure_multipart_is_installed()


def test_a_body_is_described_by_one_field() -> None:
    mine, _ = both("def endpoint(a: int = Body(), b: int = Body()): ...")
    field = ours._get_body_field(body_params=mine.body_params, name="id", embed_body_fields=True)

    assert field is not None
    made: Any = field.field_info.annotation
    assert (field.name, made.__name__) == ("body", "Body_id")
    assert ours._get_body_field(body_params=[], name="id", embed_body_fields=False) is None


# -------------------------------------------------------------------------------------------------------------- solving


class Provider:
    """What has overrides, as an app does."""

    def __init__(self, overrides: dict[Any, Any]) -> None:
        self.dependency_overrides = overrides


def scope(query: str = "", *, kind: str = "http") -> dict[str, Any]:
    return {
        "type": kind,
        "method": "GET",
        "path": "/",
        "path_params": {},
        "query_string": query.encode(),
        "headers": [(b"x-token", b"t"), (b"cookie", b"c=1")],
    }


async def solved(framework: Any, tree: Any, request: Any, **said: Any) -> Any:
    """Solve a signature with a framework, within its two stacks."""
    given = {"embed_body_fields": False, **said}
    async with AsyncExitStack() as inner, AsyncExitStack() as function:
        request.scope |= {"fastapi_inner_astack": inner, "fastapi_function_astack": function}
        made = framework.module("dependencies.utils").solve_dependencies(
            request=request, dependant=tree, async_exit_stack=inner, **given
        )
        return await made


SOLVED = """
trace = []
def low(q: int, x_token: Annotated[str, Header()]):
    trace.append('low')
    return q, x_token
async def middle(response: Response, tasks: BackgroundTasks, low=Depends(low)):
    response.headers['x'] = 'y'
    tasks.add_task(print)
    return low
def yields(low=Depends(low, use_cache=False)):
    yield 'yielded'
    trace.append('left')
def endpoint(request: Request, m=Depends(middle), y=Depends(yields), c: str = Cookie(), r: int = 3):
    return trace
"""


@pytest.mark.parametrize("query", ["q=1", "q=a", "q=1&r=b", ""])
async def test_a_signature_is_solved_as_there(query: str) -> None:
    outcomes = []
    for framework in FRAMEWORKS:
        endpoint = defined(framework, SOLVED)
        request = Request(scope(query))
        made = await solved(framework, read(framework, endpoint), request)
        assert made.values.pop("request", None) in (request, None)
        outcomes.append(
            {
                "values": plain({name: value for name, value in made.values.items() if not made.errors}),
                "errors": made.errors,
                "tasks": made.background_tasks and len(made.background_tasks.tasks),
                "headers": made.response.headers.items(),
                "status": made.response.status_code,
                "trace": endpoint(None),
                "cache": sorted((key[0].__name__, plain(value)) for key, value in made.dependency_cache.items()),
            }
        )

    assert outcomes[0] == outcomes[1]


async def test_a_websocket_is_solved_too() -> None:
    source = "def endpoint(socket: WebSocket, q: int): ..."
    for framework in FRAMEWORKS:
        socket = WebSocket(scope("q=1", kind="websocket"), receive=None, send=None)  # type: ignore[arg-type]  # not used
        made = await solved(framework, read(framework, defined(framework, source)), socket)
        assert made.values == {"socket": socket, "q": 1}


async def test_overrides_of_the_provider_count() -> None:
    for framework in FRAMEWORKS:
        endpoint = defined(framework, "def low(): ...\ndef endpoint(x=Depends(low)): ...\nendpoint.low = low")
        provider = Provider({endpoint.low: lambda: "instead"})
        request = Request(scope())
        made = await solved(framework, read(framework, endpoint), request, dependency_overrides_provider=provider)
        assert made.values == {"x": "instead"}
        assert made.dependency_cache == {(endpoint.low, (), ""): "instead"}


async def test_what_was_called_before_is_not_called_again() -> None:
    source = """
    def low(): return 'called'
    def endpoint(x=Depends(low), y=Depends(low, use_cache=False)): ...
    endpoint.low = low
    """
    for framework in FRAMEWORKS:
        endpoint = defined(framework, source)
        cache = {(endpoint.low, (), ""): "known"}
        made = await solved(framework, read(framework, endpoint), Request(scope()), dependency_cache=cache)
        assert made.values == {"x": "known", "y": "called"}
        assert made.dependency_cache is cache
        assert cache == {(endpoint.low, (), ""): "known"}


async def test_what_others_have_begun_goes_on() -> None:
    source = "def endpoint(response: Response, tasks: BackgroundTasks): ..."
    for framework in FRAMEWORKS:
        response, tasks = Response(), BackgroundTasks()
        tree = read(framework, defined(framework, source))
        made = await solved(framework, tree, Request(scope()), response=response, background_tasks=tasks)
        assert made.values == {"response": response, "tasks": tasks}
        assert (made.response, made.background_tasks) == (response, tasks)


@pytest.mark.parametrize("missing", ["fastapi_inner_astack", "fastapi_function_astack"])
async def test_a_request_without_stacks_is_refused(missing: str) -> None:
    for framework in FRAMEWORKS:
        tree = read(framework, defined(framework, "def endpoint(): ..."))
        request = Request(scope())
        async with AsyncExitStack() as stack:
            [present] = {"fastapi_inner_astack", "fastapi_function_astack"} - {missing}
            request.scope[present] = stack
            solving = framework.module("dependencies.utils").solve_dependencies(
                request=request, dependant=tree, async_exit_stack=stack, embed_body_fields=False
            )
            with pytest.raises(AssertionError, match=f"{missing} not found in request scope"):
                await solving
    assert issubclass(ours.NoExitStackError, RuntimeError)


@pytest.mark.parametrize("query", ["a=1&b=2&b=3&limit=4", "a=x", ""])
def test_values_of_a_query_are_theirs(query: str) -> None:
    source = "def endpoint(a: int, b: list[str] = Query([]), f: Annotated[Filters | None, Query()] = None): ..."
    mine, theirs = both(source)
    carried = QueryParams(query)

    assert ours.request_params_to_args(mine.query_params, carried) == genuine.request_params_to_args(
        theirs.query_params, carried
    )


BODIES: tuple[tuple[str, Any, bool], ...] = (
    ("item: Item", {"name": "n"}, False),
    ("item: Item", {}, False),
    ("item: Item, q: int = Body(3)", {"item": {"name": "n"}, "q": "4"}, True),
    ("item: Item, q: int = Body(3)", [], True),
    ("item: Item, q: int = Body(3)", PydanticUndefined, True),
    ("item: Annotated[Item, Form()]", FormData([("name", "n")]), False),
    ("q: int = Form(), r: str = Form('x')", FormData([("q", "1")]), True),
)


@pytest.mark.parametrize(("signature", "body", "embed"), BODIES)
async def test_values_of_a_body_are_theirs(signature: str, body: Any, embed: bool) -> None:
    mine, theirs = both(f"def endpoint({signature}): ...")

    assert await ours.request_body_to_args(mine.body_params, body, embed) == await genuine.request_body_to_args(
        theirs.body_params, body, embed
    )


async def test_a_file_is_read_without_being_used_up() -> None:
    from io import BytesIO

    file: Annotated[Any, "either framework's"] = MARTLET.UploadFile(BytesIO(b"content"))
    await file.read(3)

    assert await ours._read_file_bytes(file) == b"tent"
    assert await file.read() == b"tent"


# --------------------------------------------------------------------------------------------------------------- forms


class Choices(BaseModel):
    one: int = Field(1, validation_alias=AliasChoices("one", "eins"))
    many: list[str] = []


class Open(Choices, extra="allow"):
    pass


FORMS: tuple[list[tuple[str, Any]], ...] = (
    *([], [("eins", "2")], [("one", ""), ("many", "a"), ("many", "b")], [("else", "3"), ("else", "4")]),
)


def as_list(items: Any) -> list[Any]:
    return [(name, value, field and field.name) for name, value, field in items]


@pytest.mark.parametrize("model", [Choices, Open])
@pytest.mark.parametrize("form", FORMS, ids=str)
async def test_forms_are_read_as_there(model: type[BaseModel], form: list[tuple[str, Any]]) -> None:
    """Cadwyn reads forms by these names, to hand them on to the newest version of an app."""
    sent = FormData(form)
    found = []
    for module in (ours, genuine):
        fields: Any = module.get_cached_model_fields(model)
        found.append(
            (
                as_list(module._extract_form_items(fields, sent)),
                as_list([each async for each in module._extract_form_body(fields, sent)]),
                [module._get_multidict_value(field, sent, field.name) for field in fields],
                [module.get_validation_alias(field) for field in fields],
                [module._get_param_aliases(field, convert_underscores=True) for field in fields],
                module._is_form_model_supplied(model, sent),
                module._normalize_form_model(dict(form), model=model),
            )
        )
    assert found[0] == found[1]


def test_form_models_are_told_from_fields() -> None:
    mine, theirs = both("def endpoint(a: Annotated[Item, Form()], b: Annotated[int, Form()]): ...")
    told_of = [
        [len(module._get_form_models(field)) for field in read_.body_params]
        for module, read_ in ((ours, mine), (genuine, theirs))
    ]
    assert told_of == [[1, 0], [1, 0]]
