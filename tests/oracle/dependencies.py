"""Dependencies: functions, generators, classes and instances, nested, shared, scoped, secured; each logs its turns."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.oracle.kinds import Kind, one_in, scalar
from tests.oracle.models import Model
from tests.oracle.parameters import Input, Parameter, Place, lists

BEARER = scalar("str", ["Bearer tok", "bearer a b"], ["Bearer", "Bearer ", "Basic dTpw", "tok"])
BASIC = scalar(
    "str", ["Basic dTpw", "basic w7w6", "Basic dTo="], ["Basic", "Basic !!", "Basic dQ==", "Basic /w==", "x"]
)
OTHER = scalar("str", ["Digest a", "digest b=c", "Bearer tok"], ["Digest", "x"])
KEYS = scalar("str", ["key", "k y"], [])
SCOPES = 'scopes={"read": "r", "write": "w"}'
# A scheme, where its credentials are sent, under which name, and what they look like.
SCHEMES: tuple[tuple[str, Place, str, Kind], ...] = (
    ('APIKeyHeader(name="X-Key")', "header", "X-Key", KEYS),
    ('APIKeyQuery(name="key")', "query", "key", KEYS),
    ('APIKeyCookie(name="key", description="d")', "cookie", "key", KEYS),
    ('HTTPBearer(bearerFormat="JWT")', "header", "Authorization", BEARER),
    ('HTTPBasic(scheme_name="own")', "header", "Authorization", BASIC),
    ('HTTPBasic(realm="r")', "header", "Authorization", BASIC),
    ('HTTPDigest(description="d")', "header", "Authorization", OTHER),
    (f'OAuth2PasswordBearer(tokenUrl="token", {SCOPES})', "header", "Authorization", BEARER),
    ('OAuth2(flows={"implicit": {"authorizationUrl": "/a"}})', "header", "Authorization", OTHER),
    ('OAuth2AuthorizationCodeBearer("/a", "/t", refreshUrl="/r")', "header", "Authorization", BEARER),
    ('OpenIdConnect(openIdConnectUrl="/openid")', "header", "Authorization", OTHER),
)
SCOPE_LISTS = ('["read"]', '["write"]', '["read", "write"]', "[]")
# What a dependency does besides returning.
DEEDS = (
    *("", "", "", "", "", ""),
    'raise HTTPException(403, {"why": "no"}, headers={"X-Why": "no"})',
    'raise Oops("in a dependency")',
)


@dataclass(frozen=True, slots=True)
class Dependency:
    """A drawn dependency.

    Args:
        name: what `Depends` is given.
        text: its source.
        inputs: what a request may send for it and for those below it.
        models: the models that its parameters brought along.
    """

    name: str
    text: str
    inputs: tuple[Input, ...]
    models: tuple[Model, ...]


@st.composite
def used(draw: st.DrawFn, target: Dependency, name: str) -> Parameter:
    """Draw a parameter that is filled from a dependency."""
    options = draw(st.sampled_from(("", "", "", ", use_cache=False", ', scope="function"', ', scope="request"')))
    call = f"Depends({target.name}{options})"
    if one_in(draw, 4):
        call = f"Security({target.name}, scopes={draw(st.sampled_from(SCOPE_LISTS))})"
    text = f"{name}: Annotated[Any, {call}]" if one_in(draw, 2) else f"{name}: Any = {call}"
    return Parameter(name, text, f"repr({name})", target.inputs)


@st.composite
def injected(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Draw what the framework hands in: (parameter, a line that uses it)."""
    return draw(
        st.lists(
            st.sampled_from(
                [
                    ("response: Response", "response.headers['X-Set'] = 'yes'; response.set_cookie('seen', '1')"),
                    ("response: Response", "response.status_code = 202"),
                    ("request: Request", "LOG.append(f'{request.method} {request.url.path}')"),
                    ("tasks: BackgroundTasks", "tasks.add_task(LOG.append, 'task')"),
                    ("scopes: SecurityScopes", "LOG.append(scopes.scope_str)"),
                    ("connection: HTTPConnection", "LOG.append(connection.scope['type'])"),
                ]
            ),
            max_size=2,
            unique_by=lambda pair: pair[0],
        )
    )


@st.composite
def dependencies(draw: st.DrawFn, number: int, earlier: Sequence[Dependency]) -> Dependency:
    """Draw one dependency, which may use those before it."""
    name = f"dep{number}"
    if one_in(draw, 4):
        scheme, place, key, kind = draw(st.sampled_from(SCHEMES))
        required = not one_in(draw, 3)
        call = scheme if required else f"{scheme[:-1]}, auto_error=False)"
        return Dependency(name, f"{name} = {call}", (Input(place, key, kind, required=required),), ())
    parameters = draw(lists((), 10 + number, most=2))
    for at, other in enumerate(draw(st.lists(st.sampled_from(earlier), max_size=2)) if earlier else []):
        parameters.append(draw(used(other, f"{name}_{at}")))
    handed = draw(injected())
    signature = ", ".join([*(each.text for each in parameters), *(text for text, _ in handed)])
    lines = [line for _, line in handed]
    deed = draw(st.sampled_from(DEEDS))
    value = f"[{', '.join([repr(name), *(each.echo for each in parameters)])}]"
    form = draw(st.sampled_from((_function, _coroutine, _generator, _generator, _async_generator, _class, _instance)))
    return Dependency(
        name=name,
        text="\n".join(form(name, f"*, {signature}" if signature else "", lines, deed, value)),
        inputs=tuple(sent for each in parameters for sent in each.inputs),
        models=tuple(each.group for each in parameters if each.group),
    )


def _function(name: str, signature: str, lines: list[str], deed: str, value: str) -> list[str]:
    body = [f"LOG.append('{name}')", *lines, *([deed] if deed else []), f"return {value}"]
    return [f"def {name}({signature}) -> Any:", *(f"    {line}" for line in body)]


def _coroutine(name: str, signature: str, lines: list[str], deed: str, value: str) -> list[str]:
    first, *rest = _function(name, signature, lines, deed, value)
    return [f"async {first}", *rest]


def _generator(name: str, signature: str, lines: list[str], deed: str, value: str) -> list[str]:
    inner = [f"yield {value}", *([deed] if deed else [])]
    return [
        f"def {name}({signature}) -> Any:",
        f"    LOG.append('enter {name}')",
        *(f"    {line}" for line in lines),
        "    try:",
        *(f"        {line}" for line in inner),
        "    except Exception as error:",
        f"        LOG.append('{name} ' + kind_of(error))",
        "        raise",
        "    finally:",
        f"        LOG.append('exit {name}')",
    ]


def _async_generator(name: str, signature: str, lines: list[str], deed: str, value: str) -> list[str]:
    first, *rest = _generator(name, signature, lines, deed, value)
    return [f"async {first}", *rest]


def _class(name: str, signature: str, lines: list[str], deed: str, value: str) -> list[str]:
    body = [f"LOG.append('{name}')", *lines, *([deed] if deed else []), f"self.value = {value}"]
    arguments = f"self, {signature}" if signature else "self"
    return [
        f"class {name}:",
        f"    def __init__({arguments}) -> None:",
        *(f"        {line}" for line in body),
        "    def __repr__(self) -> str:",
        f"        return f'{name}({{self.value}})'",
    ]


def _instance(name: str, signature: str, lines: list[str], deed: str, value: str) -> list[str]:
    _, *rest = _function(name, signature, lines, deed, value)
    arguments = f"self, {signature}" if signature else "self"
    return [
        f"class Callable_{name}:",
        f"    async def __call__({arguments}) -> Any:",
        *(f"    {line}" for line in rest),
        f"{name} = Callable_{name}()",
    ]


@st.composite
def dependency_lists(draw: st.DrawFn) -> list[Dependency]:
    """Draw the dependencies of a program."""
    found: list[Dependency] = []
    for number in range(draw(st.sampled_from((0, 0, 1, 1, 2, 3)))):
        found.append(draw(dependencies(number, found)))
    return found


def with_all_below(dependency: Dependency) -> tuple[Input, ...]:
    """Return what a request may send for a dependency, each thing once."""
    return tuple(dict.fromkeys(dependency.inputs))
