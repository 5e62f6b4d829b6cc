"""Whole programs: endpoints on an app and its routers, as source text, with what can be asked of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.oracle.dependencies import SCOPE_LISTS, Dependency, dependency_lists, injected, used
from tests.oracle.kinds import Kind, one_in
from tests.oracle.models import Model, model_lists
from tests.oracle.parameters import Input, Parameter, bodies, forms, lists, simple
from tests.oracle.preamble import PREAMBLE
from tests.oracle.results import CLASSES, Result, results
from tests.oracle.websockets import HANDLERS as WEBSOCKET_HANDLERS
from tests.oracle.websockets import METHOD as WEBSOCKET
from tests.oracle.websockets import conversations

PATHS = (
    *("/items", "/items/", "/items/{item_id}", "/items/me", "/items/{item_id}/sub/{name}", "/files/{rest:path}"),
    *("/n/{number:int}", "/x-{item_id}.json", "/{item_id}", "/f/{number:float}", "/\u00fc/{name}", "/items/{name}/sub"),
)
PREFIXES = ("/api", "/api", "/v/{version}", "/a/b", "/items")
METHODS = ("get", "get", "get", "post", "post", "put", "patch", "delete", "options", "head", "trace")
OPTIONS = (
    *("status_code=201", "status_code=202", "status_code=204", 'tags=["one", "two"]', 'summary="S"', "deprecated=True"),
    *('description="D\\n\\n* list"', 'response_description="R"', 'operation_id="own"', "include_in_schema=False"),
    *('name="named"', "openapi_extra={'x-extra': {'a': [1]}, 'parameters': [{'in': 'query', 'name': 'z'}]}"),
    *(
        'responses={404: {"description": "none"}, "5XX": {"description": "bad"}}',
        "responses={200: {'description': 'O'}}",
    ),
    *("responses={422: {'description': 'own', 'content': {'application/json': {}}}}", "max_body_size=20"),
    *('form_limits={"max_fields": 1}', 'form_limits={"max_files": 1}', 'form_limits={"max_part_size": 3}'),
)
ROUTER_OPTIONS = (
    *('tags=["router"]', "deprecated=True", 'responses={418: {"description": "tea"}}', "include_in_schema=False"),
    *("default_response_class=ORJSONResponse", "generate_unique_id_function=lambda route: 'u-' + route.name"),
    *("redirect_slashes=False", "strict_content_type=False"),
)
INCLUDE_OPTIONS = (
    *('tags=["included"]', "deprecated=True", "include_in_schema=False", 'responses={400: {"description": "bad"}}'),
    "default_response_class=PlainTextResponse",
)
APP_OPTIONS = (
    *('title="Drawn"', 'version="2"', 'description="d"', "docs_url=None", "redirect_slashes=False"),
    *("strict_content_type=False", "separate_input_output_schemas=False", "default_response_class=ORJSONResponse"),
    *('openapi_tags=[{"name": "one"}]', 'servers=[{"url": "/s"}]', 'root_path="/root"', "openapi_url=None"),
    *('responses={500: {"description": "broken"}}', "generate_unique_id_function=lambda route: route.name"),
    *("debug=False", "max_body_size=40", 'license_info={"name": "MIT"}', 'contact={"name": "me"}'),
)
ON_OOPS = """
@app.exception_handler(Oops)
async def on_oops(request: Request, error: Oops) -> Any:
    return JSONResponse({"oops": str(error)}, status_code=409)
"""
ON_HTTP = """
@app.exception_handler(HTTPException)
def on_http(request: Request, error: HTTPException) -> Any:
    return PlainTextResponse(str(error.detail), status_code=error.status_code)
"""
ON_INVALID = """
@app.exception_handler(RequestValidationError)
async def on_invalid(request: Request, error: Any) -> Any:
    return JSONResponse({"at": [each["loc"] for each in error.errors()], "body": repr(error.body)}, status_code=400)
"""
MIDDLEWARE = """
@app.middleware("http")
async def mark(request: Request, call_next: Any) -> Any:
    response = await call_next(request)
    response.headers["X-Mark"] = "seen"
    return response
"""
HANDLERS = ("", "", "", ON_OOPS, ON_HTTP, ON_INVALID, MIDDLEWARE, *WEBSOCKET_HANDLERS)


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be asked.

    Args:
        method: upper-case.
        path: the whole template, prefixes included.
        inputs: what a request may send.
    """

    method: str
    path: str
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A drawn endpoint.

    Args:
        text: its source without the decorator.
        method: the decorator's name.
        path: its template.
        options: the decorator's keyword arguments.
        inputs: what a request may send.
        models: the models that its parameters brought along.
    """

    text: str
    method: str
    path: str
    options: tuple[str, ...]
    inputs: tuple[Input, ...]
    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """A drawn program.

    Args:
        source: its text, which names the framework as `fastapi`.
        operations: what can be asked of it.
    """

    source: str
    operations: tuple[Operation, ...]


@st.composite
def endpoints(draw: st.DrawFn, number: int, models: Sequence[Model], known: Sequence[Dependency]) -> Endpoint:
    """Draw one endpoint."""
    method = draw(st.sampled_from(METHODS))
    path = draw(st.sampled_from(PATHS))
    parameters: list[Parameter] = []
    undeclared = one_in(draw, 6)
    parameters += [] if undeclared else [draw(simple(name, "path")) for name in re.findall(r"{(\w+)", path)]
    parameters += draw(lists([each.name for each in parameters], number))
    taken = [each.name for each in parameters]
    if method in ("post", "put", "patch", "delete") and not one_in(draw, 5):
        kinds: list[Kind] = [model.kind for model in models]
        with_form = one_in(draw, 3)
        parameters += draw(forms(taken, 20 + number) if with_form else bodies(taken, kinds))
    if known and one_in(draw, 2):
        chosen = draw(st.lists(st.sampled_from(list(known)), min_size=1, max_size=2))
        parameters += [draw(used(dependency, f"given_{at}")) for at, dependency in enumerate(chosen)]
    handed = draw(injected())
    end: Result = draw(results([(each.name, each.echo) for each in parameters], models))
    signature = ", ".join([*(each.text for each in parameters), *(text for text, _ in handed)])
    head = end.head or draw(st.sampled_from(("async def", "async def", "def")))
    head = f"{head} endpoint{number}({'*, ' if signature else ''}{signature})"
    docstring = draw(st.sampled_from(("", "", "", '"""Say what it does.\n\n    More.\n    """')))
    body = [*([docstring] if docstring else []), "LOG.append('endpoint')", *(line for _, line in handed), *end.lines]
    options = [*draw(st.lists(st.sampled_from(OPTIONS), max_size=2, unique_by=lambda text: text.partition("=")[0]))]
    if one_in(draw, 10) and not any("response_class" in option for option in end.options):
        options.append(f"response_class={draw(st.sampled_from(CLASSES))}")
    options += draw(depending(known))
    return Endpoint(
        text="\n".join(
            [f"{head}{f' -> {end.annotation}' if end.annotation else ''}:", *(f"    {line}" for line in body)]
        ),
        method=method,
        path=path,
        options=(*options, *end.options),
        inputs=tuple(sent for each in parameters for sent in each.inputs),
        models=tuple(each.group for each in parameters if each.group),
    )


@st.composite
def depending(draw: st.DrawFn, known: Sequence[Dependency]) -> list[str]:
    """Draw the option that lets dependencies run for what they do; mostly none."""
    if not known or not one_in(draw, 5):
        return []
    scopes = draw(st.sampled_from((None, None, *SCOPE_LISTS)))
    call = f"Depends({known[0].name})" if scopes is None else f"Security({known[0].name}, scopes={scopes})"
    return [f"dependencies=[{call}]"]


@st.composite
def websocket_endpoints(draw: st.DrawFn, number: int, known: Sequence[Dependency]) -> Endpoint:
    """Draw one WebSocket endpoint."""
    path = draw(st.sampled_from(PATHS))
    parameters: list[Parameter] = [draw(simple(name, "path")) for name in re.findall(r"{(\w+)", path)]
    parameters += draw(lists([each.name for each in parameters], number))
    for at, dependency in enumerate(draw(st.lists(st.sampled_from(known), max_size=2)) if known else []):
        parameters.append(draw(used(dependency, f"given_{at}")))
    signature = ", ".join(["websocket: WebSocket", *(each.text for each in parameters)])
    lines = ["LOG.append('endpoint')", *draw(conversations([(each.name, each.echo) for each in parameters]))]
    named = ['name="named"'] if one_in(draw, 6) else []
    return Endpoint(
        text="\n".join([f"async def endpoint{number}(*, {signature}) -> Any:", *(f"    {line}" for line in lines)]),
        method=WEBSOCKET,
        path=path,
        options=(*named, *draw(depending(known))),
        inputs=tuple(sent for each in parameters for sent in each.inputs),
        models=tuple(each.group for each in parameters if each.group),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Something that endpoints are declared on.

    Args:
        name: the variable's name.
        prefix: what comes before its endpoints' paths.
        lines: the source that makes it.
        include: the source that includes it where it belongs; nothing for the app.
    """

    name: str
    prefix: str
    lines: tuple[str, ...]
    include: str = ""


@st.composite
def places(draw: st.DrawFn, known: Sequence[Dependency]) -> list[Place]:
    """Draw the app and its routers, each of which may be included in the one before it."""
    secured = [f"dependencies=[Depends({known[-1].name})]"] if known and one_in(draw, 6) else []
    options = draw(st.lists(st.sampled_from(APP_OPTIONS), max_size=2, unique_by=lambda text: text.partition("=")[0]))
    found = [Place("app", "", (f"app = FastAPI({', '.join([*secured, *options])})", draw(st.sampled_from(HANDLERS))))]
    for number in range(draw(st.sampled_from((0, 0, 0, 1, 1, 2)))):
        parent = found[-1] if one_in(draw, 2) else found[0]
        prefix = draw(st.sampled_from(PREFIXES))
        own = [f"prefix={prefix!r}", *draw(st.lists(st.sampled_from(ROUTER_OPTIONS), max_size=2, unique=True))]
        given = [f"router{number}", *draw(st.lists(st.sampled_from(INCLUDE_OPTIONS), max_size=1))]
        outer = draw(st.sampled_from(("", "", "/outer")))
        given += [f"prefix={outer!r}"] if outer else []
        given += draw(depending(known))
        found.append(
            Place(
                name=f"router{number}",
                prefix=f"{parent.prefix}{outer}{prefix}",
                lines=(f"router{number} = APIRouter({', '.join(own)})",),
                include=f"{parent.name}.include_router({', '.join(given)})",
            )
        )
    return found


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Draw a program of one to four endpoints."""
    models = draw(model_lists())
    known = draw(dependency_lists())
    declared = draw(places(known))
    drawn = [
        draw(websocket_endpoints(number, known) if one_in(draw, 5) else endpoints(number, models, known))
        for number in range(draw(st.integers(1, 4)))
    ]
    early = draw(st.booleans())
    groups = [model for one in known for model in one.models] + [model for one in drawn for model in one.models]
    blocks = [*(model.text for model in (*models, *groups)), *(each.text for each in known)]
    blocks += ["\n".join(line for line in place.lines if line) for place in declared]
    includes = [place.include for place in reversed(declared) if place.include]
    blocks += ["\n".join(includes)] if early and includes else []
    operations = []
    for endpoint in drawn:
        place = draw(st.sampled_from(declared))
        options = "".join(f", {option}" for option in endpoint.options)
        blocks.append(f"@{place.name}.{endpoint.method}({endpoint.path!r}{options})\n{endpoint.text}")
        inputs = (*endpoint.inputs, *(sent for each in known for sent in each.inputs))
        operations.append(
            Operation(endpoint.method.upper(), place.prefix + endpoint.path, tuple(dict.fromkeys(inputs)))
        )
    blocks += ["\n".join(includes)] if not early and includes else []
    return Program(PREAMBLE + "\n\n\n".join(["", *blocks]).lstrip("\n") + "\n", tuple(operations))
