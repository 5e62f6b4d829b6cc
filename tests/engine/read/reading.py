"""One signature, read by Martlet and by genuine FastAPI, and what either of them made of it as data to compare.

A signature is source text, so that each framework's own markers stand in it. Types are shared: they are defined here.
"""

import __future__

import datetime as dt
import inspect
import re
import typing
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import partial
from types import GenericAlias
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypedDict, TypeVar, Union

import annotated_types
import pydantic
from pydantic import AfterValidator, AliasChoices, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field, Json, Tag
from starlette.requests import HTTPConnection
from typing_extensions import TypeAliasType

from tests.engine.declare.frameworks import GENUINE, Framework
from tests.engine.declare.frameworks import MARTLET as MARTLET

T = TypeVar("T")


class Item(BaseModel):
    name: str
    price: float = 1.5


class Tagged(BaseModel):
    model_config = ConfigDict(title="Other", extra="forbid")
    kind: Literal["tagged"] = "tagged"
    tags: list[str] = []
    inner: Item | None = None


class Page(BaseModel, Generic[T]):
    items: list[T]


class Filters(BaseModel):
    model_config = ConfigDict(extra="forbid")
    limit: int = Field(10, gt=0)
    tag_names: list[str] = []
    by: str | None = Field(None, alias="order-by")


@dataclass
class Data:
    x: int
    y: str = "y"


class Typed(TypedDict):
    x: int


class Pair(NamedTuple):
    x: int
    y: int


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Plain:
    """A class that pydantic has no schema for."""

    def __init__(self, q: str = "own", item: Item | None = None) -> None:
        self.q = q


class Own:
    """A class with a schema of its own, which makes its generic alias a structured value."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return handler(str)

    def __class_getitem__(cls, argument: Any) -> Any:
        return GenericAlias(cls, (argument,))


Named = TypeAliasType("Named", Annotated[int, Field(gt=2)])
Names = TypeAliasType("Names", list[str])

SHARED: dict[str, Any] = {
    **{each.__name__: each for each in (Item, Tagged, Page, Filters, Data, Typed, Pair, Color, Plain, Own)},
    **{each.__name__: each for each in (AfterValidator, AliasChoices, AliasPath, BeforeValidator, Tag, ConfigDict)},
    **{each.__name__: each for each in (Decimal, Enum, deque, partial, Iterable, Mapping, Sequence, HTTPConnection)},
    "Named": Named,
    "Names": Names,
    "Field": Field,
    "Json": Json,
    "dt": dt,
    "uuid": uuid,
    "at": annotated_types,
    "Any": Any,
    "Annotated": Annotated,
    "Literal": Literal,
    "Optional": Optional,
    "Union": Union,
    "Callable": Callable,
    "pydantic": pydantic,
}

FASTAPI = GENUINE
FRAMEWORKS = (MARTLET, FASTAPI)


TOP = (
    *("Path", "Query", "Header", "Cookie", "Body", "Form", "File", "Depends", "Security", "UploadFile"),
    *("Request", "Response", "WebSocket", "BackgroundTasks"),
)


def namespace(framework: Framework) -> dict[str, Any]:
    """Return the names that a signature may use."""
    top = {name: getattr(framework, name) for name in TOP}
    return {
        **SHARED,
        **top,
        "SecurityScopes": framework.module("security").SecurityScopes,
        "HTTPBearer": framework.module("security").HTTPBearer,
        "Param": framework.module("params").Param,
        "params": framework.module("params"),
    }


def defined(framework: Framework, source: str, *, name: str = "endpoint", postponed: bool = False) -> Any:
    """Execute `source` with a framework's names and return what it defines; `postponed`: annotations stay text."""
    names = namespace(framework)
    flags = __future__.annotations.compiler_flag if postponed else 0
    code = compile(inspect.cleandoc(source), "<signature>", "exec", flags=flags, dont_inherit=True)
    exec(code, names)
    return names[name]


def read(framework: Framework, call: Callable[..., Any], path: str = "/", **said: Any) -> Any:
    """Return a framework's Dependant of a callable."""
    return framework.module("dependencies.utils").get_dependant(path=path, call=call, **said)


def outcome(framework: Framework, source: str, path: str = "/", *, postponed: bool = False) -> Any:
    """Return what a framework makes of a signature: what it read, or the sentence with which it refuses."""
    call = defined(framework, source, postponed=postponed)
    try:
        return told(read(framework, call, path))
    except Exception as refused:
        kinds = [kind.__name__ for kind in KINDS if isinstance(refused, kind)]
        return "refused", kinds, in_either(str(refused).splitlines()[0])


# What code catches: Martlet's errors have names of their own, and derive from these where FastAPI's are these.
KINDS: tuple[type[Exception], ...] = (AssertionError, TypeError, ValueError)
LISTS = ("path_params", "query_params", "header_params", "cookie_params", "body_params")
INJECTED = ("request", "websocket", "http_connection", "response", "background_tasks", "security_scopes")


def told(dependant: Any) -> dict[str, Any]:
    """Return all that a tree of Dependants says, as data that two frameworks can be compared by."""
    said = {name: [slot_told(slot) for slot in getattr(dependant, name)] for name in LISTS}
    said |= {name: getattr(dependant, f"{name}_param_name") for name in INJECTED}
    said |= {
        name: getattr(dependant, name)
        for name in ("name", "own_oauth_scopes", "parent_oauth_scopes", "use_cache", "path", "scope")
    }
    said["call"] = plain(dependant.call)
    said["limit"] = dependant.concurrency and dependant.concurrency.max_concurrency
    said["dependencies"] = [told(each) for each in dependant.dependencies]
    return {name: value for name, value in said.items() if value not in (None, [])}


OF_INFO = (
    *("is_required", "default", "default_factory", "alias", "alias_priority", "validation_alias"),
    *("serialization_alias", "title", "description", "examples", "discriminator", "deprecated", "json_schema_extra"),
    *("validate_default", "metadata", "annotation", "in_", "embed", "media_type", "convert_underscores"),
    *("include_in_schema", "openapi_examples"),
)


def slot_told(slot: Any) -> dict[str, Any]:
    """Return all that a slot says."""
    info = slot.field_info
    said = {name: getattr(info, name, None) for name in OF_INFO}
    said["is_required"] = info.is_required()
    said |= {name: getattr(slot, name) for name in ("name", "mode", "config")}
    said |= {name: getattr(slot, f"{name}alias") for name in ("", "validation_", "serialization_")}
    said["slot_default"] = slot.default
    said["marker"] = type(info).__name__
    said["core"] = slot._type_adapter.core_schema
    return {name: plain(value) for name, value in said.items() if value is not None}


def plain(value: Any) -> Any:
    """Return a value with classes and functions by their names: the frameworks have some of their own."""
    if isinstance(value, Mapping):
        # The frame of the adapter's making is no part of what it does.
        return {key: plain(each) for key, each in value.items() if key not in ("ref", "schema_ref", "cls_name")}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return sorted(map(repr, map(plain, value)))
    if isinstance(value, partial):
        return "partial", plain(value.func), plain(value.args), plain(value.keywords)
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, (str, int, float)):
        return value
    name = getattr(value, "__qualname__", None)
    if isinstance(name, str) and not typing.get_args(value):
        return in_either(name)
    return in_either(repr(value))


def in_either(text: str) -> str:
    """Return a text without what only one framework could say."""
    for ours, theirs in (("martlet.", "fastapi."), ("form_as_fields", "_normalize_form_model")):
        text = text.replace(ours, theirs)
    return re.sub(" at 0x[0-9a-f]+", "", text)
