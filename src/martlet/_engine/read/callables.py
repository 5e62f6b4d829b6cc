"""What kind of callable an endpoint or a dependency is, and what its signature says once annotations are evaluated.

Partials and `functools.wraps` chains are looked through, and so is the `__call__` of an instance: whichever of them is
a coroutine function or a generator function decides, as in FastAPI.
"""

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from functools import lru_cache, partial
from types import FunctionType, MethodType
from typing import Any, Final, ForwardRef, TypeGuard

from typing_extensions import Format, evaluate_forward_ref

_EMPTY: Final = inspect.Signature.empty
_BY_EITHER: Final = inspect.Parameter.POSITIONAL_OR_KEYWORD
_VARIADIC: Final = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS

_is_coroutine_function: Callable[[Any], bool] = (
    # Before 3.13 asyncio had a mark of its own for functions that return coroutines, which inspect does not know.
    inspect.iscoroutinefunction if sys.version_info >= (3, 13) else asyncio.iscoroutinefunction
)


class Kind(Enum):
    """How a callable is run."""

    PLAIN = "plain"
    COROUTINE = "coroutine"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"


def _is_coroutine_routine(face: Any) -> bool:
    # An instance may bear the mark as well; what counts of it is its `__call__`.
    return inspect.isroutine(face) and _is_coroutine_function(face)


# In the order in which they are looked for: a decorator may put an async generator around a plain one.
_TESTS: Final[dict[Kind, Callable[[Any], bool]]] = {
    Kind.ASYNC_GENERATOR: inspect.isasyncgenfunction,
    Kind.GENERATOR: inspect.isgeneratorfunction,
    Kind.COROUTINE: _is_coroutine_routine,
}
_FLAGS: Final[dict[Kind, int]] = {
    Kind.ASYNC_GENERATOR: inspect.CO_ASYNC_GENERATOR,
    Kind.GENERATOR: inspect.CO_GENERATOR,
    Kind.COROUTINE: inspect.CO_COROUTINE,
}


def without_partial(call: Any) -> Any:
    """Return the function under any number of `functools.partial`."""
    while isinstance(call, partial):
        call = call.func
    return call


def unwrap(call: Any) -> Any:
    """Return the function under partials and under decorators that used `functools.wraps`."""
    return inspect.unwrap(without_partial(call)) if call is not None else None


class Identity:
    """A callable as a key: by what it is, not by what it equals, and whether or not it can be hashed."""

    __slots__ = ("call",)

    def __init__(self, call: Any) -> None:
        self.call = call

    def __hash__(self) -> int:
        return id(self.call)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.call is other.call


def kind_of(call: Any) -> Kind:
    """Return how `call` is run."""
    return _kind_of(Identity(call))


def _is_bare(call: Any) -> TypeGuard[FunctionType]:
    """Whether `call` is a function that nobody has wrapped or marked, so that its code alone says what it is.

    PERF: `python -m bench.startup`: nearly all endpoints are, and `inspect` looks through much that they do not have.
    """
    return type(call) is FunctionType and not vars(call)


@lru_cache(maxsize=4096)  # each use of a dependency, in every route, asks several times
def _kind_of(call: Identity) -> Kind:
    if _is_bare(call.call):
        flags = call.call.__code__.co_flags
        return next((kind for kind, flag in _FLAGS.items() if flags & flag), Kind.PLAIN)
    return next((kind for kind in _TESTS if is_of_kind(call.call, kind)), Kind.PLAIN)


def is_of_kind(call: Any, kind: Kind) -> bool:
    """Whether `call` shows a face of that kind; the kind in force is for `kind_of` to say."""
    return any(map(_TESTS[kind], _faces(call)))


def is_generator(call: Any) -> bool:
    """Whether `call` yields its value, so that something of it runs afterwards."""
    return kind_of(call) in (Kind.GENERATOR, Kind.ASYNC_GENERATOR)


def is_generator_function(call: Any) -> bool:
    """Whether a call of `call` makes a plain generator and does nothing else, so that any thread may call it."""
    function = call.__func__ if type(call) is MethodType else call
    return type(function) is FunctionType and bool(function.__code__.co_flags & inspect.CO_GENERATOR)


def _faces(call: Any) -> Iterator[Any]:
    """Yield every function that `call` shows: itself, what it wraps, and the `__call__` of instances."""
    direct = (without_partial(call), unwrap(call))
    yield from direct
    if inspect.isclass(direct[1]):
        return
    for owner in direct:
        method = getattr(owner, "__call__", None)  # noqa: B004 - the method itself is wanted
        yield without_partial(method)
        yield unwrap(method)


def parameters_of(call: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of `call`, annotations evaluated; names not defined yet stay forward references."""
    plain = _plain_parameters(call) if _is_bare(call) else None
    if plain is not None:
        return plain
    parameters = list(_signature(call).parameters.values())
    if any(isinstance(each.annotation, str) for each in parameters):
        namespace = _namespace(call)
        return [each.replace(annotation=evaluated(each.annotation, namespace)) for each in parameters]
    return parameters


def _plain_parameters(function: FunctionType) -> list[inspect.Parameter] | None:
    """Return the parameters of a bare function as `inspect` would, or None where there is more to it than names.

    PERF: `python -m bench.startup`: most of the time that `inspect` takes is for all that a callable can be.
    """
    code, annotations = function.__code__, function.__annotations__
    if code.co_flags & _VARIADIC or code.co_kwonlyargcount or code.co_posonlyargcount:
        return None
    if any(isinstance(each, str) for each in annotations.values()):
        return None
    names, given = code.co_varnames[: code.co_argcount], function.__defaults__ or ()
    defaults = (_EMPTY,) * (len(names) - len(given)) + given
    return [
        inspect.Parameter(name, _BY_EITHER, default=default, annotation=annotations.get(name, _EMPTY))
        for name, default in zip(names, defaults, strict=True)
    ]


def return_annotation(call: Callable[..., Any]) -> Any:
    """Return the evaluated return annotation; None where there is none."""
    annotation: Any = call.__annotations__.get("return", _EMPTY) if _is_bare(call) else ""
    if isinstance(annotation, str):
        annotation = _signature(call).return_annotation
    if annotation is _EMPTY:
        return None
    return evaluated(annotation, _namespace(call))


def evaluated(annotation: Any, namespace: dict[str, Any]) -> Any:
    """Return what a string annotation names in `namespace`; other annotations come back as they are."""
    if not isinstance(annotation, str):
        return annotation
    value = evaluate_forward_ref(ForwardRef(annotation), globals=namespace, locals=namespace, format=Format.FORWARDREF)
    return None if value is type(None) else value


def _signature(call: Callable[..., Any]) -> inspect.Signature:
    try:
        return inspect.signature(call, eval_str=True)
    except NameError:
        return inspect.signature(call)


def _namespace(call: Callable[..., Any]) -> dict[str, Any]:
    namespace: dict[str, Any] = getattr(inspect.unwrap(call), "__globals__", {})
    return namespace
