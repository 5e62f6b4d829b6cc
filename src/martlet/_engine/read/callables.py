"""What kind of callable an endpoint or a dependency is, and what its signature says once annotations are evaluated.

Partials and `functools.wraps` chains are looked through, and so is the `__call__` of an instance: whichever of them is
a coroutine function or a generator function decides, as in FastAPI.
"""

import asyncio
import inspect
import sys
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from typing import Any, ForwardRef

from typing_extensions import Format, evaluate_forward_ref

_is_coroutine_function: Callable[[Any], bool] = (
    inspect.iscoroutinefunction if sys.version_info >= (3, 13) else asyncio.iscoroutinefunction
)


class Kind(Enum):
    """How a callable is run."""

    PLAIN = "plain"
    COROUTINE = "coroutine"
    GENERATOR = "generator"
    ASYNC_GENERATOR = "async generator"


def without_partial(call: Any) -> Any:
    """Return the function under any number of `functools.partial`."""
    while isinstance(call, partial):
        call = call.func
    return call


def unwrap(call: Any) -> Any:
    """Return the function under partials and under decorators that used `functools.wraps`."""
    return inspect.unwrap(without_partial(call)) if call is not None else None


def kind_of(call: Any) -> Kind:
    """Return how `call` is run."""
    faces = list(_faces(call))
    # Async first: a decorator may put an async generator around a plain one.
    if any(map(inspect.isasyncgenfunction, faces)):
        return Kind.ASYNC_GENERATOR
    if any(map(inspect.isgeneratorfunction, faces)):
        return Kind.GENERATOR
    if any(map(_is_coroutine_function, faces)):
        return Kind.COROUTINE
    return Kind.PLAIN


def is_generator(call: Any) -> bool:
    """Whether `call` yields its value, so that something of it runs afterwards."""
    return kind_of(call) in (Kind.GENERATOR, Kind.ASYNC_GENERATOR)


def _faces(call: Any) -> Iterator[Any]:
    """Yield every function that `call` shows: itself, what it wraps, and the `__call__` of instances."""
    direct = (without_partial(call), unwrap(call))
    yield from (face for face in direct if not inspect.isclass(face))
    if call is None or inspect.isclass(direct[1]):
        return
    for owner in direct:
        method = getattr(owner, "__call__", None)  # noqa: B004 - the method itself is wanted
        if method is not None:
            yield without_partial(method)
            yield unwrap(method)


def typed_signature(call: Callable[..., Any]) -> inspect.Signature:
    """Return the signature of `call` with its annotations evaluated; names not defined yet stay forward references."""
    signature = _signature(call)
    namespace = getattr(inspect.unwrap(call), "__globals__", {})
    return signature.replace(
        parameters=[
            parameter.replace(annotation=evaluated(parameter.annotation, namespace))
            for parameter in signature.parameters.values()
        ],
        return_annotation=inspect.Signature.empty,
    )


def return_annotation(call: Callable[..., Any]) -> Any:
    """Return the evaluated return annotation; None where there is none."""
    annotation = _signature(call).return_annotation
    if annotation is inspect.Signature.empty:
        return None
    return evaluated(annotation, getattr(inspect.unwrap(call), "__globals__", {}))


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
