"""`jsonable_encoder` answers what FastAPI's does, to the letter and to the type."""

import datetime as dt
import sys
import types
import warnings
from collections import OrderedDict, UserDict, defaultdict, deque, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv6Network, ip_interface
from pathlib import Path, PureWindowsPath
from re import compile as pattern
from typing import Any
from unittest.mock import Mock
from uuid import UUID

import fastapi.encoders as genuine
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AnyUrl, BaseModel, Field, SecretBytes, SecretStr, field_serializer
from pydantic.dataclasses import dataclass as pydantic_dataclass
from pydantic.networks import NameEmail
from pydantic_core import PydanticUndefined, Url
from pydantic_extra_types.color import Color
from werkzeug.local import LocalProxy

from martlet import encoders as ours
from martlet.encoders import jsonable_encoder
from martlet.exceptions import PydanticV1NotSupportedError, UnencodableError


class Shade(Enum):
    DARK = "dark"
    ODD = ("a", 1)


class Number(IntEnum):
    ONE = 1


class Text(str):
    __slots__ = ()


class Octets(bytes):
    pass


class Moment(dt.datetime):
    pass


class Owner(BaseModel):
    name: str = Field(alias="Name")
    nick: str | None = None
    extras: dict[str, Any] = {"_sa_state": 1, "none": None}


class Pet(BaseModel):
    owner: Owner = Owner(Name="Ann")
    born: dt.date = dt.date(2020, 1, 2)
    shade: Shade = Shade.DARK

    @field_serializer("born")
    def _born(self, value: dt.date) -> str:
        return f"born {value}"


class OwnDump(BaseModel):
    """What it dumps is not what pydantic would."""

    def model_dump(self, **_: Any) -> Any:
        return [Owner(Name="Bo"), None, {"x": Shade.DARK}]


@dataclass
class Inner:
    x: int = 1
    _sa_y: int = 2
    when: dt.datetime = dt.datetime(2020, 1, 2, tzinfo=dt.UTC)


@dataclass
class Outer:
    inner: Inner = field(default_factory=Inner)
    listed: list[Any] = field(default_factory=lambda: [Inner(), Owner(Name="Ann"), None])
    mapped: dict[str, Any] = field(default_factory=lambda: {"a": Inner(), "b": None})
    none: None = None


@pydantic_dataclass
class Validated:
    x: int = 1


@dataclass
class Plain:
    shade: Shade = Shade.DARK


class WithItems:
    def __init__(self) -> None:
        self.a = 1
        self.b = Owner(Name="Ann")

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(vars(self).items())


class WithAttributes:
    def __init__(self) -> None:
        self.a = 1
        self._sa_b = 2
        self.c = [Shade.DARK, None]


class Slotted:
    __slots__ = ()


# Says of itself that it is of a class which is none; nor would a type checker have it.
OddClass: Any = type("OddClass", (), {"__class__": property(lambda _: "no class")})
Pair = namedtuple("Pair", "a b")  # noqa: PYI024 - the untyped one is what is encoded

VALUES: list[Any] = [
    None,
    True,
    1,
    1.5,
    float("inf"),
    "x",
    Text("x"),
    b"bytes",
    bytearray(b"ab"),
    Octets(b"ab"),
    Moment(2020, 1, 2, tzinfo=dt.UTC),
    PydanticUndefined,
    Shade.DARK,
    Shade.ODD,
    Number.ONE,
    Path("/a/b"),
    PureWindowsPath("a\\b"),
    dt.datetime(2020, 1, 2, 3, 4, tzinfo=dt.UTC),
    dt.date(2020, 1, 2),
    dt.time(1, 2),
    dt.timedelta(days=1, milliseconds=5),
    Decimal("1.0"),
    Decimal(7),
    Decimal("1E+3"),
    Decimal("Infinity"),
    UUID(int=5),
    IPv4Address("127.0.0.1"),
    IPv6Network("::/64"),
    ip_interface("127.0.0.1/8"),
    AnyUrl("https://example.com"),
    Url("https://example.com"),
    NameEmail("Ann", "ann@example.com"),
    SecretStr("s"),
    SecretBytes(b"s"),
    Color("blue"),
    pattern("a.b"),
    [1, (2, {3}), frozenset({4}), deque([5])],
    Pair(1, [Owner(Name="Ann")]),
    {"a": 1, "_sa_b": 2, 3: None, None: 4, Shade.DARK: {"_sa_x": 1, "y": None}, 1.5: 2, dt.date(2020, 1, 2): 1},
    OrderedDict(a=defaultdict(int, b=1)),
    UserDict({"a": Owner(Name="Ann")}),
    types.MappingProxyType({"a": 1}),
    Owner(Name="Ann"),
    Owner(Name="Bo", nick="b"),
    Pet(),
    OwnDump(),
    {"pets": [Pet(), Pet(owner=Owner(Name="C"))]},
    Inner(),
    Outer(),
    Validated(),
    WithItems(),
    WithAttributes(),
    types.SimpleNamespace(a=1, b=Owner(Name="Ann"), _sa_c=3),
    LocalProxy(lambda: ["proxied", Owner(Name="Ann")]),
    LocalProxy(lambda: {"a": 1}),
    LocalProxy(Plain),
    Exception("a"),
    OddClass(),
    dt.datetime,
]
OPTIONS: list[dict[str, Any]] = [
    {},
    {"include": {"a", "owner", "inner", "Name", "x", "name"}},
    {"include": ["a", "name"]},
    {"include": {}},
    {"exclude": {"a", "owner", "inner", "x"}},
    {"exclude": ["b", "nick"]},
    {"exclude": {"owner": {"name"}}},
    {"include": {"a", "b", "owner", "x"}, "exclude": {"a"}},
    {"by_alias": False},
    {"exclude_unset": True},
    {"exclude_defaults": True},
    {"exclude_none": True},
    {"sqlalchemy_safe": False},
    {"custom_encoder": {Shade: lambda shade: shade.name}},
    {"custom_encoder": {str: str.upper, Inner: lambda _: "inner", Owner: lambda owner: owner.name}},
    {"custom_encoder": {dt.date: lambda _: "some date", dict: lambda d: sorted(map(str, d))}},
    {"custom_encoder": {}, "exclude_none": True, "exclude_unset": True, "by_alias": False, "exclude": {"x"}},
    {"custom_encoder": {int: lambda n: n + 1}, "include": {"a", "x"}, "exclude_none": True},
]


FAILURES = (AttributeError, TypeError, ValueError)


def outcome(encoder: Callable[..., Any], value: Any, options: dict[str, Any]) -> str:
    """What an encoder makes of a value, with the types of it; or the kind of its failure."""
    try:
        encoded = encoder(value, **options)
    except FAILURES as error:
        return f"failed: {next(kind.__name__ for kind in FAILURES if kind in type(error).__mro__)}"
    return typed(encoded)


def typed(value: Any) -> str:
    if type(value) is dict:
        return "{" + ", ".join(f"{typed(key)}: {typed(item)}" for key, item in value.items()) + "}"
    if type(value) is list:
        return "[" + ", ".join(map(typed, value)) + "]"
    return f"{type(value).__name__} {value!r}"


@pytest.mark.parametrize("options", OPTIONS, ids=[f"{n} {' '.join(each)}" for n, each in enumerate(OPTIONS)])
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_it_encodes_as_fastapi_does(value: Any, options: dict[str, Any]) -> None:
    assert outcome(jsonable_encoder, value, options) == outcome(genuine.jsonable_encoder, value, options)
    nested = {"k": [value, (value,)]}
    assert outcome(jsonable_encoder, nested, options) == outcome(genuine.jsonable_encoder, nested, options)


ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.decimals() | st.uuids()
KEYS = st.text(max_size=4) | st.integers() | st.just("_sa_x") | st.none()
TREES = st.recursive(
    ATOMS | st.sampled_from([Shade.DARK, Inner(), Outer(), Owner(Name="Ann"), WithAttributes()]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(value=TREES, options=st.sampled_from(OPTIONS))
def test_any_tree_is_encoded_as_fastapi_does(value: Any, options: dict[str, Any]) -> None:
    assert outcome(jsonable_encoder, value, options) == outcome(genuine.jsonable_encoder, value, options)


def test_a_generator_is_spent() -> None:
    assert jsonable_encoder({"a": (n for n in range(3))}) == {"a": [0, 1, 2]}


@pytest.mark.parametrize("value", [Slotted(), object(), 3j])
def test_what_holds_nothing_is_refused_with_advice(value: Any) -> None:
    with pytest.raises(ValueError, match="custom_encoder") as refused:
        jsonable_encoder(value)
    assert isinstance(refused.value, UnencodableError)
    with pytest.raises(ValueError) as theirs:  # noqa: PT011 - FastAPI's text is compared below
        genuine.jsonable_encoder(value)
    assert str(refused.value).startswith(str(theirs.value))


def test_the_class_of_a_dataclass_is_refused() -> None:
    for encoder in (jsonable_encoder, genuine.jsonable_encoder):
        with pytest.raises(AssertionError):
            encoder(Inner)


def test_a_dataclass_need_not_be_copied() -> None:
    """FastAPI copies deeply, and fails where that is impossible."""
    generator: Any = (n for n in (1, 2))
    assert jsonable_encoder(Outer(listed=generator))["listed"] == [1, 2]


def test_a_model_of_pydantic_1_is_refused() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        from pydantic import v1

    class Old(v1.BaseModel):
        name: str

    texts = []
    for encoder, error in (
        (jsonable_encoder, PydanticV1NotSupportedError),
        (genuine.jsonable_encoder, RuntimeError),
    ):
        with pytest.raises(error) as refused:
            encoder(Old(name="a"))
        texts.append(str(refused.value))
    assert texts[0] == texts[1]


def test_before_pydantic_1_was_imported_nothing_is_a_model_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pydantic.v1.main", raising=False)
    assert jsonable_encoder(types.SimpleNamespace(a=1)) == {"a": 1}


class Own:
    pass


def test_users_add_types_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jsonable_encoder(Own()) == {}
    monkeypatch.setitem(ours.ENCODERS_BY_TYPE, Own, lambda _: "own")
    assert jsonable_encoder([Own(), {"a": Own()}]) == ["own", {"a": "own"}]


def test_users_replace_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ours.ENCODERS_BY_TYPE, Decimal, str)
    assert jsonable_encoder(Decimal("1.50")) == "1.50"


def test_what_claims_to_be_another_class_is_taken_for_it() -> None:
    """As `isinstance` does."""
    mock: Any = Mock(spec=list)
    mock.__class__ = dict
    mock.items = lambda: [("a", 1)]
    mock.keys = lambda: ["a"]
    assert jsonable_encoder(mock) == genuine.jsonable_encoder(mock) == {"a": 1}


def test_the_table_of_kinds_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = ours._Kinds()
    monkeypatch.setattr(ours, "_KINDS", kinds)
    for n in range(5000):
        assert jsonable_encoder(type(f"T{n}", (str,), {})("x")) == "x"
    assert len(kinds) <= 4096


def test_colors_are_found_where_they_are_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [color.__module__ for color in ours._colors()] == ["pydantic.color", "pydantic_extra_types.color"]
    monkeypatch.setitem(sys.modules, "pydantic_extra_types.color", None)
    assert [color.__module__ for color in ours._colors()] == ["pydantic.color"]


def test_the_tables_have_what_fastapis_have() -> None:
    names = {each.__name__ for each in genuine.ENCODERS_BY_TYPE if each.__module__ != genuine.__name__}
    assert {each.__name__ for each in ours.ENCODERS_BY_TYPE} == names
    by_encoder = ours.generate_encoders_by_class_tuples({int: str, float: str, bytes: len})
    assert by_encoder == genuine.generate_encoders_by_class_tuples({int: str, float: str, bytes: len})
    assert ours.encoders_by_class_tuples[ours.isoformat] == (dt.date, dt.datetime, dt.time)
