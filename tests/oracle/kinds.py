"""Kinds of values: how a type is written, and what may be sent for it, well or badly.

Values come from pools rather than from the whole type: the pools hold what parsers are known to disagree on (signs,
spaces, underscores, Unicode digits, exponents, borderline dates), which chance would hardly meet.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

# Sent for anything: as a text where texts are sent, as a JSON value elsewhere.
HOSTILE_TEXTS = (
    *("", " ", "null", "None", "\u00e9", "\u65e5\u672c", "a,b", "a b", "a+b", "a&b=c", "a;b", "%", "%41", "#", "?"),
    *("1e400", "NaN", "-Infinity", "-0", "\u0661\u0662", "1_000", "0x1f", "\x00", "[1]", "{}", "'", '"', "\\"),
    *("true", "on", "yes", "x" * 300, "9" * 400),
)
HOSTILE_JSON: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e300, 10**25, "", " ", "x", "1", "null", "\u00e9", "\U0001f426", [], {}, [[]]),
    *([None], {"": 1}, {"a": {"b": [1, 2]}}, [1, "2", None], "2020-02-30", -0.0, "\x00"),
)


def one_in(draw: st.DrawFn, count: int) -> bool:
    """Draw true once in so many times."""
    return draw(st.integers(1, count)) == 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A type, and what to send for it.

    Args:
        text: the annotation's source.
        texts: strategy for what fits where texts are sent (path, query, headers, cookies, forms).
        wrong_texts: the same for what does not fit.
        json: strategy for fitting JSON.
        wrong_json: the same for JSON that does not fit.
        defaults: sources of Python values that may stand as default.
        limits: sources of keyword arguments that constrain it.
        many: several texts may be sent: it is a list, a set or a tuple.
    """

    text: str
    texts: SearchStrategy[str]
    wrong_texts: SearchStrategy[str]
    json: SearchStrategy[Any]
    wrong_json: SearchStrategy[Any]
    defaults: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    many: bool = False


def scalar(
    text: str,
    texts: Sequence[str],
    wrong: Sequence[str],
    json: Sequence[Any] = (),
    defaults: Sequence[str] = (),
    limits: Sequence[str] = (),
) -> Kind:
    """Make a kind from pools; what fits as text fits as a JSON string as well."""
    return Kind(
        text=text,
        texts=st.sampled_from(texts),
        wrong_texts=st.sampled_from([*wrong, *HOSTILE_TEXTS]),
        json=st.sampled_from([*json, *texts]),
        wrong_json=st.sampled_from([*wrong, *HOSTILE_JSON]),
        defaults=tuple(defaults),
        limits=tuple(limits),
    )


NUMBER_LIMITS = ("gt=2", "ge=0, le=100", "lt=10", "multiple_of=2", "gt=-5, lt=50")
TEXT_LIMITS = ("min_length=2", "max_length=4", "min_length=1, max_length=6", 'pattern="^[a-z]+$"', 'pattern="b"')
MOMENTS = ("2024-02-29T12:30:00Z", "2024-02-29 12:30", "2024-02-29T12:30:00.123456+02:00", "1709210000", "2024-02-29")

INT = scalar(
    "int",
    ["7", "0", "-3", "+5", " 8 ", "42", "3.0"],
    ["x", "1.5", "1e3"],
    [7, 0, -3, 3.0, 42],
    ["3", "0"],
    NUMBER_LIMITS,
)
FLOAT = scalar(
    "float", ["1.5", "7", "-0.25", "1e3", ".5"], ["x", "1.5.2"], [1.5, 7, -0.25], ["1.5", "0.0"], NUMBER_LIMITS
)
STR = scalar("str", ["abc", "b", "Hello", "x y", "\u00fc\u00df"], [], ["abc", "b"], ["'abc'", "''"], TEXT_LIMITS)
BOOL = scalar("bool", ["true", "0", "off", "Yes", "1"], ["2", "maybe", "TRUEE"], [True, False, 0, 1], ["True", "False"])
UUID = scalar(
    "UUID", ["12345678-1234-5678-1234-567812345678", "{12345678123456781234567812345678}"], ["1234", "z" * 32]
)
DATE = scalar(
    "date", ["2024-02-29", "1709164800", "2024-02-29T00:00:00"], ["2024-02-30", "29.2.2024", "2024-02-29T01:00"]
)
DATETIME = scalar("datetime", MOMENTS, ["2024-13-01", "noon", "2024-02-29T25:00"], [1709210000, 1.5])
TIME = scalar("time", ["12:30", "12:30:59.5", "12:30Z"], ["25:00", "noon"], [3600])
TIMEDELTA = scalar("timedelta", ["P1DT2H", "00:30:00", "-PT5S", "3 days"], ["P", "soon"], [90, 1.5])
DECIMAL = scalar(
    "Decimal",
    ["1.50", "7", "-0.10", "1E+2"],
    ["x", "1,5"],
    [1.5, 7],
    ['Decimal("1.50")'],
    (*NUMBER_LIMITS, "max_digits=4, decimal_places=2"),
)
COLOR = scalar("Color", ["red", "deep blue"], ["RED", "green"], [], ["Color.red"])
LEVEL = scalar("Level", ["1", "2"], ["3", "low"], [1, 2], ["Level.low"])
CHOICE = scalar('Literal["a", "b", 3]', ["a", "b"], ["c", "3"], [3], ["'a'"])
INT_OR_STR = scalar("int | str", ["7", "abc", "1.5"], [], [7, "7", "abc"], ["3", "'abc'"])
DATE_OR_STR = scalar("date | str", ["2024-02-29", "abc"], [], ["2024-02-29"])
BOOL_OR_INT = scalar("bool | int", ["1", "true", "5"], ["x"], [True, 1, 5])
STRICT = scalar("StrictInt", ["7"], ["x", "1.0"], [7, True, 7.0])
BYTES = scalar("bytes", ["abc", "\u00fc"], [], [])
URL = scalar("HttpUrl", ["https://example.com", "http://a.b/c?d=e#f"], ["example.com", "ftp://x"])
ADDRESS = scalar("IPv4Address", ["127.0.0.1"], ["1.2.3", "::1"], [2130706433])
SECRET = scalar("SecretStr", ["hush"], [], ["hush"])
ANY = scalar("Any", ["abc", "7"], [], [1, None, {"a": [1.5]}])

PLAIN = (INT, STR, FLOAT, BOOL)
RICH = (UUID, DATE, DATETIME, TIME, TIMEDELTA, DECIMAL, COLOR, LEVEL, CHOICE, URL, ADDRESS)
UNIONS = (INT_OR_STR, DATE_OR_STR, BOOL_OR_INT, STRICT)


def scalars() -> SearchStrategy[Kind]:
    """Draw a kind that one text can carry, the plain ones most often."""
    return st.one_of(st.sampled_from(PLAIN), st.sampled_from(PLAIN), st.sampled_from(RICH), st.sampled_from(UNIONS))


def optional(kind: Kind) -> Kind:
    """Allow nothing as well."""
    return Kind(
        text=f"{kind.text} | None",
        texts=kind.texts,
        wrong_texts=kind.wrong_texts,
        json=st.one_of(kind.json, st.none()),
        wrong_json=kind.wrong_json,
        defaults=("None", *kind.defaults),
        limits=kind.limits,
        many=kind.many,
    )


def several(kind: Kind, container: str) -> Kind:
    """Make it a `list`, `set`, `frozenset` or `tuple` of the kind."""
    empty = {"list": "[]", "tuple": "()", "set": "set()", "frozenset": "frozenset()"}[container]
    items = st.lists(kind.json, max_size=3)
    return Kind(
        text=f"{container}[{kind.text}{', ...' if container == 'tuple' else ''}]",
        texts=kind.texts,
        wrong_texts=kind.wrong_texts,
        json=items,
        wrong_json=st.one_of(st.lists(kind.wrong_json, min_size=1, max_size=2), kind.wrong_json),
        defaults=(empty,) if container == "list" else (),
        limits=("min_length=1", "max_length=2") if container in ("list", "set") else (),
        many=True,
    )


def mapping(kind: Kind) -> Kind:
    """Make it a `dict` with text keys."""
    keys = st.sampled_from(["a", "b", "_sa_x", "\u00fc", "a b"])
    return Kind(
        text=f"dict[str, {kind.text}]",
        texts=st.just("{}"),
        wrong_texts=kind.wrong_texts,
        json=st.dictionaries(keys, kind.json, max_size=3),
        wrong_json=st.one_of(st.dictionaries(keys, kind.wrong_json, min_size=1, max_size=2), kind.wrong_json),
    )


CONTAINERS = ("list", "list", "set", "tuple", "frozenset")


@st.composite
def parameter_kinds(draw: st.DrawFn) -> Kind:
    """Draw a kind for a parameter that is no body: a scalar or several of them, maybe optional."""
    kind = draw(scalars())
    if one_in(draw, 5):
        kind = several(kind, draw(st.sampled_from(CONTAINERS)))
    return optional(kind) if one_in(draw, 4) else kind


@st.composite
def body_kinds(draw: st.DrawFn, models: Sequence[Kind], depth: int = 2) -> Kind:
    """Draw a kind for what JSON can carry, preferring the models."""
    choice = draw(st.integers(0, 9))
    if choice < 5 and models:
        return draw(st.sampled_from(models))
    if choice < 7 and depth:
        inner = draw(body_kinds(models, depth - 1))
        wrapped = draw(st.sampled_from(["list", "list", "dict", "tuple", "optional"]))
        if wrapped == "dict":
            return mapping(inner)
        return optional(inner) if wrapped == "optional" else several(inner, wrapped)
    return draw(st.one_of(scalars(), st.sampled_from((SECRET, ANY))))
