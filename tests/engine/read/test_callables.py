"""What kind of callable something is, and its signature: FastAPI's classification is the oracle."""

import asyncio
import inspect
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial, wraps
from types import FunctionType
from typing import Annotated, Any, ForwardRef

import fastapi.dependencies.models as genuine
import fastapi.dependencies.utils as genuine_utils
import pytest

from martlet._engine.read.callables import (
    Identity,
    Kind,
    evaluated,
    is_generator,
    is_of_kind,
    kind_of,
    parameters_of,
    return_annotation,
    unwrap,
    without_partial,
)
from tests.ids import shown


def plain(a: int = 1) -> int:
    return a


async def coroutine(a: int = 1) -> int:
    return a


def generator(a: int = 1) -> Iterator[int]:
    yield a


async def async_generator(a: int = 1) -> AsyncIterator[int]:
    yield a


FUNCTIONS: dict[Kind, Any] = {
    Kind.PLAIN: plain,
    Kind.COROUTINE: coroutine,
    Kind.GENERATOR: generator,
    Kind.ASYNC_GENERATOR: async_generator,
}


def instance_of(function: Any) -> Any:
    def call(self: Any, a: int = 1) -> Any: ...

    made = type("Instance", (), {"__call__": wraps(function)(call)})
    return made()


def around(function: Any) -> Any:
    @wraps(function)
    def wrapper(*args: Any, **options: Any) -> Any: ...

    return wrapper


class Methods:
    def plain(self) -> None: ...
    async def coroutine(self) -> None: ...
    def generator(self) -> Iterator[None]:
        yield

    async def async_generator(self) -> AsyncIterator[None]:
        yield

    @classmethod
    async def of_class(cls) -> None: ...
    @staticmethod
    async def of_none() -> None: ...


class Unhashable:
    __hash__ = None  # type: ignore[assignment]  # how Python says that it has none

    async def __call__(self) -> None: ...


class Deep:
    """Its `__call__` is a partial, as some libraries make them."""

    __call__ = staticmethod(partial(coroutine))


marked = instance_of(plain)
marked._is_coroutine = getattr(asyncio.coroutines, "_is_coroutine", None)  # how Python 3.11 marks one


def lost(function: Any) -> Any:
    """A partial below a wrapper: FastAPI looks for coroutine functions among functions only."""
    return around(partial(function))


SHAPES: dict[str, Callable[[Any], Any]] = {
    "itself": lambda function: function,
    "partial": partial,
    "partial of a partial": lambda function: partial(partial(function), a=2),
    "instance": instance_of,
    "partial of an instance": lambda function: partial(instance_of(function)),
    "wrapped": around,
    "wrapped instance": lambda function: around(instance_of(function)),
    "wrapped partial": lost,
    "wrapped twice": lambda function: around(around(function)),
}
ODD = (
    *(Methods, Methods().plain, Methods().coroutine, Methods().generator, Methods().async_generator, Methods.of_class),
    *(Methods.of_none, partial(Methods().generator), Unhashable(), Deep(), Deep, marked, int, len, print, lambda: None),
    *(None, str.upper, partial(Methods), around(Methods), partial(int, base=2)),
)


def by_fastapi(call: Any) -> Kind:
    """Return how FastAPI would run a dependency."""
    if genuine._is_async_gen_callable(call):
        return Kind.ASYNC_GENERATOR
    if genuine._is_gen_callable(call):
        return Kind.GENERATOR
    return Kind.COROUTINE if genuine._is_coroutine_callable(call) else Kind.PLAIN


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_callable_is_of_the_kind_of_what_it_stands_for(shape: Callable[[Any], Any], kind: Kind) -> None:
    call = shape(FUNCTIONS[kind])

    assert kind_of(call) is by_fastapi(call)
    assert kind_of(call) is (Kind.PLAIN if shape is lost and kind is Kind.COROUTINE else kind)
    assert is_generator(call) is (kind in (Kind.GENERATOR, Kind.ASYNC_GENERATOR))


@pytest.mark.parametrize("call", ODD, ids=shown)
def test_odd_callables_are_of_fastapis_kind(call: Any) -> None:
    assert kind_of(call) is by_fastapi(call)


@pytest.mark.parametrize("outer", FUNCTIONS.values())
@pytest.mark.parametrize("inner", FUNCTIONS.values())
def test_a_function_around_one_of_another_kind_shows_both_faces(outer: Any, inner: Any) -> None:
    call = FunctionType(outer.__code__, outer.__globals__)
    vars(call)["__wrapped__"] = inner

    assert kind_of(call) is by_fastapi(call)
    assert is_of_kind(call, Kind.GENERATOR) is genuine._is_gen_callable(call)
    assert is_of_kind(call, Kind.COROUTINE) is genuine._is_coroutine_callable(call)


def test_kinds_are_kept_by_identity() -> None:
    class Equal:
        def __eq__(self, other: object) -> bool:
            return True

        def __hash__(self) -> int:
            return 1

    class Waits(Equal):
        async def __call__(self) -> None: ...

    class Works(Equal):
        def __call__(self) -> None: ...

    assert (kind_of(Waits()), kind_of(Works())) == (Kind.COROUTINE, Kind.PLAIN)
    assert Identity(plain) == Identity(plain) != Identity(coroutine)
    assert Identity(plain) != plain


def test_wrappers_are_taken_off() -> None:
    assert without_partial(partial(partial(plain, a=1), a=2)) is plain
    assert unwrap(partial(around(plain))) is plain
    assert unwrap(None) is None


class Described:
    def __init__(self, a: int, b: "str" = "b") -> None: ...
    def __call__(self, c: "int | None", *rest: "Undefined", **more: float) -> "list[int]": ...  # type: ignore[name-defined,empty-body]  # noqa: F821


def with_text(a: "int", b: "Annotated[Undefined, 1]", c: "None" = None, *, d=3) -> "Undefined":  # type: ignore[name-defined,no-untyped-def]  # noqa: F821
    ...


@pytest.mark.parametrize(
    "call",
    [plain, with_text, Described, Described(1), partial(with_text, 1), around(with_text), Described(1).__call__],
    ids=["function", "text", "class", "instance", "partial", "wrapped", "method"],
)  # fmt: skip
def test_signatures_are_evaluated_as_by_fastapi(call: Any) -> None:
    theirs = genuine_utils.get_typed_signature(call)

    assert repr(inspect.Signature(parameters_of(call))) == repr(theirs)
    assert repr(return_annotation(call)) == repr(genuine_utils.get_typed_return_annotation(call))


def test_a_missing_return_annotation_is_none() -> None:
    assert return_annotation(lambda: 3) is None


@pytest.mark.parametrize("text", ["int", "None", "list[int]", "Undefined", "list[Undefined]", "Annotated[int, 1]"])
def test_text_is_evaluated_as_by_fastapi(text: str) -> None:
    assert repr(evaluated(text, globals())) == repr(genuine_utils.get_typed_annotation(text, globals()))


def test_what_is_not_text_is_not_evaluated() -> None:
    assert evaluated(ForwardRef("int"), {}) == ForwardRef("int")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="came with Python 3.12")
def test_functions_can_be_marked_as_coroutine_functions() -> None:
    def starts(a: int = 1) -> Any:
        return coroutine(a)

    call = vars(inspect)["markcoroutinefunction"](starts)
    assert kind_of(call) is Kind.COROUTINE is by_fastapi(call)


def nothing() -> None: ...


def by_name(a: int, *, b: str = "b") -> None: ...


def by_place(a: int, /, b: str = "b") -> None: ...


def any_number(a: int, *args: int, **more: str) -> None: ...


def said_in_part(a, b: int = 1, c=None):  # type: ignore[no-untyped-def]  # what is read is what is not said
    inside = (a, b)
    return inside, c


def said_as_text(a: "int", b: "str" = "b") -> "bool":
    return bool(a) and bool(b)


async def awaited(a: int | None = None, b: Annotated[int, "said"] = 3) -> dict[str, int]:
    return {"a": a or b}


@pytest.mark.parametrize(
    "function",
    [nothing, by_name, by_place, any_number, said_in_part, said_as_text, awaited, lambda a, b=2: a + b],
    ids=shown,
)
def test_functions_that_nobody_wrapped_are_read_as_inspect_does(function: Any) -> None:
    signature = inspect.signature(function, eval_str=True)
    assert parameters_of(function) == list(signature.parameters.values())
    said = signature.return_annotation
    assert return_annotation(function) == (None if said is inspect.Signature.empty else said)


def test_a_signature_of_ones_own_counts() -> None:
    def function(a: int) -> int:
        return a

    vars(function)["__signature__"] = inspect.signature(by_name)
    assert parameters_of(function) == list(inspect.signature(by_name).parameters.values())
    assert return_annotation(function) is None
