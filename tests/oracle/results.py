"""What endpoints do and answer: the lines behind the signature, and the options that go with them."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from tests.oracle.kinds import one_in
from tests.oracle.models import Model

VALUES = (
    *(
        "None",
        "1",
        '"text"',
        "[1, 2.5, None]",
        '{"a": {"b": [True]}}',
        "1.0",
        "{'x': Decimal('1.50')}",
        "{'ü': '\u65e5'}",
    ),
    *(
        "datetime(2024, 2, 29, 12, tzinfo=timezone.utc)",
        "[date(2024, 2, 29), time(1, 2)]",
        "timedelta(days=1, seconds=2.5)",
    ),
    *(
        "{Color.red: Level.low}",
        "(1, 2)",
        "{1: 2, None: 3, True: 4}",
        "UUID(int=5)",
        "b'bytes'",
        "[{'_sa_x': 1, 'b': None}]",
    ),
    *(
        "{'p': PurePosixPath('/a/b')}",
        "frozenset([3])",
        "deque([1])",
        "(x for x in (1, 2))",
        "float('inf')",
        "object()",
        "10**30",
    ),
    *(
        "SecretStr('s')",
        "Point(1, 2)",
        "[Point(1, 2)]",
        "1e16",
        "-0.0",
        '"<&>\\u2028"',
        "re.compile('a')",
        "{'e': ValueError('x')}",
    ),
)
RESPONSES = (
    'PlainTextResponse("plain")',
    'JSONResponse({"a": 1.5, "ü": None}, status_code=201, headers={"X-Own": "1"})',
    "Response(status_code=204)",
    'Response(b"raw", media_type="application/x-raw")',
    'HTMLResponse("<p>")',
    'RedirectResponse("/elsewhere?a=b c")',
    'StreamingResponse(iter([b"a", b"bc"]), media_type="text/plain")',
    'JSONResponse({"a": 1}, background=BackgroundTask(LOG.append, "own task"))',
)
ERRORS = (
    'HTTPException(404, "none")',
    "HTTPException(418)",
    'HTTPException(400, detail={"a": [1, None]}, headers={"X-Error": "1"})',
    "HTTPException(status_code=304)",
    'Oops("in the endpoint")',
    'RequestValidationError([{"loc": ("body", 1), "msg": "m", "type": "t"}])',
)
EVENTS = (
    'ServerSentEvent(data={"a": 1}, event="e", id="7", retry=5)',
    'ServerSentEvent(raw_data="r", comment="c")',
)
FILTERS = (
    *("response_model_exclude_unset=True", "response_model_exclude_none=True", "response_model_exclude_defaults=True"),
    *("response_model_by_alias=False", "response_model_include={'name', 'price'}", "response_model_exclude={'name'}"),
)
CLASSES = ("JSONResponse", "PlainTextResponse", "HTMLResponse")


@dataclass(frozen=True, slots=True)
class Result:
    """The end of an endpoint.

    Args:
        lines: its last lines.
        annotation: the return annotation's source, or nothing.
        options: sources of keyword arguments of the decorator.
        head: the keyword that the function has to begin with, if it matters.
    """

    lines: tuple[str, ...]
    annotation: str = ""
    options: tuple[str, ...] = ()
    head: str = ""


def echo(values: Sequence[tuple[str, str]]) -> str:
    """Write a dict that shows what the endpoint was given."""
    return "{" + ", ".join(f"{name!r}: {shown}" for name, shown in values) + "}"


@st.composite
def results(draw: st.DrawFn, values: Sequence[tuple[str, str]], models: Sequence[Model]) -> Result:
    """Draw how an endpoint ends.

    Args:
        draw: Hypothesis's.
        values: (name, expression) of what it was given.
        models: the program's models.
    """
    choice = draw(st.integers(0, 20))
    if choice > 15:
        return draw(streams(values, models))
    if choice < 6:
        annotation = draw(st.sampled_from(("", "", "", "dict[str, Any]", "Any")))
        return Result((f"return {echo(values)}",), annotation)
    if choice < 10 and models:
        return draw(through_model(values, models))
    if choice < 12:
        value = draw(st.sampled_from(VALUES))
        options = draw(st.sampled_from(((), (), (), ("response_class=ORJSONResponse",), ("response_model=None",))))
        return Result((f"return {value}",), options=options)
    if choice < 13:
        annotation = draw(st.sampled_from(("int", "list[float]", "str", "dict[str, int]", "datetime", "int | None")))
        return Result((f"return {draw(st.sampled_from(VALUES))}",), annotation)
    if choice < 15:
        annotation = draw(st.sampled_from(("", "Response")))
        return Result((f"return {draw(st.sampled_from(RESPONSES))}",), annotation)
    return Result((f"raise {draw(st.sampled_from(ERRORS))}",))


@st.composite
def streams(draw: st.DrawFn, values: Sequence[tuple[str, str]], models: Sequence[Model]) -> Result:
    """Draw an endpoint that yields what it answers: JSON lines, events, or raw pieces."""
    form = draw(st.sampled_from(("lines", "events", "events", "raw")))
    pieces = [echo(values), "1.5", "None", '{"a": [float("nan")]}', '"text\\nof two lines"']
    options: tuple[str, ...] = ()
    if form == "events":
        options = ("response_class=EventSourceResponse",)
        pieces += [
            'ServerSentEvent(data={"a": 1}, event="e", id="7", retry=5)',
            'ServerSentEvent(raw_data="r", comment="c")',
        ]
    elif form == "raw":
        options = ("response_class=StreamingResponse",)
        pieces = ['"piece"', 'b"bytes"', '"\u00fc"']
    head = draw(st.sampled_from(("async def", "def")))
    annotation = ""
    if models and form != "raw" and one_in(draw, 2):
        model = draw(st.sampled_from(models))
        pieces = [repr(draw(model.kind.json)), *pieces[:1]]
        annotation = f"{'AsyncIterable' if head == 'async def' else 'Iterable'}[{model.name}]"
    lines = [f"yield {piece}" for piece in draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=3))]
    if one_in(draw, 6):
        lines.append(f"raise {draw(st.sampled_from(ERRORS))}")
    return Result((*lines, "LOG.append('end of stream')"), annotation, options, head)


@st.composite
def through_model(draw: st.DrawFn, values: Sequence[tuple[str, str]], models: Sequence[Model]) -> Result:
    """Draw an answer that a model filters: a value of the endpoint's, or a dict made up for it."""
    model = draw(st.sampled_from(models))
    wrapped = draw(st.sampled_from(("{}", "{}", "{}", "list[{}]", "{} | None", "dict[str, {}]")))
    fitting = draw(model.kind.json)
    value = {"list[{}]": f"[{fitting!r}]", "dict[str, {}]": f"{{'k': {fitting!r}}}"}.get(wrapped, repr(fitting))
    names = [name for name, _ in values]
    if names and one_in(draw, 2):
        value = draw(st.sampled_from(names))
    elif one_in(draw, 5):
        value = repr(draw(model.kind.wrong_json))
    elif one_in(draw, 3) and "{" not in wrapped[1:-1]:
        value = f"{model.name}(**{fitting!r})"
    options = tuple(draw(st.lists(st.sampled_from(FILTERS), max_size=2, unique_by=lambda text: text.partition("=")[0])))
    text = wrapped.format(model.name)
    if one_in(draw, 2):
        return Result((f"return {value}",), text, options)
    return Result((f"return {value}",), "Any", (f"response_model={text}", *options))
