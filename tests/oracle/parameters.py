"""Parameters of endpoints and dependencies, in every style, and what a request may send for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from hypothesis import strategies as st

from tests.oracle.kinds import STR, Kind, body_kinds, one_in, parameter_kinds, scalar, scalars
from tests.oracle.models import Model, group_models

Place = Literal["path", "query", "header", "cookie", "body", "form", "file"]

NAMES = ("q", "limit", "x_token", "item", "skip", "userId", "data", "flag")
MARKERS = {"query": "Query", "header": "Header", "cookie": "Cookie", "body": "Body", "form": "Form", "path": "Path"}
DOCUMENTED = (
    *('title="T"', 'description="what it is"', "deprecated=True", "include_in_schema=False", 'examples=["e", 1]'),
    *('openapi_examples={"one": {"summary": "s", "value": 1}}', "json_schema_extra={'x-y': 1}", 'description="a\\fb"'),
)


@dataclass(frozen=True, slots=True)
class Input:
    """Something that a request may send.

    Args:
        place: where it is sent.
        key: its name there; for a body that is the whole body, empty.
        kind: what it takes.
        required: requests without it are refused.
    """

    place: Place
    key: str
    kind: Kind
    required: bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Args:
        name: its name.
        text: its source in the signature.
        echo: the source of an expression that shows its value.
        inputs: what a request may send for it.
        group: the model that it brings along, if it is one of several values at once.
    """

    name: str
    text: str
    echo: str
    inputs: tuple[Input, ...]
    group: Model | None = None


def written(name: str, annotation: str, call: str, default: str | None, style: str) -> str:
    """Write a parameter in one of the two styles: `Annotated`, or the marker as default value."""
    if style == "annotated":
        return f"{name}: Annotated[{annotation}, {call}]" + ("" if default is None else f" = {default}")
    marker, _, arguments = call.partition("(")
    first = "..." if default is None else default
    return f"{name}: {annotation} = {marker}({first}, {arguments}".replace(", )", ")")


@st.composite
def arguments(draw: st.DrawFn, name: str, kind: Kind, place: Place) -> tuple[str, str]:
    """Draw a marker's arguments; return their source and the name on the wire."""
    found: list[str] = []
    key = name.replace("_", "-") if place == "header" else name
    if one_in(draw, 3) and place != "path":
        key = draw(st.sampled_from((name.upper(), f"{name}-x", "X-Shared")))
        found.append(f"{draw(st.sampled_from(('alias', 'alias', 'validation_alias')))}={key!r}")
    elif place == "header" and "_" in name and one_in(draw, 4):
        key = name
        found.append("convert_underscores=False")
    if kind.limits and not one_in(draw, 2):
        found.append(draw(st.sampled_from(kind.limits)))
    if one_in(draw, 4):
        found.append(draw(st.sampled_from(DOCUMENTED)))
    return ", ".join(found), key


@st.composite
def simple(draw: st.DrawFn, name: str, place: Place) -> Parameter:
    """Draw a parameter of path, query, headers, cookies or form fields."""
    kind = draw(scalars()) if place == "path" else draw(parameter_kinds())
    default = draw(st.sampled_from((None, *kind.defaults))) if kind.defaults and place != "path" else None
    styles = ["annotated", "annotated", "default"]
    if place in ("path", "query") and not kind.many:
        styles += ["bare", "bare"]
    style = draw(st.sampled_from(styles))
    if style == "bare":
        text = f"{name}: {kind.text}" + ("" if default is None else f" = {default}")
        return Parameter(name, text, name, (Input(place, name, kind, default is None),))
    given, key = draw(arguments(name, kind, place))
    text = written(name, kind.text, f"{MARKERS[place]}({given})", default, style)
    return Parameter(name, text, name, (Input(place, key, kind, default is None),))


@st.composite
def grouped(draw: st.DrawFn, name: str, place: Place, number: int) -> Parameter:
    """Draw a parameter that is a model of several values."""
    model = draw(group_models(f"Group{number}"))
    inputs = tuple(
        Input(place, field.key.replace("_", "-") if place == "header" else field.key, field.kind, field.required)
        for field in model.fields
    )
    style = draw(st.sampled_from(("annotated", "default")))
    text = written(name, model.name, f"{MARKERS[place]}()", None, style)
    return Parameter(name, text, name, inputs, model)


@st.composite
def bodies(draw: st.DrawFn, taken: Sequence[str], models: Sequence[Kind]) -> list[Parameter]:
    """Draw what reads the body: one parameter, an embedded one, or several."""
    names = [name for name in ("item", "user", "importance") if name not in taken]
    count = draw(st.sampled_from((1, 1, 1, 2, 3)))
    drawn: list[tuple[str, Kind, str, str | None, str]] = []
    for name in names[:count]:
        kind = draw(body_kinds(models))
        default = draw(st.sampled_from((None, None, *kind.defaults))) if kind.defaults else None
        bare = any(kind.text.startswith((model.text, f"list[{model.text}")) for model in models)
        style = draw(st.sampled_from(("bare", "annotated", "default") if bare else ("annotated", "default")))
        extra = draw(st.sampled_from(("", "", "", "embed=True", 'title="B"', 'media_type="application/vnd.x+json"')))
        drawn.append((name, kind, style, default, extra))
    embedded = len(drawn) > 1 or any("embed" in extra and style != "bare" for _, _, style, _, extra in drawn)
    found = []
    for name, kind, style, default, extra in drawn:
        text = f"{name}: {kind.text}" + ("" if default is None else f" = {default}")
        if style != "bare":
            text = written(name, kind.text, f"Body({extra})", default, style)
        found.append(Parameter(name, text, name, (Input("body", name if embedded else "", kind, default is None),)))
    return found


@st.composite
def forms(draw: st.DrawFn, taken: Sequence[str], number: int) -> list[Parameter]:
    """Draw what reads form fields and files."""
    names = [name for name in ("item", "user", "data") if name not in taken]
    if one_in(draw, 4):
        return [draw(grouped(names[0], "form", number))]
    if one_in(draw, 6):
        return [draw(passwords(names[0]))]
    found = []
    for name in names[: draw(st.integers(1, 2))]:
        if one_in(draw, 2):
            found.append(draw(simple(name, "form")))
        else:
            found.append(draw(uploads(name)))
    return found


@st.composite
def passwords(draw: st.DrawFn, name: str) -> Parameter:
    """Draw the form that OAuth2's password flow sends."""
    kind = draw(st.sampled_from(("OAuth2PasswordRequestForm", "OAuth2PasswordRequestFormStrict")))
    flow = scalar("str", ["password"], ["code"])
    scopes = scalar("str", ["read", "read write", ""], [])
    inputs = (
        Input("form", "grant_type", flow, required=kind.endswith("Strict")),
        Input("form", "username", STR, required=True),
        Input("form", "password", STR, required=True),
        Input("form", "scope", scopes, required=False),
        Input("form", "client_id", STR, required=False),
    )
    return Parameter(name, f"{name}: Annotated[{kind}, Depends()]", f"vars({name})", inputs)


@st.composite
def uploads(draw: st.DrawFn, name: str) -> Parameter:
    """Draw a parameter that takes one file or several."""
    text, echo = draw(
        st.sampled_from(
            [
                (f"{name}: UploadFile", f"[{name}.filename, {name}.content_type, {name}.size]"),
                (f"{name}: Annotated[bytes, File()]", f"len({name})"),
                (f"{name}: Annotated[UploadFile | None, File(description='d')] = None", f"{name} and {name}.filename"),
                (f"{name}: list[UploadFile]", f"[each.filename for each in {name}]"),
                (f"{name}: list[UploadFile] | None = None", f"{name} and [each.size for each in {name}]"),
                (f"{name}: UploadFile", f"[dict({name}.headers), {name}.file.read()]"),
                (f"{name}: bytes = File(max_length=5)", name),
                (f"{name}: Annotated[bytes | None, File()] = None", name),
                (f"{name}: Annotated[list[bytes], File()]", f"[len(each) for each in {name}]"),
            ]
        )
    )
    contents = st.sampled_from(("content", "", "\u00fc", "line\r\n--line", "1234567"))
    kind = Kind("file", contents, st.just(""), contents, st.just(None), many="list" in text)
    return Parameter(name, text, echo, (Input("file", name, kind, "= None" not in text),))


@st.composite
def lists(draw: st.DrawFn, taken: Sequence[str], number: int, most: int = 3) -> list[Parameter]:
    """Draw parameters other than the body's, named otherwise than those taken."""
    free = [name for name in NAMES if name not in taken]
    found: list[Parameter] = []
    for name in draw(st.lists(st.sampled_from(free), max_size=most, unique=True)):
        place: Place = draw(st.sampled_from(("query", "query", "query", "header", "cookie")))
        if one_in(draw, 10) and not any(each.group for each in found):
            found.append(draw(grouped(name, place, number)))
        else:
            found.append(draw(simple(name, place)))
    return found
